import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bot, KeyRound, MoreHorizontal, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { NewTokenDialog } from "../account/NewTokenDialog.tsx";
import { call } from "../api/api.ts";
import { servicesData } from "../api/data.ts";
import type { Service } from "../api/types.ts";
import { Button, IconButton } from "../shell/Button.tsx";
import { ConfirmDialog, Dialog } from "../shell/Dialog.tsx";
import { TextField } from "../shell/Field.tsx";
import { Menu, MenuItem } from "../shell/Menu.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, Section } from "../shell/Page.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { RolePicker } from "./Invitations.tsx";
import { useSigned } from "./team.tsx";

const roles = ["admin", "editor", "viewer"] as const;
const nameCharactersMax = 100;

/** Members that are no persons, for administrators. */
export function Services() {
  const words = useWords();
  const { team } = useSigned();
  const services = useQuery(servicesData(team.id));
  const [making, setMaking] = useState(false);
  return (
    <Section
      title={words.access.services} text={words.access.servicesText}
      actions={<Button size="small" icon={<Plus size={15} aria-hidden />} onClick={() => setMaking(true)}>{words.access.newService}</Button>}
    >
      <Loaded query={services} lines={2}>
        {({ items }) => items.length === 0
          ? <p className="text-ink-2">{words.access.noServices}</p>
          : <ul className="card divide-y divide-line">{items.map((service) => <Line key={service.id} service={service} />)}</ul>}
      </Loaded>
      {making ? <NewService onClose={() => setMaking(false)} /> : null}
    </Section>
  );
}

function Line({ service }: { service: Service }) {
  const words = useWords();
  const formats = useFormats();
  const { team } = useSigned();
  const client = useQueryClient();
  const [doing, setDoing] = useState<"token" | "deleting" | null>(null);
  const close = (): void => setDoing(null);
  const path = `/api/v1/teams/${encodeURIComponent(team.id)}/services/${encodeURIComponent(service.id)}`;
  const used = service.lastUsedAt ? words.account.lastUsed(formats.ago(service.lastUsedAt)) : words.account.neverUsed;
  return (
    <li className="flex items-center gap-x-3 px-4 py-3">
      <Bot size={18} className="text-ink-2 shrink-0" aria-hidden />
      <div className="grow min-w-0">
        <p className="font-medium break-words">{service.name} <span className="chip ml-1">{words.account.roles[service.role]}</span></p>
        <p className="text-[0.86rem] text-ink-2">{words.access.serviceTokens(formats.number(service.tokens))} · {used}</p>
      </div>
      <Menu trigger={<IconButton label={`${words.actions.more}: ${service.name}`}><MoreHorizontal size={18} aria-hidden /></IconButton>}>
        <MenuItem icon={<KeyRound size={16} aria-hidden />} onPick={() => setDoing("token")}>{words.access.newServiceToken}</MenuItem>
        <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onPick={() => setDoing("deleting")}>{words.access.deleteService}</MenuItem>
      </Menu>
      <NewTokenDialog path={`${path}/tokens`} open={doing === "token"} onClose={close} onMade={() => void client.invalidateQueries({ queryKey: ["services"] })} />
      <ConfirmDialog
        open={doing === "deleting"} onClose={close} title={words.access.deleteServiceTitle(service.name)} text={words.access.deleteServiceText} act={words.access.deleteService}
        onConfirm={async () => {
          await call(path, { method: "DELETE" });
          await client.invalidateQueries({ queryKey: ["services"] });
        }}
      />
    </li>
  );
}

function NewService({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Service["role"]>("editor");
  const make = useMutation({
    mutationFn: () => call(`/api/v1/teams/${encodeURIComponent(team.id)}/services`, { method: "POST", body: { name: name.trim(), role } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["services"] });
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={words.access.newService} text={words.access.servicesText}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); make.mutate(); }}>
        <TextField label={words.access.serviceName} value={name} onText={setName} maxLength={nameCharactersMax} required autoFocus />
        <RolePicker role={role} roles={roles} onPick={setRole} />
        <ProblemNotice error={make.error} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={name.trim() === "" || make.isPending}>{words.access.makeService}</Button>
        </div>
      </form>
    </Dialog>
  );
}
