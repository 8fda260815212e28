import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { groupsData, membersData, servicesData, sharingData } from "../api/data.ts";
import type { Share, SharingState } from "../api/types.ts";
import { Button, IconButton } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { SelectField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Loaded } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useWords } from "../words/language.ts";
import { useSigned } from "./team.tsx";

type Kind = "databases" | "reports";

/** Restricts a database or a report to some of the team. */
export function SharingDialog({ of, id, open, onClose }: { of: Kind; id: string; open: boolean; onClose: () => void }) {
  const words = useWords();
  return (
    <Dialog open={open} onClose={onClose} title={words.access.share} text={of === "reports" ? words.access.shareReportText : words.access.shareDatabaseText} wide>
      {open ? <Sharing of={of} id={id} onDone={onClose} /> : null}
    </Dialog>
  );
}

function Sharing({ of, id, onDone }: { of: Kind; id: string; onDone: () => void }) {
  const sharing = useQuery(sharingData(of, id));
  return <Loaded query={sharing}>{(state) => <SharingForm of={of} id={id} state={state} onDone={onDone} />}</Loaded>;
}

const keyOf = ({ kind, id }: Pick<Share, "kind" | "id">): string => `${kind} ${id}`;

function SharingForm({ of, id, state, onDone }: { of: Kind; id: string; state: SharingState; onDone: () => void }) {
  const words = useWords();
  const { me, team, mayAdminister } = useSigned();
  const client = useQueryClient();
  const [restricted, setRestricted] = useState(state.restricted);
  const [shares, setShares] = useState<Share[]>(state.shares);
  const save = useMutation({
    mutationFn: () => call(`/api/v1/${of}/${encodeURIComponent(id)}/sharing`, { method: "PUT", body: { restricted, shares: restricted ? shares.map(({ kind, id: subject, level }) => ({ kind, id: subject, level })) : [] } }),
    async onSuccess() {
      await Promise.all([client.invalidateQueries({ queryKey: ["sharing", of, id] }), client.invalidateQueries({ queryKey: [of] })]);
      say(words.access.shared);
      onDone();
    },
  });
  const restrict = (): void => {
    setRestricted(true);
    // Who restricts something and is no administrator keeps it for themselves first.
    if (!mayAdminister && shares.length === 0) setShares([{ kind: "user", id: me.user.id, level: "edit", name: me.user.name }]);
  };
  const choices = [{ on: !restricted, pick: () => setRestricted(false), title: words.access.everyone, text: words.access.everyoneText }, { on: restricted, pick: restrict, title: words.access.chosen, text: words.access.chosenText }];
  return (
    <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
      <fieldset className="grid gap-1.5" aria-label={words.access.share}>
        {choices.map(({ on, pick, title, text }) => (
          <label key={title} className="flex items-start gap-2.5 rounded-lg border border-line px-3 py-2 has-[:checked]:border-accent has-[:checked]:bg-accent-soft">
            <input type="radio" name="restricted" className="mt-1.5 accent-accent" checked={on} onChange={pick} />
            <span><span className="font-medium">{title}</span><span className="block text-[0.86rem] text-ink-2">{text}</span></span>
          </label>
        ))}
      </fieldset>
      {restricted ? (
        <>
          {shares.length === 0 ? <p className="text-ink-2 text-[0.93rem]">{words.access.nobodyElse}</p> : (
            <ul className="card divide-y divide-line">
              {shares.map((share) => (
                <li key={keyOf(share)} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-3 py-2">
                  <span className="grow min-w-0 basis-[160px] break-words"><span className="font-medium">{nameOf(share, words.account.roles)}</span> <span className="text-[0.84rem] text-ink-2">{words.access.kinds[share.kind]}</span></span>
                  <SelectField<Share["level"]>
                    bare small className="!w-auto" label={`${words.access.share}: ${nameOf(share, words.account.roles)}`} value={share.level} options={(["view", "edit"] as const).map((value) => ({ value, label: words.access.levels[value] }))}
                    onPick={(level) => setShares(shares.map((one) => (one === share ? { ...one, level } : one)))}
                  />
                  <IconButton label={`${words.access.remove}: ${nameOf(share, words.account.roles)}`} onClick={() => setShares(shares.filter((one) => one !== share))}><X size={16} aria-hidden /></IconButton>
                </li>
              ))}
            </ul>
          )}
          <AddSubject team={team.id} taken={shares} onAdd={(share) => setShares([...shares, share])} />
        </>
      ) : null}
      <ProblemNotice error={save.error} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onDone}>{words.actions.cancel}</Button>
        <Button type="submit" look="primary" disabled={save.isPending}>{words.actions.save}</Button>
      </div>
    </form>
  );
}

function nameOf(share: Share, roles: Record<string, string>): string {
  return share.kind === "role" ? (roles[share.id] ?? share.id) : (share.name ?? share.id);
}

function AddSubject({ team, taken, onAdd }: { team: string; taken: Share[]; onAdd: (share: Share) => void }) {
  const words = useWords();
  const { mayAdminister } = useSigned();
  const members = useQuery(membersData(team));
  const groups = useQuery(groupsData(team));
  // Only administrators know of them.
  const services = useQuery({ ...servicesData(team), enabled: mayAdminister });
  const all: Share[] = [
    ...(groups.data?.items ?? []).map(({ id, name }): Share => ({ kind: "group", id, name, level: "view" })),
    // Owners and administrators see it anyway.
    ...(members.data?.items ?? []).filter(({ role }) => role === "editor" || role === "viewer").map(({ user }): Share => ({ kind: "user", id: user.id, name: user.name, level: "view" })),
    ...(services.data?.items ?? []).filter(({ role }) => role !== "admin").map(({ id, name }): Share => ({ kind: "service", id, name, level: "view" })),
    ...(["editor", "viewer"] as const).map((id): Share => ({ kind: "role", id, name: null, level: "view" })),
  ];
  const free = all.filter((one) => !taken.some((share) => keyOf(share) === keyOf(one)));
  return (
    <SelectField<string>
      label={words.access.addSubject} value="" options={[{ value: "", label: words.access.addSubjectHint }, ...free.map((one) => ({ value: keyOf(one), label: `${words.access.kinds[one.kind]} · ${nameOf(one, words.account.roles)}` }))]}
      onPick={(key) => { const picked = free.find((one) => keyOf(one) === key); if (picked) onAdd(picked); }}
    />
  );
}
