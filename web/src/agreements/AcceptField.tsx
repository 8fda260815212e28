import { Fragment } from "react";
import type { AgreementName } from "../api/types.ts";
import { useWords } from "../words/language.ts";
import { DocumentLink } from "./DocumentLink.tsx";

/** The one box to tick before an account is made; the form is not sent without it. */
export function AcceptField({ asked }: { asked: AgreementName[] }) {
  const words = useWords();
  const { before, between, after } = words.agreements.accept;
  return (
    <label className="flex items-start gap-2.5 text-[0.93rem]">
      <input type="checkbox" name="accepted" required className="size-4 mt-1 shrink-0 accent-accent" />
      <span>
        {before}
        {asked.toReversed().map((one, at) => (
          <Fragment key={one.kind}>
            {at > 0 ? between : null}
            <DocumentLink {...one}>{words.agreements.kinds[one.kind] ?? one.kind}</DocumentLink>
            {words.agreements.inBrackets(words.agreements.version(one.version))}
          </Fragment>
        ))}
        {after}
      </span>
    </label>
  );
}
