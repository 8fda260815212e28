import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { AcceptField } from "../agreements/AcceptField.tsx";
import { call } from "../api/api.ts";
import { meData } from "../api/data.ts";
import type { InvitationView, Me } from "../api/types.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { PasswordField, TextField } from "../shell/Field.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, useTitle } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { pickTeam } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { Card } from "./Card.tsx";
import { ProviderButtons } from "./ProviderButtons.tsx";
import { SignOutButton } from "./SignOutButton.tsx";

/** Where a mailed invitation leads: who invites to which team, and what to answer. */
export function InvitationPage() {
  const words = useWords();
  const { link } = useSearch({ from: "/outside/invitation" });
  useTitle(words.teams.invitation);
  const me = useQuery(meData);
  const view = useQuery({
    queryKey: ["invitation", link], enabled: link !== undefined, retry: false, staleTime: Infinity, gcTime: 0,
    queryFn: ({ signal }) => call<InvitationView>("/api/v1/invitations/view", { method: "POST", body: { link }, signal }),
  });
  if (link === undefined) {
    return <Card><h1>{words.teams.invitation}</h1><div className="mt-5"><Notice tone="bad" title={words.teams.noLink.title}><p>{words.teams.noLink.detail}</p></Notice></div></Card>;
  }
  return (
    <Card>
      <h1>{words.teams.invitation}</h1>
      <div className="mt-3">
        <Loaded query={view}>{(invitation) => <Loaded query={me}>{(known) => <Answer link={link} invitation={invitation} me={known} />}</Loaded>}</Loaded>
      </div>
    </Card>
  );
}

const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function Answer({ link, invitation, me }: { link: string; invitation: InvitationView; me: Me | null }) {
  const words = useWords();
  const decline = useMutation({ mutationFn: () => call("/api/v1/invitations/decline", { method: "POST", body: { link } }) });
  if (decline.isSuccess) return <div role="status"><p className="font-medium">{words.teams.declined}</p><p className="text-ink-2 mt-1">{words.teams.declinedText}</p></div>;
  return (
    <>
      <p className="text-[1.05rem] break-words">{words.teams.invitesYou(invitation.inviter, invitation.team.name)}</p>
      <p className="text-ink-2 mt-1.5">{words.teams.youWillBe(words.account.roles[invitation.role])} · {words.account.roleTexts[invitation.role]}</p>
      <dl className="mt-4 mb-5 text-[0.93rem]"><dt className="text-ink-2">{words.teams.forAddress}</dt><dd className="font-medium break-all">{invitation.email}</dd></dl>
      <Join link={link} invitation={invitation} me={me} />
      <div className="mt-3"><Button look="quiet" disabled={decline.isPending} onClick={() => decline.mutate()}>{words.teams.decline}</Button></div>
      <ProblemNotice error={decline.error} />
    </>
  );
}

function Join({ link, invitation, me }: { link: string; invitation: InvitationView; me: Me | null }) {
  const words = useWords();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const asked = me ? [] : invitation.agreements.pending;
  const [password, setPassword] = useState("");
  const join = useMutation({
    async mutationFn() {
      const { team } = await call<{ team: string }>("/api/v1/invitations/accept", { method: "POST", body: { link, ...(me ? {} : { password, ...(asked.length > 0 ? { accepted: asked } : {}), ...(name.trim() ? { name: name.trim() } : {}) }) } });
      // What was just chosen need not be typed again; where more is asked for, the sign-in page does it.
      const isIn = me !== null || (await call<{ user?: unknown }>("/api/v1/sessions", { method: "POST", body: { email: invitation.email, password } }).catch(() => null))?.user !== undefined;
      return { team, isIn };
    },
    async onSuccess({ team, isIn }) {
      client.clear();
      pickTeam(team);
      say(words.teams.joined(invitation.team.name));
      await navigate({ to: isIn ? "/" : "/signin", replace: true });
    },
  });
  if (me && !sameAddress(me.user.email, invitation.email)) {
    return <Notice><p>{words.teams.otherAccount(me.user.email)}</p><div className="mt-2.5"><SignOutButton /></div></Notice>;
  }
  if (!me && invitation.hasAccount) {
    return (
      <>
        <p className="text-ink-2 mb-3">{words.teams.signInToJoinText}</p>
        <Link to="/signin" search={{ to: `/invitation?link=${link}` }} className={buttonClass({ look: "primary" })}>{words.teams.signInToJoin}</Link>
      </>
    );
  }
  return (
    <>
      {me ? null : <ProviderButtons to={`/invitation?link=${link}`} below={words.providers.or} />}
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); join.mutate(); }}>
        {me ? null : (
          <>
            <p className="text-ink-2">{words.teams.makeAccount}</p>
            <input type="email" name="email" autoComplete="username" value={invitation.email} readOnly hidden />
            <TextField label={words.account.name} hint={words.account.nameHint} name="name" autoComplete="name" maxLength={200} value={name} onText={setName} />
            <PasswordField label={words.account.newPassword} hint={words.account.passwordHint} name="password" autoComplete="new-password" required value={password} onText={setPassword} />
            {asked.length > 0 ? <AcceptField asked={asked} /> : null}
          </>
        )}
        <ProblemNotice error={join.error} />
        <Button type="submit" look="primary" disabled={join.isPending || (!me && password === "")}>{words.teams.accept}</Button>
      </form>
    </>
  );
}
