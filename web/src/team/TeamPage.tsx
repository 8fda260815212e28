import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Crown, DoorOpen, KeyRound, MoreHorizontal, ScrollText, UserMinus, UserPlus } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { membersData } from "../api/data.ts";
import type { Member, Role } from "../api/types.ts";
import { Button, IconButton, buttonClass } from "../shell/Button.tsx";
import { ConfirmDialog } from "../shell/Dialog.tsx";
import { SelectField } from "../shell/Field.tsx";
import { Menu, MenuItem } from "../shell/Menu.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, Page, Section } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useWords } from "../words/language.ts";
import { FactorRequirement } from "./FactorRequirement.tsx";
import { Groups } from "./Groups.tsx";
import { Invitations, InviteDialog } from "./Invitations.tsx";
import { Services } from "./Services.tsx";
import { TeamAgreements } from "./TeamAgreements.tsx";
import { useSigned } from "./team.tsx";

const roles: Role[] = ["owner", "admin", "editor", "viewer"];

export function TeamPage() {
  const words = useWords();
  const { team, mayAdminister } = useSigned();
  const members = useQuery(membersData(team.id));
  const [inviting, setInviting] = useState(false);
  return (
    <Page
      title={team.name}
      above={<p className="text-[0.88rem] text-ink-2 mb-1">{words.nav.team} · {words.account.plan}: {words.account.plans[team.plan] ?? team.plan}</p>}
      text={<>{words.account.teamText} <Link to="/team/permissions" className="prose-link">{words.access.permissionsLink}</Link></>}
      actions={mayAdminister ? <><Link to="/team/sso" className={buttonClass({})}><KeyRound size={16} aria-hidden />{words.sso.title}</Link><Link to="/audit" className={buttonClass({})}><ScrollText size={16} aria-hidden />{words.audit.title}</Link><Button look="primary" icon={<UserPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>{words.teams.invite}</Button></> : null}
    >
      <Section title={words.account.members}>
        <Loaded query={members}>{({ items }) => <ul className="card divide-y divide-line">{items.map((member) => <MemberLine key={member.user.id} member={member} />)}</ul>}</Loaded>
      </Section>
      {mayAdminister ? <Invitations /> : null}
      <Groups />
      {mayAdminister ? <Services /> : null}
      {mayAdminister ? <FactorRequirement /> : null}
      {mayAdminister ? <TeamAgreements /> : null}
      <Leave />
      {mayAdminister ? <InviteDialog open={inviting} onClose={() => setInviting(false)} /> : null}
    </Page>
  );
}

function MemberLine({ member }: { member: Member }) {
  const words = useWords();
  const { me, team, mayAdminister } = useSigned();
  const client = useQueryClient();
  const [doing, setDoing] = useState<"removing" | "handing" | null>(null);
  const close = (): void => setDoing(null);
  const path = `/api/v1/teams/${encodeURIComponent(team.id)}/members/${encodeURIComponent(member.user.id)}`;
  const change = useMutation({
    mutationFn: (role: Role) => call(path, { method: "PATCH", body: { role } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["members"] }),
  });
  const own = member.user.id === me.user.id;
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="grow min-w-0 basis-[220px]">
          <p className="font-medium">{member.user.name} {own ? <span className="chip ml-1">{words.account.you}</span> : null}</p>
          <p className="text-[0.86rem] text-ink-2">{member.user.email}</p>
        </div>
        {mayAdminister ? (
          <SelectField<Role>
            bare small className="!w-auto" label={`${words.account.role}: ${member.user.name}`} value={change.isPending ? change.variables : member.role} disabled={change.isPending}
            onPick={(role) => change.mutate(role)} options={roles.map((value) => ({ value, label: words.account.roles[value] }))}
          />
        ) : <span className="chip">{words.account.roles[member.role]}</span>}
        {mayAdminister ? (
          <Menu trigger={<IconButton label={`${words.actions.more}: ${member.user.name}`}><MoreHorizontal size={18} aria-hidden /></IconButton>}>
            {team.role === "owner" && member.role !== "owner" ? <MenuItem icon={<Crown size={16} aria-hidden />} onPick={() => setDoing("handing")}>{words.teams.makeOwner}</MenuItem> : null}
            <MenuItem danger icon={<UserMinus size={16} aria-hidden />} onPick={() => setDoing("removing")}>{words.account.removeMember}</MenuItem>
          </Menu>
        ) : null}
      </div>
      {change.error ? <div className="mt-2"><ProblemNotice error={change.error} /></div> : null}
      <ConfirmDialog
        open={doing === "removing"} onClose={close} title={words.account.removeTitle(member.user.name)} text={words.account.removeText} act={words.account.removeMember}
        onConfirm={async () => {
          await call(path, { method: "DELETE" });
          await client.invalidateQueries({ queryKey: [own ? "me" : "members"] });
        }}
      />
      <ConfirmDialog
        open={doing === "handing"} onClose={close} title={words.teams.makeOwnerTitle(member.user.name)} text={words.teams.makeOwnerText(member.user.name)} act={words.teams.makeOwner}
        onConfirm={async () => {
          await call(`/api/v1/teams/${encodeURIComponent(team.id)}/ownership`, { method: "POST", body: { to: member.user.id } });
          say(words.teams.handedOver(member.user.name));
          await Promise.all([client.invalidateQueries({ queryKey: ["me"] }), client.invalidateQueries({ queryKey: ["members"] })]);
        }}
      />
    </li>
  );
}

/** Everyone may go; the last owner is told that somebody has to stay. */
function Leave() {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const [leaving, setLeaving] = useState(false);
  return (
    <>
      <Button look="danger" icon={<DoorOpen size={16} aria-hidden />} onClick={() => setLeaving(true)}>{words.teams.leave}</Button>
      <ConfirmDialog
        open={leaving} onClose={() => setLeaving(false)} title={words.teams.leaveTitle(team.name)} text={words.teams.leaveText} act={words.teams.leave}
        onConfirm={async () => {
          await call(`/api/v1/teams/${encodeURIComponent(team.id)}/leave`, { method: "POST" });
          say(words.teams.left(team.name));
          await client.invalidateQueries();
        }}
      />
    </>
  );
}
