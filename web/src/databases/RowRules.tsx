import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { groupsData, membersData, rulesData } from "../api/data.ts";
import type { Database, Group, Member, RowRule, RuleSet } from "../api/types.ts";
import { Button, IconButton } from "../shell/Button.tsx";
import { SelectField, TextField } from "../shell/Field.tsx";
import { Loaded, Section } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { RowPreview } from "./RowPreview.tsx";
import { RuleTrouble } from "./RuleTrouble.tsx";
import { readSubject, writeSubject } from "./subjects.ts";

/** Who sees which rows of a database: for those who decide it. */
export function RowRules({ database }: { database: Database }) {
  const words = useWords();
  const { team } = useSigned();
  const rules = useQuery(rulesData(database.id));
  const members = useQuery(membersData(team.id));
  const groups = useQuery(groupsData(team.id));
  return (
    <Section title={words.rules.title} text={words.rules.text}>
      <Loaded query={rules} lines={2}>
        {(set) => <Editor key={set.number} database={database} set={set} members={members.data?.items ?? []} groups={groups.data?.items ?? []} />}
      </Loaded>
    </Section>
  );
}

interface EditorProps {
  database: Database;
  set: RuleSet;
  members: Member[];
  groups: Group[];
}

function Editor({ database, set, members, groups }: EditorProps) {
  const words = useWords();
  const client = useQueryClient();
  const [draft, setDraft] = useState(set.rules);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(set.rules);
  const save = useMutation({
    mutationFn: () => call<RuleSet>(`/api/v1/databases/${encodeURIComponent(database.id)}/rules`, { method: "PUT", body: { rules: draft }, headers: { "If-Match": `"${set.number}"` } }),
    onSuccess(saved) {
      say(words.rules.saved);
      client.setQueryData(rulesData(database.id).queryKey, saved);
    },
  });
  const change = (at: number, rule: RowRule): void => setDraft(draft.map((one, i) => (i === at ? rule : one)));
  // Somebody else may have saved meanwhile: theirs are shown then.
  const discard = (): void => {
    setDraft(set.rules);
    save.reset();
    void client.invalidateQueries({ queryKey: rulesData(database.id).queryKey });
  };
  const add = (): void => setDraft([...draft, { table: draft.at(-1)?.table ?? database.tables[0]?.name ?? "", subject: { kind: "everyone" }, condition: "" }]);
  return (
    <div className="grid gap-4">
      {draft.length === 0 ? <p className="text-ink-2">{words.rules.none}</p> : (
        <ol className="card divide-y divide-line">
          {draft.map((rule, at) => (
            // Rules have no names of their own: their place is what tells them apart.
            <Line key={at} at={at} rule={rule} database={database} members={members} groups={groups} onChange={(next) => change(at, next)} onRemove={() => setDraft(draft.filter((_, i) => i !== at))} />
          ))}
        </ol>
      )}
      <RuleTrouble error={save.error} />
      <div className="flex flex-wrap items-center gap-2">
        <Button size="small" icon={<Plus size={15} aria-hidden />} disabled={database.tables.length === 0} onClick={add}>{words.rules.add}</Button>
        <span className="grow" />
        {isChanged ? <span className="chip">{words.rules.unsaved}</span> : null}
        {isChanged ? <Button size="small" onClick={discard}>{words.rules.discard}</Button> : null}
        {isChanged ? <Button size="small" look="primary" disabled={save.isPending} onClick={() => save.mutate()}>{words.rules.save}</Button> : null}
      </div>
      {draft.length > 0 ? <p className="hint">{words.rules.publishedNote}</p> : null}
      {draft.length > 0 ? <RowPreview database={database} rules={draft} members={members} /> : null}
    </div>
  );
}

interface LineProps extends Omit<EditorProps, "set"> {
  at: number;
  rule: RowRule;
  onChange: (rule: RowRule) => void;
  onRemove: () => void;
}

function Line({ at, rule, database, members, groups, onChange, onRemove }: LineProps) {
  const words = useWords();
  const formats = useFormats();
  const number = formats.number(at + 1);
  const { table, subject, condition } = rule;
  const tables = [...new Set([...database.tables.map((one) => one.name), table])].map((name) => ({ value: name, label: name }));
  return (
    <li className="px-4 py-3.5">
      <div role="group" aria-label={words.rules.rule(number)} className="grid gap-3 sm:grid-cols-[1fr_1fr_1fr_auto] items-end">
        <SelectField label={words.rules.table} small value={table} options={tables} onPick={(name) => onChange({ ...rule, table: name })} />
        <SelectField label={words.rules.who} small value={writeSubject(subject)} options={subjectOptions(words, members, groups, subject)} onPick={(text) => onChange({ ...rule, subject: readSubject(text) })} />
        <SelectField
          label={words.rules.sees} small value={condition === null ? "all" : "some"} onPick={(which) => onChange({ ...rule, condition: which === "all" ? null : "" })}
          options={[{ value: "some", label: words.rules.someRows }, { value: "all", label: words.rules.allRows }]}
        />
        <IconButton label={words.rules.remove(number)} onClick={onRemove}><Trash2 size={17} aria-hidden /></IconButton>
      </div>
      {condition === null ? null : (
        <div className="mt-3">
          <TextField
            label={words.rules.condition} hint={at === 0 ? words.rules.conditionHint : undefined} small className="font-mono !text-[0.88rem]" value={condition} maxLength={2_000} required
            placeholder={words.rules.example} spellCheck={false} autoCapitalize="none" onText={(text) => onChange({ ...rule, condition: text })}
          />
        </div>
      )}
    </li>
  );
}

function subjectOptions(words: ReturnType<typeof useWords>, members: Member[], groups: Group[], subject: RowRule["subject"]): { value: string; label: string }[] {
  const options = [
    { value: "everyone", label: words.rules.everyone }, { value: "role editor", label: words.rules.editors }, { value: "role viewer", label: words.rules.viewers },
    ...groups.map((group) => ({ value: `group ${group.id}`, label: `${words.rules.groups}: ${group.name}` })),
    // Owners and administrators see all rows: a rule for them would do nothing.
    ...members.filter(({ role }) => role === "editor" || role === "viewer").map(({ user }) => ({ value: `member ${user.id}`, label: `${user.name} (${user.email})` })),
  ];
  const current = writeSubject(subject);
  if (options.some((option) => option.value === current)) return options;
  const person = members.find(({ user }) => subject.kind === "member" && user.id === subject.id);
  return [...options, { value: current, label: person ? `${person.user.name} (${person.user.email})` : words.rules.gone }];
}
