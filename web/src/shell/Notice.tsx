import { Check, CircleAlert, Info } from "lucide-react";
import type { ReactNode } from "react";
import { asProblem } from "../api/api.ts";
import type { Problem } from "../api/api.ts";
import type { Words } from "../words/en.ts";
import { useFormats } from "../words/format.ts";
import { useLanguage, useWords } from "../words/language.ts";
import { Button } from "./Button.tsx";

const tones = {
  bad: { box: "border-bad/40 bg-bad-soft", icon: <CircleAlert size={18} className="text-bad" aria-hidden /> },
  good: { box: "border-good/40 bg-good-soft", icon: <Check size={18} className="text-good" aria-hidden /> },
  plain: { box: "border-line bg-paper-2", icon: <Info size={18} className="text-ink-2" aria-hidden /> },
};

export function Notice({ tone = "plain", title, children, role }: { tone?: keyof typeof tones; title?: string; children?: ReactNode; role?: "alert" | "status" }) {
  return (
    <div role={role} lang={useLanguage()} className={`flex gap-2.5 rounded-[9px] border px-3.5 py-3 ${tones[tone].box}`}>
      <span className="mt-[3px] shrink-0">{tones[tone].icon}</span>
      <div className="min-w-0 grow text-[0.93rem]">
        {title ? <p className="font-semibold">{title}</p> : null}
        {children}
      </div>
    </div>
  );
}

/** Title and detail of a problem, from the server or, where it has not said any, from here. */
export function sayProblem(problem: Problem, words: Words): { title: string; detail: string } {
  const own = words.problem;
  if (problem.code === "NETWORK") return own.network;
  if (problem.code === "BROKEN") return { title: own.broken.title, detail: problem.detail === "" ? own.broken.detail : `${own.broken.detail} (${problem.detail})` };
  if (problem.title !== "") return { title: problem.title, detail: problem.detail };
  return problem.status >= 500 ? own.server : problem.status === 404 ? own.missing : own.unknown;
}

/** What went wrong, where, and what to do; announced when it appears. */
export function ProblemNotice({ error, heading, onRetry, children }: { error: unknown; heading?: string; onRetry?: () => void; children?: ReactNode }) {
  const words = useWords();
  const formats = useFormats();
  if (!error) return null;
  const problem = asProblem(error);
  const { title, detail } = sayProblem(problem, words);
  const place = placeOf(problem, words, formats.number);
  return (
    <Notice tone="bad" title={heading ?? title} role="alert">
      {heading ? <p className="font-medium">{title}</p> : null}
      {detail ? <p className="whitespace-pre-line">{detail}</p> : null}
      {place ? <p className="text-ink-2 text-[0.88rem] mt-0.5">{words.problem.place}: {place}</p> : null}
      {problem.retryAfterSeconds ? <p>{words.problem.wait(formats.number(problem.retryAfterSeconds))}</p> : null}
      {onRetry || children ? (
        <div className="mt-2.5 flex flex-wrap gap-2">
          {onRetry ? <Button size="small" onClick={onRetry}>{words.actions.retry}</Button> : null}
          {children}
        </div>
      ) : null}
    </Notice>
  );
}

function placeOf(problem: Problem, words: Words, number: (value: number) => string): string {
  const { file, line, column } = problem;
  const at = line === undefined ? "" : column === undefined ? words.problem.lineOnly(number(line)) : words.problem.line(number(line), number(column));
  return [file, at].filter(Boolean).join(" · ");
}
