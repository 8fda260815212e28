import { call } from "../api/api.ts";
import { Button } from "../shell/Button.tsx";
import { useTitle } from "../shell/Page.tsx";
import { useWords } from "../words/language.ts";
import { StepForm } from "./StepForm.tsx";
import type { Way } from "./StepForm.tsx";

/** After the right password: the second step. */
export function SecondStep({ ways, onIn, onBack }: { ways: Way[]; onIn: () => Promise<void>; onBack: () => void }) {
  const words = useWords();
  useTitle(words.factors.second);
  return (
    <>
      <h1 tabIndex={-1}>{words.factors.second}</h1>
      <p role="status" className="text-ink-2 mt-1.5 mb-5">{words.factors.secondText}</p>
      <StepForm
        ways={ways} optionsPath="/api/v1/sessions/second-factor/options" act={words.account.signIn}
        onShown={async (shown) => {
          await call("/api/v1/sessions/second-factor", { method: "POST", body: shown });
          await onIn();
        }}
      />
      <div className="mt-6 grid gap-2 text-[0.93rem] text-ink-2">
        <p>{words.factors.lost}</p>
        <div><Button size="small" look="quiet" className="-ml-2.5" onClick={onBack}>{words.factors.startOver}</Button></div>
      </div>
    </>
  );
}
