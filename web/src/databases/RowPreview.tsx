import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import type { Database, Member, RowPreview as Counted, RowRule } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { SelectField } from "../shell/Field.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { RuleTrouble } from "./RuleTrouble.tsx";
import { readSubject } from "./subjects.ts";

/** How many rows of each table somebody sees under these rules. */
export function RowPreview({ database, rules, members }: { database: Database; rules: RowRule[]; members: Member[] }) {
  const words = useWords();
  const formats = useFormats();
  const [who, setWho] = useState("role viewer");
  const options = [
    { value: "role viewer", label: words.rules.anyViewer }, { value: "role editor", label: words.rules.anyEditor },
    ...members.map(({ user }) => ({ value: `member ${user.id}`, label: `${user.name} (${user.email})` })),
  ];
  const look = useMutation({
    mutationFn: () => call<Counted>(`/api/v1/databases/${encodeURIComponent(database.id)}/rules/preview`, { method: "POST", body: { subject: readSubject(who), rules } }),
  });
  const count = (rows: number | null): string => (rows === null ? words.rules.unknown : formats.number(rows));
  return (
    <div className="rounded-[9px] border border-line px-4 py-3.5 grid gap-3">
      <div>
        <h3>{words.rules.preview}</h3>
        <p className="hint !mt-0">{words.rules.previewText}</p>
      </div>
      <div className="flex flex-wrap items-end gap-2">
        <div className="grow min-w-0 max-w-[26rem]"><SelectField label={words.rules.previewWho} small value={who} options={options} onPick={(next) => { setWho(next); look.reset(); }} /></div>
        <Button size="small" disabled={look.isPending} onClick={() => look.mutate()}>{words.rules.look}</Button>
      </div>
      <RuleTrouble error={look.error} />
      <div role="status">
        {look.data?.isUnrestricted ? <p>{words.rules.all}</p> : null}
        {look.data && !look.data.isUnrestricted ? (
          <ul className="grid gap-1 text-[0.92rem] numeric">
            {look.data.tables.map(({ name, rows, visible }) => (
              <li key={name} className="flex gap-3"><span className="min-w-0 truncate font-medium">{name}</span><span className="text-ink-2">{words.rules.visible(count(visible), count(rows))}</span></li>
            ))}
          </ul>
        ) : null}
      </div>
    </div>
  );
}
