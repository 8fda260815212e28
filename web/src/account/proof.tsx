import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { asProblem, call } from "../api/api.ts";
import { factorsData } from "../api/data.ts";
import { Dialog } from "../shell/Dialog.tsx";
import { useWords } from "../words/language.ts";
import { StepForm } from "./StepForm.tsx";
import type { Way } from "./StepForm.tsx";

interface Waiting {
  proven: () => void;
  given: () => void;
}

/** The person closed the question: nothing was done, and there is nothing to say about it. */
export class NotProven extends Error {}

/** Asks again who the person is where the server wants it, and then does what was meant to be done. */
export function useProof(): { withProof: <T>(act: () => Promise<T>) => Promise<T>; dialog: ReactNode } {
  const words = useWords();
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const factors = useQuery(factorsData);
  const withProof = async <T,>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      if (asProblem(error).code !== "PROOF_NEEDED") throw error;
      await new Promise<void>((resolve, reject) => setWaiting({ proven: resolve, given: () => reject(new NotProven()) }));
      return await act();
    }
  };
  const ways: Way[] = ["password", ...(factors.data?.passkeys.length ? ["passkey" as const] : []), ...(factors.data?.totp ? ["totp" as const] : []), ...(factors.data?.recoveryCodesLeft ? ["recovery" as const] : [])];
  const dialog = (
    <Dialog open={waiting !== null} onClose={() => { waiting?.given(); setWaiting(null); }} title={words.factors.proofTitle} text={words.factors.proofText}>
      <StepForm
        ways={ways} optionsPath="/api/v1/me/proofs/options" act={words.factors.confirm}
        onShown={async (shown) => {
          await call("/api/v1/me/proofs", { method: "POST", body: shown });
          waiting?.proven();
          setWaiting(null);
        }}
      />
      <p className="mt-5 text-[0.86rem] text-ink-2">{words.factors.noPassword}</p>
    </Dialog>
  );
  return { withProof, dialog };
}

/** An error to be shown; what the person gave up is none. */
export const shownError = (error: unknown): unknown => (error instanceof NotProven ? null : error);
