import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RefreshCw, Settings2, Trash2 } from "lucide-react";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../api/api.ts";
import { Button } from "../shell/Button.tsx";
import { CopyButton } from "../shell/copy.tsx";
import { ConfirmDialog } from "../shell/Dialog.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { ConnectionSettings } from "./ConnectionSettings.tsx";
import { DirectoryPart } from "./DirectoryPart.tsx";
import { connectionPath } from "./data.ts";
import type { Connection } from "./data.ts";

export function ConnectionCard({ connection }: { connection: Connection }) {
  const words = useWords();
  const formats = useFormats();
  const { team } = useSigned();
  const client = useQueryClient();
  const [doing, setDoing] = useState<"settings" | "deleting" | null>(null);
  const path = connectionPath(team.id, connection.id);
  const renew = () => client.invalidateQueries({ queryKey: ["sso", team.id] });
  const reread = useMutation({ mutationFn: () => call(`${path}/readings`, { method: "POST" }), onSettled: renew });
  const { sp, idp, refusal } = connection;
  return (
    <article className="card px-4 py-4 grid gap-5">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="grow min-w-0 break-words">{connection.name} {connection.isEnabled ? null : <span className="chip ml-1">{words.sso.off}</span>}</h3>
        <Button size="small" icon={<Settings2 size={15} aria-hidden />} onClick={() => setDoing("settings")}>{words.sso.settings}</Button>
        <Button size="small" look="danger" icon={<Trash2 size={15} aria-hidden />} onClick={() => setDoing("deleting")}>{words.sso.delete}</Button>
      </div>
      {refusal ? <Notice title={words.sso.refusal(formats.dateTime(refusal.at))}><p className="font-mono text-[0.85rem] break-words">{refusal.reason}</p></Notice> : null}
      <Part title={words.sso.give} text={words.sso.giveText}>
        <Copied label={words.sso.spMetadata} text={sp.metadataUrl} />
        <Copied label={words.sso.entityId} text={sp.entityId} />
        <Copied label={words.sso.acs} text={sp.acsUrl} />
        <Copied label={words.sso.slo} text={sp.sloUrl} />
        {connection.idpInitiated ? <Copied label={words.sso.unasked} text={sp.idpInitiatedUrl} /> : null}
        <Copied label={words.sso.start} text={connection.signInUrl} />
      </Part>
      <Part title={words.sso.provider} text={words.sso.read(formats.dateTime(idp.readAt))}>
        <Told label={words.sso.idpEntityId}>{idp.entityId}</Told>
        <Told label={words.sso.ssoUrl}>{idp.ssoUrl}</Told>
        <Told label={words.sso.certificates}>{idp.certificates.map((one) => <span key={one.fingerprint} className="block">{one.fingerprint.slice(0, 23)}… ({words.sso.until(formats.date(one.expiresAt))})</span>)}</Told>
        {idp.metadataUrl === null ? null : <div><Button size="small" icon={<RefreshCw size={15} aria-hidden />} disabled={reread.isPending} onClick={() => reread.mutate()}>{words.sso.readAgain}</Button></div>}
        <ProblemNotice error={reread.error} />
      </Part>
      <Keys connection={connection} path={path} onDone={renew} />
      <DirectoryPart connection={connection} />
      {doing === "settings" ? <ConnectionSettings connection={connection} onClose={() => setDoing(null)} /> : null}
      <ConfirmDialog
        open={doing === "deleting"} onClose={() => setDoing(null)} title={words.sso.deleteTitle(connection.name)} text={words.sso.deleteText} act={words.sso.delete}
        onConfirm={async () => {
          await call(path, { method: "DELETE" });
          await renew();
        }}
      />
    </article>
  );
}

export function Part({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <section className="grid gap-2.5 min-w-0">
      <div><h4 className="font-semibold text-[0.95rem]">{title}</h4>{text ? <p className="text-[0.86rem] text-ink-2">{text}</p> : null}</div>
      {children}
    </section>
  );
}

function Told({ label, children }: { label: string; children: ReactNode }) {
  return <div className="min-w-0"><p className="text-[0.82rem] text-ink-2">{label}</p><div className="font-mono text-[0.85rem] break-all">{children}</div></div>;
}

export function Copied({ label, text }: { label: string; text: string }) {
  const { copy } = useWords().actions;
  return <div className="flex items-end gap-3"><div className="grow min-w-0"><Told label={label}>{text}</Told></div><CopyButton text={text} label={`${copy}: ${label}`} /></div>;
}

function Keys({ connection, path, onDone }: { connection: Connection; path: string; onDone: () => Promise<unknown> }) {
  const words = useWords();
  const formats = useFormats();
  const states = new Set(connection.keys.map((key) => key.state));
  const step = states.has("old") ? "retire" : states.has("next") ? "switch" : "prepare";
  const go = useMutation({ mutationFn: () => call(`${path}/key-steps`, { method: "POST", body: { step } }), onSettled: onDone });
  return (
    <Part title={words.sso.keys} text={words.sso.keysText}>
      <ul className="font-mono text-[0.85rem] grid gap-1">
        {connection.keys.map((key) => <li key={key.id} className="break-all">{key.fingerprint.slice(0, 23)}… <span className="font-sans text-ink-2">{words.sso.keyUses[key.use]} · {words.sso.keyStates[key.state]} · {words.sso.until(formats.date(key.expiresAt))}</span></li>)}
      </ul>
      <div><Button size="small" disabled={go.isPending} onClick={() => go.mutate()}>{words.sso.keySteps[step]}</Button></div>
      <ProblemNotice error={go.error} />
    </Part>
  );
}
