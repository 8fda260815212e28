import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MoreHorizontal, Pencil, Plus, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { groupMembersData, groupsData, membersData } from "../api/data.ts";
import type { Group } from "../api/types.ts";
import { Button, IconButton } from "../shell/Button.tsx";
import { ConfirmDialog, Dialog } from "../shell/Dialog.tsx";
import { Check, TextField } from "../shell/Field.tsx";
import { Menu, MenuItem } from "../shell/Menu.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, Section } from "../shell/Page.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { useSigned } from "./team.tsx";

const nameCharactersMax = 100;

/** Some of the team's people, under a name. */
export function Groups() {
  const words = useWords();
  const { team, mayAdminister } = useSigned();
  const groups = useQuery(groupsData(team.id));
  const [naming, setNaming] = useState(false);
  return (
    <Section
      title={words.teams.groups} text={words.teams.groupsText}
      actions={mayAdminister ? <Button size="small" icon={<Plus size={15} aria-hidden />} onClick={() => setNaming(true)}>{words.teams.newGroup}</Button> : null}
    >
      <Loaded query={groups} lines={2}>
        {({ items }) => items.length === 0
          ? <p className="text-ink-2">{words.teams.noGroups}</p>
          : <ul className="card divide-y divide-line">{items.map((group) => <Line key={group.id} group={group} />)}</ul>}
      </Loaded>
      {naming ? <NameDialog group={null} onClose={() => setNaming(false)} /> : null}
    </Section>
  );
}

type Doing = "naming" | "choosing" | "deleting" | null;

function Line({ group }: { group: Group }) {
  const words = useWords();
  const formats = useFormats();
  const { team, mayAdminister } = useSigned();
  const client = useQueryClient();
  const [doing, setDoing] = useState<Doing>(null);
  const close = (): void => setDoing(null);
  return (
    <li className="flex items-center gap-x-4 px-4 py-3">
      <div className="grow min-w-0">
        <p className="font-medium break-words">{group.name}</p>
        <p className="text-[0.86rem] text-ink-2">{words.teams.people(formats.number(group.members))}</p>
      </div>
      {mayAdminister ? (
        <Menu trigger={<IconButton label={`${words.actions.more}: ${group.name}`}><MoreHorizontal size={18} aria-hidden /></IconButton>}>
          <MenuItem icon={<Users size={16} aria-hidden />} onPick={() => setDoing("choosing")}>{words.teams.editPeople}</MenuItem>
          <MenuItem icon={<Pencil size={16} aria-hidden />} onPick={() => setDoing("naming")}>{words.teams.rename}</MenuItem>
          <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onPick={() => setDoing("deleting")}>{words.teams.deleteGroup}</MenuItem>
        </Menu>
      ) : null}
      {doing === "naming" ? <NameDialog group={group} onClose={close} /> : null}
      {doing === "choosing" ? <PeopleDialog group={group} onClose={close} /> : null}
      <ConfirmDialog
        open={doing === "deleting"} onClose={close} title={words.teams.deleteGroupTitle(group.name)} text={words.teams.deleteGroupText} act={words.teams.deleteGroup}
        onConfirm={async () => {
          await call(`/api/v1/teams/${encodeURIComponent(team.id)}/groups/${encodeURIComponent(group.id)}`, { method: "DELETE" });
          await client.invalidateQueries({ queryKey: ["groups"] });
        }}
      />
    </li>
  );
}

function NameDialog({ group, onClose }: { group: Group | null; onClose: () => void }) {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const [name, setName] = useState(group?.name ?? "");
  const path = `/api/v1/teams/${encodeURIComponent(team.id)}/groups`;
  const save = useMutation({
    mutationFn: () => call(group ? `${path}/${encodeURIComponent(group.id)}` : path, { method: group ? "PATCH" : "POST", body: { name: name.trim() } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["groups"] });
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={group ? words.teams.rename : words.teams.newGroup}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        <TextField label={words.teams.groupName} value={name} onText={setName} maxLength={nameCharactersMax} required autoFocus />
        <ProblemNotice error={save.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={name.trim() === "" || save.isPending}>{group ? words.actions.save : words.teams.makeGroup}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Each tick is done at once. */
function PeopleDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const members = useQuery(membersData(team.id));
  const inside = useQuery(groupMembersData(team.id, group.id));
  const change = useMutation({
    mutationFn: ({ user, on }: { user: string; on: boolean }) =>
      call(`/api/v1/teams/${encodeURIComponent(team.id)}/groups/${encodeURIComponent(group.id)}/members/${encodeURIComponent(user)}`, { method: on ? "PUT" : "DELETE" }),
    onSettled: () => client.invalidateQueries({ queryKey: ["groups"] }),
  });
  return (
    <Dialog open onClose={onClose} title={words.teams.editPeopleOf(group.name)}>
      <ProblemNotice error={change.error} />
      <Loaded query={members}>
        {({ items }) => (
          <Loaded query={inside}>
            {(known) => (
              <div className="grid gap-1">
                {items.map(({ user }) => {
                  const on = change.isPending && change.variables.user === user.id ? change.variables.on : known.items.some((one) => one.user.id === user.id);
                  return <Check key={user.id} label={`${user.name} · ${user.email}`} checked={on} onCheck={(next) => change.mutate({ user: user.id, on: next })} />;
                })}
              </div>
            )}
          </Loaded>
        )}
      </Loaded>
      <div className="mt-4 text-right"><Button look="primary" onClick={onClose}>{words.actions.done}</Button></div>
    </Dialog>
  );
}
