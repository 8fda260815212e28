import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import { Button } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { CopyButton } from "../shell/copy.tsx";
import { useWords } from "../words/language.ts";

export interface AppSetup {
  secret: string;
  qr: string;
}

/** The secret for the app, and its first code. */
export function AppDialog({ setup, onClose, onAdded }: { setup: AppSetup | null; onClose: () => void; onAdded: (codes: string[] | null) => void }) {
  const words = useWords();
  return (
    <Dialog open={setup !== null} onClose={onClose} title={words.factors.scan} text={words.factors.scanText}>
      {setup ? <AppForm setup={setup} onClose={onClose} onAdded={onAdded} /> : null}
    </Dialog>
  );
}

function AppForm({ setup, onClose, onAdded }: { setup: AppSetup; onClose: () => void; onAdded: (codes: string[] | null) => void }) {
  const words = useWords();
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => call<{ recoveryCodes: string[] | null }>("/api/v1/me/factors/totp", { method: "POST", body: { code } }),
    onSuccess: ({ recoveryCodes }) => onAdded(recoveryCodes),
    onError: () => setCode(""),
  });
  return (
    <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); confirm.mutate(); }}>
      <img src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(setup.qr)}`} alt={words.factors.qr} width={208} height={208} className="mx-auto rounded-lg border border-line bg-white" />
      <div>
        <p className="label">{words.factors.secret}</p>
        <div className="flex items-center gap-2">
          <code className="grow rounded-lg bg-paper-3 px-3 py-2 font-mono text-[0.86rem] break-words">{setup.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
          <CopyButton text={setup.secret} />
        </div>
      </div>
      <TextField label={words.factors.firstCode} name="code" autoComplete="one-time-code" inputMode="numeric" autoFocus required maxLength={64} value={code} onText={setCode} className="font-mono tracking-wider" />
      <ProblemNotice error={confirm.error} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{words.actions.cancel}</Button>
        <Button type="submit" look="primary" disabled={code.trim() === "" || confirm.isPending}>{words.factors.turnOn}</Button>
      </div>
    </form>
  );
}
