import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChartColumn, Hash, Image, ListFilter, Plus, Table2, Type } from "lucide-react";
import { useRef, useState } from "react";
import { reportLimits } from "#src/rooms/reports/schema.ts";
import { databasesData } from "../api/data.ts";
import { asProblem } from "../api/api.ts";
import type { BlockKind } from "../reports/definition.ts";
import { nameOf } from "../reports/definition.ts";
import { buttonClass } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { Menu, MenuItem } from "../shell/Menu.tsx";
import { sayProblem } from "../shell/Notice.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { focusBlock, useEditorRoom } from "./context.ts";
import { addAsking, addFilter, addText, databaseFor } from "./newBlock.ts";
import { readPicture } from "./picture.ts";

export const kindIcons = { text: Type, chart: ChartColumn, table: Table2, number: Hash, filter: ListFilter, image: Image };
const kinds: BlockKind[] = ["chart", "table", "number", "text", "filter", "image"];

/** Adds a block that shows something at once, where that can be. */
export function AddMenu({ large = false }: { large?: boolean }) {
  const words = useWords();
  const { team } = useSigned();
  const { editor, tell } = useEditorRoom();
  const databases = useQuery(databasesData(team.id));
  const files = useRef<HTMLInputElement>(null);
  const [noData, setNoData] = useState(false);
  const added = (id: string): void => {
    const block = editor.get().definition.blocks.find((one) => one.id === id);
    if (block) tell(words.editor.added(nameOf(block, words.editor.kinds)));
    focusBlock(id);
  };
  const add = async (kind: BlockKind): Promise<void> => {
    if (editor.get().definition.blocks.length >= reportLimits.blocksMax) return say(words.editor.blocksFull);
    if (kind === "text") return added(addText(editor, words));
    if (kind === "filter") return added(addFilter(editor, words));
    if (kind === "image") return files.current?.click();
    const database = databaseFor(editor.get().definition, databases.data?.items ?? []);
    if (!database) return setNoData(true);
    added(await addAsking({ kind, editor, database }));
  };
  const addPicture = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    try {
      const picture = await readPicture(file);
      added(editor.add("image", (id, layout) => ({ id, kind: "image", layout, alt: "", picture })));
    } catch (error) {
      const { title, detail } = sayProblem(asProblem(error), words);
      say(detail || title);
    }
  };
  return (
    <>
      <Menu trigger={<button type="button" className={buttonClass({ look: "primary", size: large ? "normal" : "small" })}><Plus size={16} aria-hidden /><span className={large ? "" : "max-sm:sr-only"}>{words.editor.add}</span></button>}>
        {kinds.map((kind) => {
          const Icon = kindIcons[kind];
          return (
            <MenuItem key={kind} icon={<Icon size={17} className="text-accent" aria-hidden />} onPick={() => void add(kind)}>
              <span className="block font-medium leading-snug pt-1">{words.editor.kinds[kind]}</span>
              <span className="block text-[0.8rem] text-ink-2 leading-snug pb-1">{words.editor.kindTexts[kind]}</span>
            </MenuItem>
          );
        })}
      </Menu>
      <input ref={files} type="file" hidden accept="image/png,image/jpeg,image/webp,image/gif,image/svg+xml" data-testid="picture" onChange={(event) => { void addPicture(event.target.files?.[0]); event.target.value = ""; }} />
      <Dialog open={noData} onClose={() => setNoData(false)} title={words.editor.noDatabasesTitle} text={words.editor.noDatabases}>
        <div className="text-right"><Link to="/databases/new" className={buttonClass({ look: "primary" })}>{words.editor.upload}</Link></div>
      </Dialog>
    </>
  );
}
