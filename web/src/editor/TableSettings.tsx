import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReportBlock } from "../reports/definition.ts";
import { IconButton } from "../shell/Button.tsx";
import { SelectField, TextField } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";
import { FormatFields } from "./FormatFields.tsx";
import { QuestionFields, useShownAnswer } from "./QuestionFields.tsx";
import { useEditorRoom } from "./context.ts";

type TableBlock = Extract<ReportBlock, { kind: "table" }>;
type Column = NonNullable<TableBlock["columns"]>[number];

const rowChoices = ["5", "10", "20", "50", "100", "200", "500", "1000"];

export function TableSettings({ block }: { block: TableBlock }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const answer = useShownAnswer(block);
  const rows = String(block.rowsMax ?? 100);
  return (
    <>
      <QuestionFields block={block} />
      <SelectField small label={words.editor.rowsMax} value={rows} options={[...new Set([...rowChoices, rows])].toSorted((a, b) => Number(a) - Number(b)).map((value) => ({ value, label: value }))}
        onPick={(value) => editor.editBlock(block.id, { rowsMax: Number(value) })} />
      {answer ? <Columns block={block} names={answer.columns.map(({ name }) => name)} /> : <p className="hint">{words.editor.runFirst}</p>}
    </>
  );
}

function Columns({ block, names }: { block: TableBlock; names: string[] }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  // Without a choice, all of them are shown as they come.
  const chosen: Column[] = block.columns ?? names.map((field) => ({ field }));
  const hidden = names.filter((name) => !chosen.some(({ field }) => field === name));
  const put = (columns: Column[], about?: string): void => {
    const plain = columns.length === names.length && columns.every((column, i) => column.field === names[i] && Object.keys(column).length === 1);
    editor.editBlock(block.id, { columns: plain ? undefined : columns }, about);
  };
  const change = (i: number, part: Partial<Column>): void =>
    put(chosen.map((column, at) => (at === i ? (Object.fromEntries(Object.entries({ ...column, ...part }).filter(([, value]) => value !== undefined && value !== "")) as Column) : column)), `${block.id} column ${i} ${Object.keys(part).join()}`);
  const swap = (i: number, by: number): void => {
    const next = [...chosen];
    [next[i], next[i + by]] = [next[i + by]!, next[i]!];
    put(next);
  };
  return (
    <fieldset>
      <legend className="label">{words.editor.tableColumns}</legend>
      <ul className="rounded-lg border border-line divide-y divide-line">
        {chosen.map((column, i) => (
          <li key={column.field} className="px-2.5 py-1">
            <div className="flex items-center gap-1">
              <ShownBox name={column.field} shown disabled={chosen.length === 1} onShow={() => put(chosen.filter((_, at) => at !== i))} />
              <IconButton label={words.editor.columnUp(column.field)} className="!min-w-7 !min-h-7" disabled={i === 0} onClick={() => swap(i, -1)}><ArrowUp size={14} aria-hidden /></IconButton>
              <IconButton label={words.editor.columnDown(column.field)} className="!min-w-7 !min-h-7" disabled={i === chosen.length - 1} onClick={() => swap(i, 1)}><ArrowDown size={14} aria-hidden /></IconButton>
            </div>
            <ColumnFields column={column} onColumn={(part) => change(i, part)} />
          </li>
        ))}
        {hidden.map((name) => <li key={name} className="px-2.5 py-1"><ShownBox name={name} shown={false} onShow={() => put([...chosen, { field: name }])} /></li>)}
      </ul>
    </fieldset>
  );
}

function ShownBox({ name, shown, disabled = false, onShow }: { name: string; shown: boolean; disabled?: boolean; onShow: () => void }) {
  const words = useWords();
  return (
    <label className="grow min-w-0 flex items-center gap-2 min-h-7 text-[0.9rem]">
      <input type="checkbox" className="size-4 accent-accent shrink-0" aria-label={words.editor.show(name)} checked={shown} disabled={disabled} onChange={onShow} />
      <span className={`truncate ${shown ? "" : "text-ink-2"}`}>{name}</span>
    </label>
  );
}

const aligns = ["auto", "left", "center", "right"] as const;

function ColumnFields({ column, onColumn }: { column: Column; onColumn: (part: Partial<Column>) => void }) {
  const words = useWords();
  return (
    <details className="pl-6">
      <summary className="text-[0.82rem] text-ink-2 py-0.5" >{words.editor.settings}<span className="sr-only">: {column.field}</span></summary>
      <div className="grid gap-2.5 pt-1 pb-2">
        <TextField small label={words.editor.columnTitle} value={column.title ?? ""} placeholder={column.field} maxLength={200} onText={(title) => onColumn({ title })} />
        <SelectField small label={words.editor.align} value={column.align ?? "auto"} options={aligns.map((value) => ({ value, label: words.editor.aligns[value] }))} onPick={(align) => onColumn({ align: align === "auto" ? undefined : align })} />
        <FormatFields format={column.format} onFormat={(format) => onColumn({ format })} />
      </div>
    </details>
  );
}
