import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import { groupsData, invitationsData } from "../api/data.ts";
import type { Invitation, Role } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { ConfirmDialog, Dialog } from "../shell/Dialog.tsx";
import { Check, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Section } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { useSigned } from "./team.tsx";

const roles: Role[] = ["owner", "admin", "editor", "viewer"];

/** Who is invited and has not answered; nothing where there is nobody. */
export function Invitations() {
  const words = useWords();
  const { team } = useSigned();
  const invitations = useQuery(invitationsData(team.id));
  if (invitations.error) return <ProblemNotice error={invitations.error} />;
  if (!invitations.data?.items.length) return null;
  return (
    <Section title={words.teams.invitations} text={words.teams.invitationsText}>
      <ul className="card divide-y divide-line">{invitations.data.items.map((one) => <Line key={one.id} invitation={one} />)}</ul>
    </Section>
  );
}

function Line({ invitation }: { invitation: Invitation }) {
  const words = useWords();
  const formats = useFormats();
  const { team } = useSigned();
  const client = useQueryClient();
  const [withdrawing, setWithdrawing] = useState(false);
  const path = `/api/v1/teams/${encodeURIComponent(team.id)}/invitations/${encodeURIComponent(invitation.id)}`;
  const refresh = () => client.invalidateQueries({ queryKey: ["invitations"] });
  const resend = useMutation({
    mutationFn: () => call(`${path}/mail`, { method: "POST" }),
    async onSuccess() {
      say(words.teams.resent(invitation.email));
      await refresh();
    },
  });
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="grow min-w-0 basis-[220px]">
          <p className="font-medium break-all">{invitation.email}</p>
          <p className="text-[0.86rem] text-ink-2">{words.account.roles[invitation.role]} · {words.teams.until(formats.date(invitation.expiresAt))}</p>
        </div>
        <Button size="small" disabled={resend.isPending} aria-label={`${words.teams.resend}: ${invitation.email}`} onClick={() => resend.mutate()}>{words.teams.resend}</Button>
        <Button size="small" look="danger" aria-label={`${words.teams.withdraw}: ${invitation.email}`} onClick={() => setWithdrawing(true)}>{words.teams.withdraw}</Button>
      </div>
      {resend.error ? <div className="mt-2"><ProblemNotice error={resend.error} /></div> : null}
      <ConfirmDialog
        open={withdrawing} onClose={() => setWithdrawing(false)} title={words.teams.withdrawTitle(invitation.email)} text={words.teams.withdrawText} act={words.teams.withdraw}
        onConfirm={async () => {
          await call(path, { method: "DELETE" });
          await refresh();
        }}
      />
    </li>
  );
}

export function InviteDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const groups = useQuery({ ...groupsData(team.id), enabled: open });
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const [into, setInto] = useState<string[]>([]);
  const send = useMutation({
    mutationFn: () => call(`/api/v1/teams/${encodeURIComponent(team.id)}/invitations`, { method: "POST", body: { email: email.trim(), role, groups: into } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["invitations"] });
      say(words.teams.invited(email.trim()));
      setEmail("");
      setInto([]);
      onClose();
    },
  });
  return (
    <Dialog open={open} onClose={onClose} title={words.teams.invite} text={words.teams.inviteText}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); send.mutate(); }}>
        <TextField label={words.account.email} type="email" value={email} onText={setEmail} required maxLength={254} autoFocus autoComplete="off" />
        <RolePicker role={role} onPick={setRole} roles={team.role === "owner" ? roles : roles.slice(1)} />
        {groups.data?.items.length ? (
          <fieldset>
            <legend className="label">{words.teams.intoGroups}</legend>
            <div className="grid gap-0.5">
              {groups.data.items.map((group) => (
                <Check key={group.id} label={group.name} checked={into.includes(group.id)} onCheck={(on) => setInto(on ? [...into, group.id] : into.filter((id) => id !== group.id))} />
              ))}
            </div>
          </fieldset>
        ) : null}
        <ProblemNotice error={send.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={send.isPending}>{words.teams.sendInvitation}</Button>
        </div>
      </form>
    </Dialog>
  );
}

export function RolePicker<R extends Role>({ role, roles: choices, onPick }: { role: R; roles: readonly R[]; onPick: (role: R) => void }) {
  const words = useWords();
  return (
    <fieldset>
      <legend className="label">{words.account.role}</legend>
      <div className="grid gap-1">
        {choices.map((one) => (
          <label key={one} className="flex items-start gap-2.5 rounded-lg border border-line px-3 py-2 has-[:checked]:border-accent has-[:checked]:bg-accent-soft">
            <input type="radio" name="role" className="mt-1.5 accent-accent" checked={role === one} onChange={() => onPick(one)} />
            <span><span className="font-medium">{words.account.roles[one]}</span><br /><span className="text-[0.86rem] text-ink-2">{words.account.roleTexts[one]}</span></span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
