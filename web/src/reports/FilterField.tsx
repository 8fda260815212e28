import { useEffect, useId, useState } from "react";
import { wordsOf } from "../words/language.ts";
import type { Language } from "../words/language.ts";
import type { ReportParameter } from "./definition.ts";
import type { ReportValues } from "./useValues.ts";

interface FilterFieldProps {
  parameter: ReportParameter;
  label: string;
  /** The report's. */
  language: Language;
  values: ReportValues;
  /** The text of an address; undefined is the default. */
  onText: (text: string | undefined) => void;
}

/** A control with which a reader chooses a parameter's value. A text counts when it is finished, a choice at once. */
export function FilterField({ parameter, label, language, values, onText }: FilterFieldProps) {
  const words = wordsOf(language);
  const id = useId();
  const { name, type } = parameter;
  const value = values.values[name] ?? null;
  const text = value === null ? "" : String(value);
  const invalid = values.invalid.includes(name) && (type !== "choice" || values.choices.has(name));
  const fallback = parameter.default ?? null;
  const put = (next: string): void => onText(next === (fallback === null ? "" : String(fallback)) ? undefined : next);
  const common = { id, className: "input", ...(invalid ? { "aria-invalid": true, "aria-describedby": `${id}-error` } : {}) };
  const options = values.choices.get(name) ?? [];
  // Where nothing chosen is the usual state, the reader can come back to it.
  const anything = fallback === null && !options.some((option) => option.value === null);
  return (
    <div>
      <label htmlFor={id} className="block text-[0.86rem] font-medium mb-1">{label}</label>
      {type === "choice" ? (
        <select {...common} value={text} onChange={(event) => put(event.target.value)}>
          {anything ? <option value="">{words.reports.anything}</option> : null}
          {options.map((option) => <option key={String(option.value)} value={String(option.value ?? "")}>{option.label}</option>)}
        </select>
      ) : <TextControl {...common} type={type === "date" ? "date" : "text"} inputMode={type === "number" ? "decimal" : undefined} text={text} onDone={put} />}
      {invalid ? <p id={`${id}-error`} className="hint !text-bad">{words.reports.invalidValue}</p> : null}
    </div>
  );
}

function TextControl({ text, onDone, type, ...rest }: { text: string; onDone: (text: string) => void; type: string } & React.ComponentProps<"input">) {
  const [written, write] = useState(text);
  useEffect(() => write(text), [text]);
  const done = (next = written): void => { if (next !== text) onDone(next); };
  return (
    <input
      {...rest} type={type} maxLength={1_000} value={written}
      onChange={(event) => {
        write(event.target.value);
        if (type === "date") done(event.target.value);
      }}
      onBlur={() => done()} onKeyDown={(event) => { if (event.key === "Enter") done(); }}
    />
  );
}
