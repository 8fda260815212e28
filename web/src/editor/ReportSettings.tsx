import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { reportLimits } from "#src/rooms/reports/schema.ts";
import { Button } from "../shell/Button.tsx";
import { SelectField, TextField } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";
import { ParameterFields } from "./ParameterFields.tsx";
import { TextArea } from "./TextArea.tsx";
import { useEditing, useEditorRoom } from "./context.ts";
import { freeName } from "./newBlock.ts";
import { withoutParameter } from "./parameters.ts";

/** What concerns the report as a whole. */
export function ReportSettings() {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { definition } = useEditing();
  return (
    <div className="grid gap-4 [&>*]:min-w-0">
      <TextField small label={words.editor.reportTitle} value={definition.title} maxLength={200} onText={(title) => editor.edit((report) => ({ ...report, title }), "title")} />
      <TextArea label={words.editor.description} rows={3} maxLength={2_000} value={definition.description ?? ""} onText={(description) => editor.edit((report) => ({ ...report, description }), "description")} />
      <SelectField small label={words.editor.language} value={definition.language} options={[{ value: "en", label: words.editor.languages.en }, { value: "ja", label: words.editor.languages.ja }]} onPick={(language) => editor.edit((report) => ({ ...report, language }))} />
      <BackgroundField />
      <TagsField />
      <Parameters />
    </div>
  );
}

const grounds = ["light", "dark", "colour"] as const;
const firstColour = "#FFF8EC";

function BackgroundField() {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { definition: { background = "light" } } = useEditing();
  const ground = background === "light" || background === "dark" ? background : "colour";
  const put = (next: string): void => editor.edit((report) => ({ ...report, background: next }), "background");
  return (
    <fieldset>
      <legend className="label">{words.editor.background}</legend>
      <div className="flex flex-wrap items-center gap-1.5">
        {grounds.map((one) => (
          <label key={one} className="inline-flex items-center gap-2 min-h-8 rounded-lg border border-line px-2.5 text-[0.88rem] has-[:checked]:border-accent has-[:checked]:bg-accent-soft has-[:focus-visible]:outline-2 outline-accent">
            <input type="radio" name="background" className="accent-accent" checked={ground === one} onChange={() => put(one === "colour" ? firstColour : one)} />{words.editor.backgrounds[one]}
          </label>
        ))}
        {ground === "colour" ? <input type="color" aria-label={words.editor.colour} className="size-8 rounded-md border border-line-2 bg-paper p-0.5" value={background.toLowerCase()} onChange={(event) => put(event.target.value.toUpperCase())} /> : null}
      </div>
    </fieldset>
  );
}

const tagsOf = (text: string): string[] => [...new Set(text.split(/[,、，]/).map((tag) => tag.trim().slice(0, 50)).filter((tag) => tag !== ""))].slice(0, reportLimits.tagsMax);

function TagsField() {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { definition: { tags = [] } } = useEditing();
  // Written freely; a comma at the end is no tag yet, and must not vanish.
  const [text, setText] = useState<string | null>(null);
  const shown = text !== null && tagsOf(text).join() === tags.join() ? text : tags.join(", ");
  return (
    <TextField small label={words.editor.tags} hint={words.editor.tagsHint} value={shown} maxLength={600}
      onText={(next) => { setText(next); editor.edit((report) => ({ ...report, tags: tagsOf(next) }), "tags"); }} onBlur={() => setText(null)} />
  );
}

function Parameters() {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { definition: { parameters } } = useEditing();
  return (
    <section aria-labelledby="parameters-heading">
      <h3 id="parameters-heading" className="text-[0.93rem]">{words.editor.parameters}</h3>
      <p className="hint !mt-0 mb-2">{words.editor.parametersText}</p>
      <ul className="grid gap-2">
        {parameters.map((parameter, i) => (
          <li key={i} className="rounded-lg border border-line">
            <details>
              <summary className="flex items-center gap-2 px-3 py-1 min-h-9">
                <span className="font-mono text-[0.86rem] text-accent">:{parameter.name}</span>
                <span className="grow truncate text-[0.86rem] text-ink-2">{parameter.label ?? ""}</span>
              </summary>
              <div className="px-3 pb-3 pt-1"><ParameterFields key={parameter.name} parameter={parameter} />
                <Button size="small" look="danger" className="mt-3" icon={<Trash2 size={14} aria-hidden />} aria-label={words.editor.removeParameter(parameter.name)} onClick={() => editor.edit((report) => withoutParameter(report, parameter.name))}>{words.editor.remove}</Button>
              </div>
            </details>
          </li>
        ))}
      </ul>
      <Button size="small" className="mt-2" icon={<Plus size={14} aria-hidden />} disabled={parameters.length >= reportLimits.parametersMax}
        onClick={() => editor.edit((report) => ({ ...report, parameters: [...report.parameters, { name: freeName(parameters.map(({ name }) => name)), type: "text" }] }))}>
        {words.editor.addParameter}
      </Button>
    </section>
  );
}
