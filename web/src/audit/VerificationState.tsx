import { useQuery } from "@tanstack/react-query";
import { CopyButton } from "../shell/copy.tsx";
import { Notice } from "../shell/Notice.tsx";
import { Loaded } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { verificationData } from "./audit.ts";
import type { Verification } from "./audit.ts";

/** Whether the log fits all that was ever signed of it, and what one needs to hold it against that elsewhere. */
export function VerificationState() {
  const { team } = useSigned();
  const verification = useQuery(verificationData(team.id));
  return <div className="mb-6"><Loaded query={verification} lines={2}>{(found) => <Found found={found} />}</Loaded></div>;
}

function Found({ found }: { found: Verification }) {
  const words = useWords();
  const formats = useFormats();
  const { audit } = words;
  const { trouble } = found;
  return (
    <Notice tone={found.ok ? "good" : "bad"} title={found.ok ? audit.fits : audit.fitsNot} role="status">
      <p>{found.ok
        ? audit.fitsText(formats.number(found.size), found.at ? formats.dateTime(found.at) : "–")
        : `${audit.troubles[trouble?.kind ?? ""] ?? ""}${trouble?.event ? audit.firstTrouble(trouble.event) : ""}`}</p>
      <details className="mt-1.5 text-[0.88rem]">
        <summary className="text-ink-2">{audit.elsewhere}</summary>
        <p className="mt-2">{audit.elsewhereText}</p>
        <Keep label={audit.key} text={found.key} />
        {found.checkpoint ? <Keep label={audit.checkpoint} text={found.checkpoint} /> : null}
      </details>
    </Notice>
  );
}

function Keep({ label, text }: { label: string; text: string }) {
  return (
    <div className="mt-3">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1"><p className="label !mb-0 min-w-0">{label}</p><CopyButton text={text} /></div>
      <pre className="mt-1 rounded-lg bg-paper border border-line px-3 py-2 font-mono text-[0.78rem] whitespace-pre-wrap break-all">{text.trim()}</pre>
    </div>
  );
}
