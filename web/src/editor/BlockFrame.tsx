import { Copy, GripVertical, MoreHorizontal, Settings2, Trash2 } from "lucide-react";
import { memo, useRef } from "react";
import type { KeyboardEvent, MouseEvent } from "react";
import { BlockView } from "../reports/BlockView.tsx";
import { BlockHead } from "../reports/Sheet.tsx";
import { nameOf } from "../reports/definition.ts";
import type { Moving, ReportBlock, Sizing } from "../reports/definition.ts";
import { Menu, MenuItem, MenuLine } from "../shell/Menu.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { focusBlock, useEditing, useEditorRoom } from "./context.ts";
import { arrows, moves, sizes } from "./directions.tsx";

/** What can be done with a block, by menu, keyboard and panel alike; each is said aloud. */
export function useBlockActs(block: ReportBlock) {
  const words = useWords();
  const formats = useFormats();
  const { editor, tell } = useEditorRoom();
  const name = nameOf(block, words.editor.kinds);
  const tellPlace = (went: boolean): void => {
    const layout = editor.get().definition.blocks.find(({ id }) => id === block.id)?.layout;
    if (!went || !layout) return tell(words.editor.edge);
    const [x, y, w, h] = [layout.x + 1, layout.y + 1, layout.w, layout.h].map(formats.number) as [string, string, string, string];
    tell(words.editor.placed(name, x, y, w, h));
  };
  return {
    name,
    move: (to: Moving): void => tellPlace(editor.move(block.id, to)),
    resize: (to: Sizing): void => tellPlace(editor.resize(block.id, to)),
    duplicate(): void {
      const copy = editor.duplicate(block.id);
      if (copy === null) return;
      tell(words.editor.added(name));
      focusBlock(copy);
    },
    remove(): void {
      const { blocks } = editor.get().definition;
      const at = blocks.findIndex(({ id }) => id === block.id);
      editor.remove(block.id);
      say(words.editor.removed(name), { label: words.actions.undo, run: () => editor.undo() });
      const next = blocks[at + 1] ?? blocks[at - 1];
      if (next) focusBlock(next.id);
    },
  };
}

/** A block that can be selected, moved, resized and removed, by pointer and by keyboard. */
export const BlockFrame = memo(function BlockFrame({ block, narrow = false }: { block: ReportBlock; narrow?: boolean }) {
  const { editor, values, onValue } = useEditorRoom();
  const { definition, selected, held } = useEditing();
  const acts = useBlockActs(block);
  const from = useRef({ x: 0, y: 0 });
  const isSelected = selected === block.id;
  const press = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = arrows[event.key];
    if (arrow && event.shiftKey) acts.resize(arrow.size);
    else if (arrow) acts.move(arrow.move);
    else if (event.key === "Enter" || event.key === " ") editor.select(block.id);
    else if (event.key === "Delete" || event.key === "Backspace") acts.remove();
    else if (event.key === "Escape") editor.select(null);
    else return;
    event.preventDefault();
  };
  const click = (event: MouseEvent): void => {
    // The end of a drag is no click.
    if (Math.hypot(event.clientX - from.current.x, event.clientY - from.current.y) > 5 || (event.target as Element).closest("a, button, input, select, summary, [role=menu]")) return;
    editor.select(block.id);
  };
  return (
    <div
      id={`block-${block.id}`} data-block={block.id} data-selected={isSelected} role="group" tabIndex={0} aria-label={acts.name} aria-describedby="block-keys"
      className={`group sheet-block relative rounded-lg scroll-mt-32 scroll-mb-10 outline-offset-[5px] hover:outline hover:outline-line-2/60 data-[selected=true]:outline-2 data-[selected=true]:!outline-accent focus-visible:!outline-2 ${narrow ? "" : "h-full cursor-grab"}`}
      onKeyDown={press} onPointerDown={(event) => { from.current = { x: event.clientX, y: event.clientY }; }} onClick={click}
    >
      <BlockHead block={block} />
      <BlockView block={block} report={definition} values={values} onValue={onValue} boxed={!narrow} sql={held?.block === block.id ? held.sql : undefined} />
      <BlockMenu block={block} acts={acts} />
    </div>
  );
});

function BlockMenu({ block, acts }: { block: ReportBlock; acts: ReturnType<typeof useBlockActs> }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const button = "inline-flex items-center justify-center size-7 rounded-md text-ink-2 hover:text-ink hover:bg-paper-3";
  return (
    <div className="absolute z-10 -top-2.5 right-0 flex rounded-lg border border-line bg-paper shadow-sm opacity-0 group-hover:opacity-100 group-focus-within:opacity-100 group-data-[selected=true]:opacity-100 transition-opacity">
      <span data-drag className={`${button} cursor-grab max-md:hidden touch-none`} title={words.editor.drag(acts.name)} aria-hidden><GripVertical size={15} /></span>
      <Menu trigger={<button type="button" className={button} aria-label={words.editor.actionsOf(acts.name)} title={words.editor.blockMenu}><MoreHorizontal size={16} aria-hidden /></button>}>
        <MenuItem icon={<Settings2 size={16} aria-hidden />} onPick={() => editor.select(block.id)} hint="Enter">{words.editor.settings}</MenuItem>
        <MenuItem icon={<Copy size={16} aria-hidden />} onPick={acts.duplicate}>{words.editor.duplicate}</MenuItem>
        <MenuLine />
        {moves.map(({ to, Icon, key }) => <MenuItem key={to} stays icon={<Icon size={16} aria-hidden />} onPick={() => acts.move(to)} hint={key}>{words.editor.move[to]}</MenuItem>)}
        <MenuLine />
        {sizes.map(({ to, Icon, key }) => <MenuItem key={to} stays icon={<Icon size={16} aria-hidden />} onPick={() => acts.resize(to)} hint={`⇧ ${key}`}>{words.editor.resize[to]}</MenuItem>)}
        <MenuLine />
        <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onPick={acts.remove}>{words.editor.remove}</MenuItem>
      </Menu>
    </div>
  );
}
