import { useQuery } from "@tanstack/react-query";
import { teamAgreementsData } from "../agreements/data.ts";
import { Section } from "../shell/Page.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { useSigned } from "./team.tsx";

/** What the operator has noted of the team's own agreements; most teams have none, and then nothing is said of it. */
export function TeamAgreements() {
  const words = useWords();
  const formats = useFormats();
  const { team } = useSigned();
  const { data } = useQuery(teamAgreementsData(team.id));
  if (!data || data.items.length === 0) return null;
  return (
    <Section title={words.agreements.teamTitle} text={words.agreements.teamText}>
      <ul className="card divide-y divide-line">
        {data.items.map((one) => (
          <li key={one.id} className="px-4 py-3">
            <p className="font-medium">{one.title} {one.imported ? <span className="chip ml-1">{words.agreements.imported}</span> : null}</p>
            <p className="text-[0.86rem] text-ink-2">{words.agreements.agreedOn(formats.date(one.agreedOn))} · {words.agreements.reference}: {one.reference}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
