import type { ReportBlock } from "../reports/definition.ts";
import { SelectField } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";
import { FormatFields } from "./FormatFields.tsx";
import { QuestionFields, useShownAnswer } from "./QuestionFields.tsx";
import { useEditorRoom } from "./context.ts";

const none = "\u0000";

export function NumberSettings({ block }: { block: Extract<ReportBlock, { kind: "number" }> }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const answer = useShownAnswer(block);
  const columns = (kept: string | undefined, first: string) => {
    const names = answer?.columns.map(({ name }) => name) ?? [];
    return [{ value: none, label: first }, ...(kept === undefined || names.includes(kept) ? names : [kept, ...names]).map((name) => ({ value: name, label: name }))];
  };
  const put = (name: "field" | "compareField") => (picked: string): void => editor.editBlock(block.id, { [name]: picked === none ? undefined : picked });
  return (
    <>
      <QuestionFields block={block} />
      <SelectField small label={words.editor.field} value={block.field ?? none} options={columns(block.field, words.editor.firstColumn)} onPick={put("field")} />
      <SelectField small label={words.editor.compareField} value={block.compareField ?? none} options={columns(block.compareField, words.editor.noCompare)} onPick={put("compareField")} />
      {block.compareField !== undefined && (
        <SelectField
          small label={words.editor.better} value={block.better ?? "more"} options={(["more", "less", "neither"] as const).map((value) => ({ value, label: words.editor.betters[value] }))}
          onPick={(better) => editor.editBlock(block.id, { better: better === "more" ? undefined : better })}
        />
      )}
      <FormatFields format={block.format} onFormat={(format) => editor.editBlock(block.id, { format })} />
    </>
  );
}
