import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { databasesData } from "../api/data.ts";
import { quoted } from "../queries/sql.ts";
import type { ReportParameter } from "../reports/definition.ts";
import { Field, SelectField, TextField } from "../shell/Field.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { TextArea } from "./TextArea.tsx";
import { useEditing, useEditorRoom } from "./context.ts";
import { choicesText, readChoices, withParameter } from "./parameters.ts";

const types = ["text", "number", "date", "choice"] as const;

/** Everything about one parameter. */
export function ParameterFields({ parameter }: { parameter: ReportParameter }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { name } = parameter;
  const put = (part: Partial<ReportParameter>): void => editor.edit((report) => withParameter(report, name, part), `parameter ${name} ${Object.keys(part).join()}`);
  return (
    <div className="grid gap-3">
      <NameField parameter={parameter} />
      <TextField small label={words.editor.parameterLabel} value={parameter.label ?? ""} maxLength={200} onText={(label) => put({ label })} />
      <SelectField small label={words.editor.parameterType} value={parameter.type} options={types.map((value) => ({ value, label: words.editor.parameterTypes[value] }))}
        onPick={(type) => put({ type, default: undefined, options: type === "choice" ? (parameter.options ?? []) : undefined })} />
      {parameter.type === "choice" ? <ChoiceFields parameter={parameter} onOptions={(options) => put({ options })} /> : null}
      <DefaultField parameter={parameter} onDefault={(value) => put({ default: value })} />
    </div>
  );
}

/** A name counts once it is one: until then it stays as it was. */
function NameField({ parameter }: { parameter: ReportParameter }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { definition } = useEditing();
  const [written, write] = useState(parameter.name);
  const taken = definition.parameters.some((one) => one !== parameter && one.name === written);
  const fits = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(written) && !taken;
  const done = (): void => {
    if (fits && written !== parameter.name) editor.edit((report) => withParameter(report, parameter.name, { name: written }));
    else write(parameter.name);
  };
  return (
    <TextField small label={words.editor.parameterName} hint={words.editor.useHint(parameter.name)} error={fits ? undefined : taken ? words.editor.nameTaken : words.editor.nameInvalid} value={written} maxLength={64} spellCheck={false} autoCapitalize="none" className="font-mono"
      onText={write} onBlur={done} onKeyDown={(event) => { if (event.key === "Enter") done(); }} />
  );
}

function ChoiceFields({ parameter, onOptions }: { parameter: ReportParameter; onOptions: (options: ReportParameter["options"]) => void }) {
  const words = useWords();
  const { team } = useSigned();
  const databases = useQuery(databasesData(team.id));
  const { options } = parameter;
  const query = options && !Array.isArray(options) ? options : null;
  const [text, setText] = useState(() => choicesText(options));
  const first = databases.data?.items.find(({ tables }) => tables.length > 0);
  const pickSource = (source: "list" | "query"): void => {
    if (source === "list") return onOptions(readChoices(text));
    const [table] = first?.tables ?? [];
    if (first && table) onOptions({ database: first.id, sql: `select distinct ${quoted(table.columns[0]?.name ?? "")}\nfrom ${quoted(table.name)}\norder by 1` });
  };
  return (
    <>
      <SelectField small label={words.editor.choicesFrom} value={query ? "query" : "list"} options={(["list", "query"] as const).map((value) => ({ value, label: words.editor.choicesFroms[value] }))} onPick={pickSource} />
      {query ? (
        <>
          <SelectField small label={words.editor.database} value={query.database} options={(databases.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))} onPick={(database) => onOptions({ ...query, database })} />
          <TextArea label={words.editor.sql} hint={words.editor.choicesQueryHint} rows={4} maxLength={100_000} value={query.sql} onText={(sql) => onOptions({ ...query, sql: sql === "" ? " " : sql })} />
        </>
      ) : (
        <TextArea label={words.editor.parameterChoices} hint={words.editor.parameterChoicesHint} rows={5} maxLength={100_000} value={text} onText={(next) => { setText(next); onOptions(readChoices(next)); }} />
      )}
    </>
  );
}

function DefaultField({ parameter, onDefault }: { parameter: ReportParameter; onDefault: (value: ReportParameter["default"]) => void }) {
  const words = useWords();
  const { values } = useEditorRoom();
  const { type, default: value = null } = parameter;
  const [written, write] = useState(value === null ? "" : String(value));
  useEffect(() => write(value === null ? "" : String(value)), [value, type]);
  const choices = type === "choice" ? values.choices.get(parameter.name) : undefined;
  if (choices) {
    const known = choices.some((choice) => choice.value === value);
    return (
      <SelectField small label={words.editor.parameterDefault} hint={words.editor.defaultHint} value={known ? String(choices.findIndex((choice) => choice.value === value)) : ""}
        options={[{ value: "", label: words.reports.anything }, ...choices.map((choice, i) => ({ value: String(i), label: choice.label }))]} onPick={(picked) => onDefault(picked === "" ? null : (choices[Number(picked)]?.value ?? null))} />
    );
  }
  const number = Number(written);
  const wrong = type === "number" && written.trim() !== "" && !Number.isFinite(number);
  const take = (text: string): void => {
    write(text);
    if (text.trim() === "") onDefault(null);
    else if (type !== "number") onDefault(text);
    else if (Number.isFinite(Number(text))) onDefault(Number(text));
  };
  return (
    <Field label={words.editor.parameterDefault} hint={words.editor.defaultHint} error={wrong ? words.editor.invalidDefault : undefined}>
      {(control) => <input {...control} className="input input-small" type={type === "date" ? "date" : "text"} inputMode={type === "number" ? "decimal" : undefined} maxLength={1_000} value={written} onChange={(event) => take(event.target.value)} />}
    </Field>
  );
}
