import { asProblem } from "../api/api.ts";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

/** A refused rule is named as it is counted here. */
export function RuleTrouble({ error }: { error: unknown }) {
  const words = useWords();
  const formats = useFormats();
  if (!error) return null;
  const [, at] = /\/rules\/(\d+)\//.exec(asProblem(error).detail) ?? [];
  return <ProblemNotice error={error} {...(at === undefined ? {} : { heading: words.rules.rule(formats.number(Number(at) + 1)) })} />;
}
