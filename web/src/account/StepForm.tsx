import { useMutation } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { useState } from "react";
import type { ReactNode } from "react";
import { Button } from "../shell/Button.tsx";
import { PasswordField, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useWords } from "../words/language.ts";
import { knowsPasskeys, showPasskey } from "./passkey.ts";

export type Way = "password" | "totp" | "passkey" | "recovery";
/** What was shown, as the server takes it. */
export type Shown = { kind: "password"; password: string } | { kind: "totp" | "recovery"; code: string } | { kind: "passkey"; response: unknown };

interface StepFormProps {
  /** The best one first. */
  ways: Way[];
  /** Where options for a passkey are had. */
  optionsPath: string;
  act: string;
  onShown: (shown: Shown) => Promise<void>;
  /** Beside the button. */
  children?: ReactNode;
}

/** One field, or a passkey, to show who one is; the other ways are one press away. */
export function StepForm({ ways: all, optionsPath, act, onShown, children }: StepFormProps) {
  const words = useWords();
  const ways = all.filter((way) => way !== "passkey" || knowsPasskeys());
  const [way, setWay] = useState<Way>(ways[0] ?? "recovery");
  const [typed, setTyped] = useState("");
  const show = useMutation({
    async mutationFn() {
      if (way === "passkey") return await onShown({ kind: "passkey", response: await showPasskey(optionsPath, words) });
      await onShown(way === "password" ? { kind: "password", password: typed } : { kind: way, code: typed.trim() });
    },
    // A code that was refused is of no more use; a password may only want a letter changed.
    onError: () => { if (way !== "password") setTyped(""); },
  });
  const choose = (next: Way): void => {
    show.reset();
    setTyped("");
    setWay(next);
  };
  const others = ways.filter((one) => one !== way);
  const hint = words.factors.wayTexts[way] || undefined;
  return (
    <>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); show.mutate(); }}>
        {way === "passkey" ? <p className="text-[0.93rem] text-ink-2">{hint}</p>
          : way === "password" ? <PasswordField key={way} label={words.factors.ways[way]} name="password" autoComplete="current-password" autoFocus required value={typed} onText={setTyped} />
            : (
              <TextField
                key={way} label={words.factors.ways[way]} hint={hint} value={typed} onText={setTyped} autoFocus required maxLength={64} autoCapitalize="none" spellCheck={false}
                {...(way === "totp" ? { name: "code", autoComplete: "one-time-code", inputMode: "numeric" } : { name: "recovery", autoComplete: "off" })}
                className="font-mono tracking-wider"
              />
            )}
        <ProblemNotice error={show.error} />
        <div className="flex flex-wrap justify-end gap-2 [&>:last-child]:grow">
          {children}
          <Button type="submit" look="primary" icon={way === "passkey" ? <Fingerprint size={17} aria-hidden /> : null} disabled={show.isPending || (way !== "passkey" && typed.trim() === "")}>
            {way === "passkey" ? words.factors.usePasskey : act}
          </Button>
        </div>
      </form>
      {others.length > 0 ? (
        <div className="mt-5">
          <p className="text-[0.86rem] text-ink-2">{words.factors.other}</p>
          <div className="mt-1.5 flex flex-wrap gap-2">{others.map((one) => <Button key={one} size="small" onClick={() => choose(one)}>{words.factors.ways[one]}</Button>)}</div>
        </div>
      ) : null}
    </>
  );
}
