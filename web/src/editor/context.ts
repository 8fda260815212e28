import { createContext, useContext, useSyncExternalStore } from "react";
import type { ReportValues } from "../reports/useValues.ts";
import type { Editing, Editor } from "./editor.ts";

interface Room {
  editor: Editor;
  /** Of the parameters, as they are tried out here; they are not part of the report. */
  values: ReportValues;
  onValue: (name: string, text: string | undefined) => void;
  /** Says it aloud, to those who do not see it. */
  tell: (text: string) => void;
}

export const EditorContext = createContext<Room | null>(null);

export function useEditorRoom(): Room {
  const room = useContext(EditorContext);
  if (!room) throw new Error("useEditorRoom outside of the editor");
  return room;
}

export function useEditing(): Editing {
  const { editor } = useEditorRoom();
  return useSyncExternalStore(editor.subscribe, editor.get);
}

/** Puts the focus on a block, once it is drawn, and brings it into sight. */
export function focusBlock(id: string): void {
  requestAnimationFrame(() => {
    const element = document.getElementById(`block-${id}`);
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  });
}
