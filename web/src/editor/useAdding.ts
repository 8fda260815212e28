import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { reportLimits } from "#src/rooms/reports/schema.ts";
import { databasesData } from "../api/data.ts";
import { nameOf } from "../reports/definition.ts";
import type { BlockKind } from "../reports/definition.ts";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { focusBlock, useEditorRoom } from "./context.ts";
import { addAsking, addFilter, addText, databaseFor } from "./newBlock.ts";
import { useAttach } from "./useAttach.ts";

interface Adding {
  /** A block that shows something at once. */
  add(kind: Exclude<BlockKind, "image">): Promise<void>;
  addPicture(file: File): Promise<void>;
  /** There is nothing yet that a block could ask. */
  noData: boolean;
  setNoData(noData: boolean): void;
}

/** Puts new blocks into the report, says so, and goes to them. */
export function useAdding(): Adding {
  const words = useWords();
  const { team } = useSigned();
  const { editor, tell } = useEditorRoom();
  const databases = useQuery(databasesData(team.id));
  const attachFile = useAttach();
  const [noData, setNoData] = useState(false);
  const added = (id: string): void => {
    const block = editor.get().definition.blocks.find((one) => one.id === id);
    if (block) tell(words.editor.added(nameOf(block, words.editor.kinds)));
    focusBlock(id);
  };
  const isFull = (): boolean => {
    const full = editor.get().definition.blocks.length >= reportLimits.blocksMax;
    if (full) say(words.editor.blocksFull);
    return full;
  };
  return {
    noData, setNoData,
    async add(kind) {
      if (isFull()) return;
      if (kind === "text") return added(addText(editor, words));
      if (kind === "filter") return added(addFilter(editor, words));
      const database = databaseFor(editor.get().definition, databases.data?.items ?? []);
      if (!database) return setNoData(true);
      added(await addAsking({ kind, editor, database }));
    },
    async addPicture(file) {
      if (isFull()) return;
      const attachment = await attachFile(file);
      if (attachment) added(editor.add("image", (id, layout) => ({ id, kind: "image", layout, alt: "", attachment: attachment.id })));
    },
  };
}
