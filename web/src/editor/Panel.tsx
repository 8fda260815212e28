import { Copy, Trash2, X } from "lucide-react";
import type { ReactNode } from "react";
import { gridGapPixels, gridRowPixels } from "../reports/definition.ts";
import type { ReportBlock } from "../reports/definition.ts";
import { Button, IconButton } from "../shell/Button.tsx";
import { TextField } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";
import { kindIcons } from "./AddMenu.tsx";
import { useBlockActs } from "./BlockFrame.tsx";
import { ChartSettings } from "./ChartSettings.tsx";
import { FilterSettings } from "./FilterSettings.tsx";
import { ImageSettings } from "./ImageSettings.tsx";
import { NumberSettings } from "./NumberSettings.tsx";
import { ReportSettings } from "./ReportSettings.tsx";
import { TableSettings } from "./TableSettings.tsx";
import { TextArea } from "./TextArea.tsx";
import { focusBlock, useEditing, useEditorRoom } from "./context.ts";
import { moves, sizes } from "./directions.tsx";

/** The settings of what is selected. */
export function Panel() {
  const { editor } = useEditorRoom();
  const words = useWords();
  const { definition, selected, panel } = useEditing();
  const block = panel === "block" ? definition.blocks.find(({ id }) => id === selected) : undefined;
  const Icon = block ? kindIcons[block.kind] : null;
  return (
    <div onKeyDown={(event) => {
      if (event.key !== "Escape" || event.defaultPrevented || (event.target as Element).closest(".cm-editor")) return;
      const id = selected;
      editor.show(null);
      if (id !== null) focusBlock(id);
    }}>
      <div className="flex items-center gap-2 mb-4">
        {Icon ? <Icon size={17} className="text-accent" aria-hidden /> : null}
        <h2 className="grow">{block ? words.editor.blockSettings(words.editor.kinds[block.kind]) : words.editor.reportSettings}</h2>
        <IconButton label={words.editor.closePanel} className="-mr-2" onClick={() => editor.show(null)}><X size={17} aria-hidden /></IconButton>
      </div>
      {block ? <BlockSettings key={block.id} block={block} /> : <ReportSettings />}
    </div>
  );
}

function BlockSettings({ block }: { block: ReportBlock }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const acts = useBlockActs(block);
  return (
    <div className="grid gap-4 [&>*]:min-w-0">
      <TextField small label={words.editor.blockTitle} value={block.title ?? ""} maxLength={200} onText={(title) => editor.editBlock(block.id, { title })} />
      {block.kind === "filter" ? null : <TextField small label={words.editor.blockDescription} value={block.description ?? ""} maxLength={2_000} onText={(description) => editor.editBlock(block.id, { description })} />}
      <OwnSettings block={block} />
      <Fold title={words.editor.layout}>
        <Arrows label={words.editor.layout}>
          {moves.map(({ to, Icon }) => <IconButton key={to} label={words.editor.move[to]} className="border border-line" onClick={() => acts.move(to)}><Icon size={16} aria-hidden /></IconButton>)}
        </Arrows>
        <div className="mt-1.5">
          <Arrows label={words.editor.layout}>
            {sizes.map(({ to, Icon }) => <IconButton key={to} label={words.editor.resize[to]} className="border border-line" onClick={() => acts.resize(to)}><Icon size={16} aria-hidden /></IconButton>)}
          </Arrows>
        </div>
      </Fold>
      <div className="flex flex-wrap gap-2">
        <Button size="small" icon={<Copy size={14} aria-hidden />} onClick={acts.duplicate}>{words.editor.duplicate}</Button>
        <Button size="small" look="danger" icon={<Trash2 size={14} aria-hidden />} onClick={acts.remove}>{words.editor.remove}</Button>
      </div>
    </div>
  );
}

function OwnSettings({ block }: { block: ReportBlock }) {
  switch (block.kind) {
    case "text": return <TextSettings block={block} />;
    case "chart": return <ChartSettings block={block} />;
    case "table": return <TableSettings block={block} />;
    case "number": return <NumberSettings block={block} />;
    case "filter": return <FilterSettings block={block} />;
    case "image": return <ImageSettings block={block} />;
  }
}

function TextSettings({ block }: { block: Extract<ReportBlock, { kind: "text" }> }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const write = (markdown: string): void => {
    editor.editBlock(block.id, { markdown });
    // The block grows with its text; readers see all of it anyway.
    requestAnimationFrame(() => {
      const frame = document.getElementById(`block-${block.id}`);
      const text = frame?.querySelector(".prose");
      const last = text?.lastElementChild;
      if (!frame || !last) return;
      // From where its text ends, not from how high it is: that still changes while it grows.
      const pixels = last.getBoundingClientRect().bottom + text.scrollTop - frame.getBoundingClientRect().top;
      editor.grow(block.id, Math.ceil((pixels + gridGapPixels - 1) / (gridRowPixels + gridGapPixels)));
    });
  };
  return <TextArea label={words.editor.markdown} hint={words.editor.markdownHint} rows={14} value={block.markdown} maxLength={50_000} onText={write} />;
}

const Arrows = ({ label, children }: { label: string; children: ReactNode }) => <div role="group" aria-label={label} className="flex gap-1.5">{children}</div>;

/** A part of the settings that is seldom wanted. */
export function Fold({ title, children, open = false }: { title: string; children: ReactNode; open?: boolean }) {
  return (
    <details open={open} className="rounded-lg border border-line px-3 py-1.5">
      <summary className="text-[0.88rem] font-medium py-1">{title}</summary>
      <div className="pt-1.5 pb-1.5">{children}</div>
    </details>
  );
}
