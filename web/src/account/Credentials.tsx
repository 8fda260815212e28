import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../api/api.ts";
import { emailChangeData } from "../api/data.ts";
import { Button } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { PasswordField, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Section } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";

type Open = "userName" | "email" | "password" | null;

/** With what one signs in: user name, address, password. */
export function Credentials() {
  const words = useWords();
  const { me } = useSigned();
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  return (
    <Section title={words.access.credentials} text={words.access.credentialsText}>
      <ul className="card divide-y divide-line">
        <Line title={words.access.userName} text={me.user.userName ?? ""} act={words.access.changeUserName} onOpen={() => setOpen("userName")} />
        <Line title={words.access.email} text={me.user.email} act={words.access.changeEmail} onOpen={() => setOpen("email")}><Waiting /></Line>
        <Line title={words.access.password} text="••••••••" act={words.access.changePassword} onOpen={() => setOpen("password")} />
      </ul>
      {open === "userName" ? <UserNameDialog onClose={close} /> : null}
      {open === "email" ? <EmailDialog onClose={close} /> : null}
      {open === "password" ? <PasswordDialog onClose={close} /> : null}
    </Section>
  );
}

function Line({ title, text, act, onOpen, children }: { title: string; text: string; act: string; onOpen: () => void; children?: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="grow min-w-0 basis-[200px]">
        <p className="text-[0.86rem] text-ink-2">{title}</p>
        <p className="font-medium break-words">{text}</p>
        {children}
      </div>
      <Button size="small" onClick={onOpen}>{act}</Button>
    </li>
  );
}

/** A change of address that is not confirmed by both mailboxes. */
function Waiting() {
  const words = useWords();
  const client = useQueryClient();
  const { data } = useQuery(emailChangeData);
  const giveUp = useMutation({ mutationFn: () => call("/api/v1/me/email", { method: "DELETE" }), onSettled: () => client.invalidateQueries({ queryKey: ["email-change"] }) });
  const change = data?.change;
  if (!change) return null;
  const missing = change.oldConfirmed ? "new" : change.newConfirmed ? "old" : "both";
  return (
    <div className="mt-2 text-[0.9rem]" role="status">
      <p>{words.access.emailWaits(change.email)} · <span className="text-ink-2">{words.access.emailWaitsFor[missing]}</span></p>
      <div className="mt-1.5"><Button size="small" look="quiet" disabled={giveUp.isPending} onClick={() => giveUp.mutate()}>{words.access.giveUp}</Button></div>
    </div>
  );
}

function Form({ error, act, ready, onSubmit, onClose, children }: { error: unknown; act: string; ready: boolean; onSubmit: () => void; onClose: () => void; children: ReactNode }) {
  const words = useWords();
  return (
    <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); onSubmit(); }}>
      {children}
      <ProblemNotice error={error} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{words.actions.cancel}</Button>
        <Button type="submit" look="primary" disabled={!ready}>{act}</Button>
      </div>
    </form>
  );
}

function UserNameDialog({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { me } = useSigned();
  const client = useQueryClient();
  const [userName, setUserName] = useState(me.user.userName ?? "");
  const save = useMutation({
    mutationFn: () => call("/api/v1/me/user-name", { method: "PUT", body: { userName: userName.trim() } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["me"] });
      say(words.access.userNameChanged);
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={words.access.changeUserName} text={words.access.userNameText}>
      <Form error={save.error} act={words.actions.save} ready={userName.trim() !== "" && !save.isPending} onSubmit={() => save.mutate()} onClose={onClose}>
        <TextField label={words.access.userName} value={userName} onText={setUserName} maxLength={100} autoCapitalize="none" spellCheck={false} autoComplete="username" required autoFocus />
      </Form>
    </Dialog>
  );
}

function EmailDialog({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const send = useMutation({
    mutationFn: () => call("/api/v1/me/email", { method: "POST", body: { email: email.trim(), password } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["email-change"] });
      say(words.access.emailSent);
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={words.access.changeEmail} text={words.access.changeEmailText}>
      <Form error={send.error} act={words.account.sendLink} ready={email.trim() !== "" && password !== "" && !send.isPending} onSubmit={() => send.mutate()} onClose={onClose}>
        <TextField label={words.access.newEmail} type="email" value={email} onText={setEmail} maxLength={254} autoComplete="email" required autoFocus />
        <PasswordField label={words.access.presentPassword} value={password} onText={setPassword} autoComplete="current-password" required />
      </Form>
    </Dialog>
  );
}

function PasswordDialog({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { me } = useSigned();
  const client = useQueryClient();
  const [present, setPresent] = useState("");
  const [password, setPassword] = useState("");
  const save = useMutation({
    mutationFn: () => call("/api/v1/me/password", { method: "PUT", body: { present, password } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["sessions"] });
      say(words.access.passwordChanged);
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={words.access.changePassword} text={words.access.changePasswordText}>
      <Form error={save.error} act={words.access.changePassword} ready={present !== "" && password !== "" && !save.isPending} onSubmit={() => save.mutate()} onClose={onClose}>
        <input type="email" name="email" autoComplete="username" value={me.user.email} readOnly hidden />
        <PasswordField label={words.access.presentPassword} value={present} onText={setPresent} autoComplete="current-password" required autoFocus />
        <PasswordField label={words.account.newPassword} hint={words.account.passwordHint} value={password} onText={setPassword} autoComplete="new-password" required />
        <p className="text-[0.9rem] text-ink-2">{words.access.noPresent} <Link to="/signup" search={{ forgot: true }} className="prose-link">{words.account.newLink}</Link></p>
      </Form>
    </Dialog>
  );
}
