import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import { Button } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { Check, Field, SelectField, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { connectionPath } from "./data.ts";
import type { Connection, GivenRole } from "./data.ts";
import { readRoles, writeRoles } from "./roles.ts";

const given: GivenRole[] = ["viewer", "editor", "admin"];
const attributes = ["emailAttribute", "nameAttribute", "roleAttribute"] as const;

export function ConnectionSettings({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const [draft, setDraft] = useState({ ...connection, roleText: writeRoles(connection.roles) });
  const set = (change: Partial<typeof draft>): void => setDraft({ ...draft, ...change });
  const { roles, wrong } = readRoles(draft.roleText);
  const save = useMutation({
    mutationFn: () => {
      const { name, isEnabled, signsRequests, idpInitiated, defaultRole } = draft;
      const named = Object.fromEntries(attributes.map((key) => [key, draft[key]?.trim() || null]));
      return call(connectionPath(team.id, connection.id), { method: "PATCH", body: { name, isEnabled, signsRequests, idpInitiated, defaultRole, roles, ...named } });
    },
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["sso", team.id] });
      onClose();
    },
  });
  return (
    <Dialog open wide onClose={onClose} title={words.sso.settings}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        <TextField label={words.sso.name} value={draft.name} onText={(name) => set({ name })} required maxLength={100} />
        <Check label={words.sso.isEnabled} checked={draft.isEnabled} onCheck={(isEnabled) => set({ isEnabled })} />
        <Check label={words.sso.signsRequests} checked={draft.signsRequests} onCheck={(signsRequests) => set({ signsRequests })} />
        <div>
          <Check label={words.sso.idpInitiated} checked={draft.idpInitiated} onCheck={(idpInitiated) => set({ idpInitiated })} />
          <p className="hint">{words.sso.idpInitiatedHint}</p>
        </div>
        {attributes.map((key) => <TextField key={key} label={words.sso[key]} {...(key === "roleAttribute" ? {} : { placeholder: words.sso.usual })} value={draft[key] ?? ""} onText={(text) => set({ [key]: text })} maxLength={300} spellCheck={false} />)}
        <Field label={words.sso.roles} hint={words.sso.rolesText} error={wrong === null ? undefined : words.sso.rolesWrong(wrong)}>
          {(control) => <textarea className="input min-h-24 font-mono text-[0.85rem]" spellCheck={false} {...control} value={draft.roleText} onChange={(event) => set({ roleText: event.target.value })} />}
        </Field>
        <SelectField<GivenRole | "none">
          label={words.sso.defaultRole} value={draft.defaultRole ?? "none"} onPick={(role) => set({ defaultRole: role === "none" ? null : role })}
          options={[...given.map((value) => ({ value, label: words.account.roles[value] })), { value: "none", label: words.sso.refused }]}
        />
        <ProblemNotice error={save.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button look="primary" type="submit" disabled={save.isPending || wrong !== null}>{words.actions.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}
