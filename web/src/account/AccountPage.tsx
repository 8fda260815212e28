import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { AcceptedSection } from "../agreements/AcceptedSection.tsx";
import { call } from "../api/api.ts";
import { sessionsData } from "../api/data.ts";
import type { Session } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { SelectField, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, Page, Section } from "../shell/Page.tsx";
import { chooseLanguage } from "../shell/AccountMenu.tsx";
import { setLook, useLook } from "../shell/look.ts";
import type { Look } from "../shell/look.ts";
import { say } from "../shell/toast.tsx";
import { TwoStep } from "./TwoStep.tsx";
import { agentOf } from "./agent.ts";
import { Credentials } from "./Credentials.tsx";
import { ConnectedAccounts } from "./ConnectedAccounts.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useLanguage, useWords } from "../words/language.ts";
import type { Language } from "../words/language.ts";

export function AccountPage() {
  const words = useWords();
  const { me } = useSigned();
  return (
    <Page title={words.account.title} text={me.user.email} narrow>
      <Profile />
      <Credentials />
      <TwoStep />
      <ConnectedAccounts />
      <Sessions />
      <AcceptedSection />
    </Page>
  );
}

function Profile() {
  const words = useWords();
  const language = useLanguage();
  const look = useLook();
  const { me } = useSigned();
  const client = useQueryClient();
  const [name, setName] = useState(me.user.name);
  const save = useMutation({
    mutationFn: () => call("/api/v1/me", { method: "PATCH", body: { name: name.trim() } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["me"] });
      say(words.account.saved);
    },
  });
  return (
    <div className="grid gap-5 mb-10 max-w-[420px]">
      <form className="grid gap-3" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        <TextField label={words.account.name} hint={words.account.nameHint} value={name} onText={setName} maxLength={200} autoComplete="name" required />
        <ProblemNotice error={save.error} />
        <div><Button type="submit" disabled={name.trim() === "" || name.trim() === me.user.name || save.isPending}>{words.actions.save}</Button></div>
      </form>
      <SelectField<Language> label={words.nav.language} value={language} onPick={chooseLanguage} options={[{ value: "en", label: "English" }, { value: "ja", label: "日本語" }]} />
      <SelectField<Look> label={words.nav.look} value={look} onPick={setLook} options={(["system", "light", "dark"] as const).map((value) => ({ value, label: words.look[value] }))} />
    </div>
  );
}

function Sessions() {
  const words = useWords();
  const formats = useFormats();
  const client = useQueryClient();
  const sessions = useQuery(sessionsData);
  const end = useMutation({
    mutationFn: (session: Session) => call(`/api/v1/me/sessions/${encodeURIComponent(session.id)}`, { method: "DELETE" }),
    onSettled: () => client.invalidateQueries({ queryKey: ["sessions"] }),
  });
  const endOthers = useMutation({
    mutationFn: () => call<{ ended: number }>("/api/v1/me/sessions", { method: "DELETE" }),
    async onSuccess({ ended }) {
      say(words.access.endedOthers(formats.number(ended)));
      await client.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  return (
    <Section
      title={words.account.sessions} text={words.account.sessionsText}
      actions={(sessions.data?.items.length ?? 0) > 1 ? <Button size="small" disabled={endOthers.isPending} onClick={() => endOthers.mutate()}>{words.access.endOthers}</Button> : null}
    >
      <ProblemNotice error={end.error ?? endOthers.error} />
      <Loaded query={sessions} lines={2}>
        {({ items }) => (
          <ul className="card divide-y divide-line">
            {items.toSorted((a, b) => b.lastUsedAt.localeCompare(a.lastUsedAt)).map((session) => (
              <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                <div className="grow min-w-0">
                  <p className="font-medium">
                    {agentOf(session.agent) ?? words.account.unknownAgent} {session.current ? <span className="chip ml-1">{words.account.thisOne}</span> : null}
                  </p>
                  <p className="text-[0.86rem] text-ink-2">{words.account.lastUsed(formats.ago(session.lastUsedAt))}</p>
                </div>
                {session.current ? null : (
                  <Button size="small" aria-label={words.account.endSessionOf(agentOf(session.agent) ?? words.account.unknownAgent)} onClick={() => end.mutate(session)}>{words.account.endSession}</Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}
