import type { ReactNode } from "react";
import type { AgreementName } from "../api/types.ts";
import { useLanguage, useWords } from "../words/language.ts";

/** Leads to a version of a document, or to what is different in it from an earlier one, in the language that is being read, beside what is being filled in here. */
export function DocumentLink({ kind, version, compare, children }: AgreementName & { compare?: number; children: ReactNode }) {
  const words = useWords();
  const language = useLanguage();
  return (
    <a className="prose-link" href={`/${kind}?version=${version}${compare === undefined ? "" : `&compare=${compare}`}&lang=${language}`} target="_blank" rel="noopener" title={words.agreements.newWindow}>{children}</a>
  );
}
