import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import type { NewToken, Token } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { CopyButton } from "../shell/copy.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { SelectField, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useWords } from "../words/language.ts";

type Expiry = "d30" | "d90" | "d365" | "never";
const days: Record<Expiry, number | undefined> = { d30: 30, d90: 90, d365: 365, never: undefined };

/** Makes a token under this address, one's own or a service account's, and shows it this once. */
export function NewTokenDialog({ path, open, onClose, onMade }: { path: string; open: boolean; onClose: () => void; onMade: () => void }) {
  const words = useWords();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Token["scope"]>("read");
  const [expiry, setExpiry] = useState<Expiry>("d90");
  const make = useMutation({
    mutationFn: () => call<NewToken>(path, {
      method: "POST", body: { name: name.trim(), scope, ...(days[expiry] === undefined ? {} : { expiresInDays: days[expiry] }) },
    }),
    onSuccess: onMade,
  });
  const close = (): void => {
    make.reset();
    setName("");
    onClose();
  };
  if (make.data) {
    const example = `curl -H "Authorization: Bearer ${make.data.token}" ${location.origin}/api/v1/me`;
    return (
      <Dialog open={open} onClose={close} title={words.account.tokenMade} text={words.account.tokenOnce} wide>
        <div className="grid gap-4">
          <div className="flex items-center gap-2">
            <code className="grow block rounded-lg bg-paper-3 px-3 py-2.5 font-mono text-[0.86rem] break-all">{make.data.token}</code>
            <CopyButton text={make.data.token} />
          </div>
          <div>
            <p className="label">{words.account.example}</p>
            <pre className="rounded-lg bg-paper-2 border border-line px-3 py-2.5 font-mono text-[0.8rem] whitespace-pre-wrap break-all">{example}</pre>
          </div>
          <div className="text-right"><Button look="primary" onClick={close}>{words.actions.done}</Button></div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open={open} onClose={close} title={words.account.newToken} text={words.account.tokensText}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); make.mutate(); }}>
        <TextField label={words.account.tokenName} hint={words.account.tokenNameHint} value={name} onText={setName} maxLength={200} required autoFocus />
        <SelectField<Token["scope"]> label={words.account.scope} value={scope} onPick={setScope} options={(["read", "all"] as const).map((value) => ({ value, label: words.account.scopes[value] }))} />
        <SelectField<Expiry> label={words.account.expires} value={expiry} onPick={setExpiry} options={(["d30", "d90", "d365", "never"] as const).map((value) => ({ value, label: words.account.expiry[value] }))} />
        <ProblemNotice error={make.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={name.trim() === "" || make.isPending}>{words.account.createToken}</Button>
        </div>
      </form>
    </Dialog>
  );
}
