import { useQuery } from "@tanstack/react-query";
import { Loaded, Section } from "../shell/Page.tsx";
import { useFormats } from "../words/format.ts";
import { useLanguage, useWords } from "../words/language.ts";
import { DocumentLink } from "./DocumentLink.tsx";
import { acceptedData } from "./data.ts";

/** Which versions one has accepted, when and how. */
export function AcceptedSection() {
  const words = useWords();
  const language = useLanguage();
  const formats = useFormats();
  const accepted = useQuery(acceptedData);
  return (
    <Section title={words.agreements.yours} text={words.agreements.yoursText}>
      <Loaded query={accepted} lines={2}>
        {({ items }) =>
          items.length === 0 ? <p className="text-ink-2">{words.agreements.none}</p> : (
            <ul className="card divide-y divide-line">
              {items.map((one) => (
                <li key={`${one.kind}-${one.version}`} className="px-4 py-3">
                  <p className="font-medium"><DocumentLink kind={one.kind} version={one.version}>{one.title[language]}</DocumentLink> <span className="chip ml-1">{words.agreements.version(one.version)}</span></p>
                  <p className="text-[0.86rem] text-ink-2">{words.agreements.acceptedOn(formats.dateTime(one.acceptedAt))} · {words.agreements.methods[one.method]}</p>
                </li>
              ))}
            </ul>
          )}
      </Loaded>
    </Section>
  );
}
