import { useWords } from "../words/language.ts";
import { Button } from "./Button.tsx";
import { ProblemNotice } from "./Notice.tsx";
import { Missing } from "./Page.tsx";

export const NotFound = () => <main><Missing /></main>;

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
