import { Link } from "@tanstack/react-router";
import { useWords } from "../words/language.ts";
import { Button, buttonClass } from "./Button.tsx";
import { ProblemNotice } from "./Notice.tsx";
import { useTitle } from "./Page.tsx";

export function NotFound() {
  const words = useWords();
  useTitle(words.problem.missing.title);
  return (
    <div className="mx-auto max-w-[520px] px-4 py-20">
      <h1>{words.problem.missing.title}</h1>
      <p className="text-ink-2 mt-2 mb-6">{words.problem.missing.detail}</p>
      <Link to="/" className={buttonClass({ look: "primary" })}>{words.nav.home}</Link>
    </div>
  );
}

export function Broken({ error, reset }: { error: unknown; reset?: () => void }) {
  const words = useWords();
  return (
    <div className="mx-auto max-w-[640px] px-4 py-16">
      <ProblemNotice error={error} onRetry={reset}>
        <Button size="small" onClick={() => location.reload()}>{words.problem.reload}</Button>
      </ProblemNotice>
    </div>
  );
}

export function Pending() {
  const words = useWords();
  return (
    <div role="status" aria-label={words.state.loading} className="mx-auto w-full max-w-[1160px] px-6 py-10 grid gap-4">
      <div className="skeleton h-8 w-64 max-w-full" />
      <div className="skeleton h-4 w-96 max-w-full" />
      <div className="skeleton h-40 w-full mt-4" />
    </div>
  );
}
