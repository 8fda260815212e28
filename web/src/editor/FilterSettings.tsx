import { Plus } from "lucide-react";
import type { ReportBlock } from "../reports/definition.ts";
import { Button } from "../shell/Button.tsx";
import { SelectField } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";
import { ParameterFields } from "./ParameterFields.tsx";
import { useEditing, useEditorRoom } from "./context.ts";
import { freeName } from "./newBlock.ts";

/** Which parameter the filter is for, and what that is. */
export function FilterSettings({ block }: { block: Extract<ReportBlock, { kind: "filter" }> }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { definition } = useEditing();
  const parameter = definition.parameters.find(({ name }) => name === block.parameter);
  const add = (): void => {
    const name = freeName(definition.parameters.map((one) => one.name));
    const about = `filter ${name}`;
    editor.edit((report) => ({ ...report, parameters: [...report.parameters, { name, type: "text" }] }), about);
    editor.editBlock(block.id, { parameter: name }, about);
  };
  return (
    <>
      <SelectField small label={words.editor.parameter} value={block.parameter} options={definition.parameters.map(({ name, label }) => ({ value: name, label: label ? `${label} (:${name})` : `:${name}` }))} onPick={(name) => editor.editBlock(block.id, { parameter: name })} />
      {parameter ? <div className="rounded-lg border border-line p-3"><ParameterFields key={parameter.name} parameter={parameter} /></div> : null}
      <div><Button size="small" icon={<Plus size={14} aria-hidden />} onClick={add}>{words.editor.newParameter}</Button></div>
    </>
  );
}
