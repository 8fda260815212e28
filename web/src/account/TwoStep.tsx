import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import { factorsData } from "../api/data.ts";
import type { Factors, Passkey } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { ConfirmDialog } from "../shell/Dialog.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, Section } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { AppDialog } from "./AppDialog.tsx";
import type { AppSetup } from "./AppDialog.tsx";
import { Passkeys } from "./Passkeys.tsx";
import { RecoveryCodes } from "./RecoveryCodes.tsx";
import { NotProven, shownError, useProof } from "./proof.tsx";

/** What protects the account beside its password. */
export function TwoStep() {
  const words = useWords();
  const factors = useQuery(factorsData);
  return (
    <div id="two-step">
      <Section title={words.factors.title} text={words.factors.text}>
        <Loaded query={factors} lines={3}>{(data) => <Ways factors={data} />}</Loaded>
      </Section>
    </div>
  );
}

type Removing = { kind: "app" } | { kind: "passkey"; passkey: Passkey };

function Ways({ factors }: { factors: Factors }) {
  const words = useWords();
  const client = useQueryClient();
  const { withProof, dialog } = useProof();
  const [setup, setSetup] = useState<AppSetup | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [removing, setRemoving] = useState<Removing | null>(null);
  const hasAny = factors.totp !== null || factors.passkeys.length > 0;
  const isLast = (factors.totp ? 1 : 0) + factors.passkeys.length === 1;
  const onChanged = async (made: string[] | null): Promise<void> => {
    if (made) setCodes(made);
    // The session has another id since, and a team that asks for a second factor opens or closes.
    await Promise.all(["factors", "me", "sessions"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
  const remove = async (): Promise<void> => {
    const path = removing?.kind === "passkey" ? `passkeys/${encodeURIComponent(removing.passkey.id)}` : "totp";
    await withProof(() => call(`/api/v1/me/factors/${path}`, { method: "DELETE" }));
    say(words.factors.done.removed);
    await onChanged(null);
  };
  return (
    <>
      {hasAny ? null : <p className="mb-3 text-[0.93rem] font-medium">{words.factors.off}</p>}
      <div className="card divide-y divide-line">
        <App factors={factors} withProof={withProof} onSetup={setSetup} onRemove={() => setRemoving({ kind: "app" })} />
        <Passkeys passkeys={factors.passkeys} withProof={withProof} onChanged={onChanged} onRemove={(passkey) => setRemoving({ kind: "passkey", passkey })} />
        {hasAny ? <Recovery factors={factors} withProof={withProof} onChanged={onChanged} /> : null}
      </div>
      <AppDialog setup={setup} onClose={() => setSetup(null)} onAdded={(made) => { setSetup(null); say(words.factors.done.added); void onChanged(made); }} />
      <ConfirmDialog
        open={removing !== null} onClose={() => setRemoving(null)} act={words.factors.remove} text={isLast ? words.factors.removeLast : words.factors.removeText}
        title={removing?.kind === "passkey" ? words.factors.removePasskeyTitle(removing.passkey.name) : words.factors.removeAppTitle}
        onConfirm={() => remove().catch((error: unknown) => { if (!(error instanceof NotProven)) throw error; })}
      />
      <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />
      {dialog}
    </>
  );
}

function App({ factors, withProof, onSetup, onRemove }: { factors: Factors; withProof: <T>(act: () => Promise<T>) => Promise<T>; onSetup: (setup: AppSetup) => void; onRemove: () => void }) {
  const words = useWords();
  const formats = useFormats();
  const start = useMutation({ mutationFn: () => withProof(() => call<AppSetup>("/api/v1/me/factors/totp/setup", { method: "POST" })), onSuccess: onSetup });
  return (
    <div className="px-4 py-3.5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="grow basis-[240px]">
          <p className="font-medium">{words.factors.app} {factors.totp ? <span className="chip ml-1">{words.factors.on}</span> : null}</p>
          <p className="text-[0.88rem] text-ink-2">{factors.totp ? words.factors.since(formats.date(factors.totp.createdAt)) : words.factors.appText}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button size="small" disabled={start.isPending} onClick={() => start.mutate()}>{factors.totp ? words.factors.replace : words.factors.setUp}</Button>
          {factors.totp ? <Button size="small" look="danger" aria-label={words.factors.removeOf(words.factors.app)} onClick={onRemove}>{words.factors.remove}</Button> : null}
        </div>
      </div>
      {shownError(start.error) ? <div className="mt-2.5"><ProblemNotice error={start.error} /></div> : null}
    </div>
  );
}

function Recovery({ factors, withProof, onChanged }: { factors: Factors; withProof: <T>(act: () => Promise<T>) => Promise<T>; onChanged: (codes: string[] | null) => Promise<void> }) {
  const words = useWords();
  const formats = useFormats();
  const [asking, setAsking] = useState(false);
  const renew = async (): Promise<void> => {
    const { recoveryCodes } = await withProof(() => call<{ recoveryCodes: string[] }>("/api/v1/me/factors/recovery-codes", { method: "POST" }));
    await onChanged(recoveryCodes);
  };
  return (
    <div className="px-4 py-3.5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="grow basis-[240px]">
          <p className="font-medium">{words.factors.recovery} <span className="chip ml-1">{words.factors.left(formats.number(factors.recoveryCodesLeft))}</span></p>
          <p className="text-[0.88rem] text-ink-2">{words.factors.recoveryText}</p>
        </div>
        <Button size="small" onClick={() => setAsking(true)}>{words.factors.makeCodes}</Button>
      </div>
      {factors.recoveryCodesFew ? <div className="mt-2.5"><Notice tone="bad">{words.factors.few}</Notice></div> : null}
      <ConfirmDialog
        open={asking} onClose={() => setAsking(false)} title={words.factors.makeCodesTitle} text={words.factors.makeCodesText} act={words.factors.makeCodes}
        onConfirm={() => renew().catch((error: unknown) => { if (!(error instanceof NotProven)) throw error; })}
      />
    </div>
  );
}
