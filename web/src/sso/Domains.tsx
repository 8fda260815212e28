import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { membersData } from "../api/data.ts";
import { Button, IconButton } from "../shell/Button.tsx";
import { ConfirmDialog } from "../shell/Dialog.tsx";
import { Check, SelectField, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, Section } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { Copied } from "./ConnectionCard.tsx";
import { domainsData, domainsPath, ssoData, ssoPath } from "./data.ts";
import type { Domain } from "./data.ts";

/** Which addresses the provider may speak for, and whether it is the only way in for them. */
export function Domains() {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const domains = useQuery(domainsData(team.id));
  const [text, setText] = useState("");
  const add = useMutation({
    mutationFn: () => call(domainsPath(team.id), { method: "POST", body: { domain: text.trim() } }),
    async onSuccess() {
      setText("");
      await client.invalidateQueries({ queryKey: domainsData(team.id).queryKey });
    },
  });
  return (
    <>
      <Section title={words.sso.domains} text={words.sso.domainsText}>
        <Loaded query={domains} lines={2}>
          {({ items }) => items.length === 0 ? <p className="text-ink-2">{words.sso.noDomains}</p> : <ul className="card divide-y divide-line">{items.map((one) => <Line key={one.domain} domain={one} />)}</ul>}
        </Loaded>
        <form className="mt-3 flex flex-wrap items-end gap-2" onSubmit={(event) => { event.preventDefault(); add.mutate(); }}>
          <div className="grow basis-[200px] max-w-[360px]"><TextField label={words.sso.domain} placeholder="example.com" value={text} onText={setText} maxLength={253} autoCapitalize="none" spellCheck={false} required /></div>
          <Button type="submit" icon={<Plus size={15} aria-hidden />} disabled={add.isPending}>{words.sso.addDomain}</Button>
        </form>
        {add.error ? <div className="mt-2"><ProblemNotice error={add.error} /></div> : null}
      </Section>
      <BreakGlass />
    </>
  );
}

function Line({ domain: { domain, record, verifiedAt, ssoRequired } }: { domain: Domain }) {
  const words = useWords();
  const formats = useFormats();
  const { team } = useSigned();
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const path = `${domainsPath(team.id)}/${encodeURIComponent(domain)}`;
  const renew = () => client.invalidateQueries({ queryKey: domainsData(team.id).queryKey });
  const check = useMutation({ mutationFn: () => call(`${path}/verification`, { method: "POST" }), onSuccess: renew });
  const require = useMutation({ mutationFn: (wanted: boolean) => call(path, { method: "PATCH", body: { ssoRequired: wanted } }), onSettled: renew });
  return (
    <li className="px-4 py-3 grid gap-2.5">
      <div className="flex items-center gap-3">
        <div className="grow min-w-0">
          <p className="font-medium break-all">{domain}</p>
          <p className="text-[0.86rem] text-ink-2">{verifiedAt ? words.sso.verified(formats.date(verifiedAt)) : words.sso.unverified}</p>
        </div>
        <IconButton label={words.sso.removeDomain(domain)} onClick={() => setRemoving(true)}><Trash2 size={17} aria-hidden /></IconButton>
      </div>
      {verifiedAt ? (
        <Check label={words.sso.requiredOf(domain)} checked={require.isPending ? require.variables : ssoRequired} onCheck={(wanted) => { if (!require.isPending) require.mutate(wanted); }} />
      ) : (
        <>
          <p className="text-[0.9rem]">{words.sso.recordText}</p>
          <Copied label={`TXT · ${words.sso.recordName}`} text={record.name} />
          <Copied label={words.sso.recordValue} text={record.value} />
          <div><Button size="small" disabled={check.isPending} onClick={() => check.mutate()}>{words.sso.check}</Button></div>
        </>
      )}
      <ProblemNotice error={check.error ?? require.error} />
      <ConfirmDialog
        open={removing} onClose={() => setRemoving(false)} title={words.sso.removeDomainTitle(domain)} text={words.sso.removeDomainText} act={words.sso.delete}
        onConfirm={async () => {
          await call(path, { method: "DELETE" });
          await renew();
        }}
      />
    </li>
  );
}

function BreakGlass() {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const members = useQuery(membersData(team.id));
  const settings = useQuery(ssoData(team.id));
  const owners = (members.data?.items ?? []).filter((member) => member.role === "owner");
  const change = useMutation({
    mutationFn: (user: string) => call(ssoPath(team.id), { method: "PUT", body: { breakGlassUser: user === "" ? null : user } }),
    onSettled: () => client.invalidateQueries({ queryKey: ssoData(team.id).queryKey }),
  });
  return (
    <Section title={words.sso.breakGlass} text={words.sso.breakGlassText}>
      <div className="max-w-[360px] grid gap-2.5">
        <SelectField
          bare label={words.sso.breakGlass} value={settings.data?.breakGlassUser ?? ""} disabled={change.isPending || !settings.data} onPick={(user) => change.mutate(user)}
          options={[{ value: "", label: words.sso.nobody }, ...owners.map(({ user }) => ({ value: user.id, label: `${user.name} (${user.email})` }))]}
        />
        <ProblemNotice error={change.error} />
      </div>
    </Section>
  );
}
