import { Link } from "@tanstack/react-router";
import { ChartColumn, Hash, Image, ListFilter, Plus, Table2, Type } from "lucide-react";
import { useRef } from "react";
import type { BlockKind } from "../reports/definition.ts";
import { buttonClass } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { Menu, MenuItem } from "../shell/Menu.tsx";
import { useWords } from "../words/language.ts";
import { attachable } from "./attach.ts";
import { useAdding } from "./useAdding.ts";

export const kindIcons = { text: Type, chart: ChartColumn, table: Table2, number: Hash, filter: ListFilter, image: Image };
const kinds: BlockKind[] = ["chart", "table", "number", "text", "filter", "image"];

/** What can be added, each with a word about what it is. */
export function AddMenu({ large = false }: { large?: boolean }) {
  const words = useWords();
  const { add, addPicture, noData, setNoData } = useAdding();
  const files = useRef<HTMLInputElement>(null);
  return (
    <>
      <Menu trigger={<button type="button" className={buttonClass({ look: "primary", size: large ? "normal" : "small" })}><Plus size={16} aria-hidden /><span className={large ? "" : "max-sm:sr-only"}>{words.editor.add}</span></button>}>
        {kinds.map((kind) => {
          const Icon = kindIcons[kind];
          return (
            <MenuItem key={kind} icon={<Icon size={17} className="text-accent" aria-hidden />} onPick={() => (kind === "image" ? files.current?.click() : void add(kind))}>
              <span className="block font-medium leading-snug pt-1">{words.editor.kinds[kind]}</span>
              <span className="block text-[0.8rem] text-ink-2 leading-snug pb-1">{words.editor.kindTexts[kind]}</span>
            </MenuItem>
          );
        })}
      </Menu>
      <input ref={files} type="file" hidden accept={attachable} data-testid="picture" onChange={(event) => { const [file] = event.target.files ?? []; event.target.value = ""; if (file) void addPicture(file); }} />
      <Dialog open={noData} onClose={() => setNoData(false)} title={words.editor.noDatabasesTitle} text={words.editor.noDatabases}>
        <div className="text-right"><Link to="/databases/new" className={buttonClass({ look: "primary" })}>{words.editor.upload}</Link></div>
      </Dialog>
    </>
  );
}
