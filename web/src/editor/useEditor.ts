import { useQueryClient } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { systemClock } from "#src/base/clock.ts";
import { Problem, call } from "../api/api.ts";
import { definitionOf } from "../reports/definition.ts";
import type { StoredReport } from "../reports/definition.ts";
import { say } from "../shell/toast.tsx";
import { currentWords } from "../words/language.ts";
import { keepDraft, readDraft } from "./draft.ts";
import { Editor } from "./editor.ts";
import { merge } from "./merge.ts";
import { same } from "./same.ts";

const delayMs = 800;
const retryMs = 5_000;
/** Browsers let a request outlive its page up to 64 kB, all of a page's together. */
const lastBytesMax = 60_000;

/** The editor of a report, for as long as its page is open. */
export function useEditor(stored: StoredReport): { editor: Editor; leaving: Leaving | null } {
  const client = useQueryClient();
  const [editor] = useState(() => openEditor(stored, client));
  const leaving = useLeaving(editor, stored.id);
  useEffect(() => {
    takeDraft(editor, stored);
    return () => editor.stop();
  }, [editor, stored]);
  return { editor, leaving };
}

function openEditor(stored: StoredReport, client: QueryClient): Editor {
  const path = `/api/v1/reports/${encodeURIComponent(stored.id)}`;
  return new Editor({
    stored, definitionOf, delayMs, retryMs, untitled: currentWords().reports.untitled, nowMs: () => systemClock.now(),
    put: ({ definition, expected, isStep, isLast }) =>
      call<StoredReport>(`${path}${isStep ? "?autosave=true" : ""}`, {
        method: "PUT", body: definition, headers: { "If-Match": `"${expected}"` }, keepalive: isLast && new TextEncoder().encode(JSON.stringify(definition)).length < lastBytesMax,
      }),
    get: () => call<StoredReport>(path),
    isStale: (error) => error instanceof Problem && error.status === 412,
    isPassing: (error) => error instanceof Problem && (error.code === "NETWORK" || error.status === 503 || error.status === 429),
    onSaved(answer) {
      client.setQueryData(["report", stored.id], answer);
      void client.invalidateQueries({ queryKey: ["report", stored.id, "versions"] });
      void client.invalidateQueries({ queryKey: ["reports"] });
      keepDraft(stored.id, null);
    },
    onMerged: () => say(currentWords().editor.merged),
  });
}

/** What an earlier page could not save comes back as a step; with what others have saved since, where they go together. */
function takeDraft(editor: Editor, stored: StoredReport): void {
  const draft = readDraft(stored.id);
  if (!draft) return;
  keepDraft(stored.id, null);
  const theirs = definitionOf(stored);
  const { definition } = merge({ base: draft.base.definition, mine: draft.definition, theirs });
  if (same(definition, theirs)) return;
  editor.replace(definition);
  const words = currentWords();
  say(words.editor.restoredDraft, { label: words.actions.undo, run: () => editor.undo() });
}

export interface Leaving {
  stay: () => void;
  leave: () => void;
}

/** Saves before the page is left. What cannot be saved is asked about; what a closing window cuts off is kept here. */
function useLeaving(editor: Editor, report: string): Leaving | null {
  const [leaving, setLeaving] = useState<Leaving | null>(null);
  const asked = useRef(false);
  useBlocker({
    enableBeforeUnload: () => editor.unsaved() !== null && !asked.current,
    async shouldBlockFn() {
      if (await editor.flush()) return false;
      return await new Promise<boolean>((resolve) => {
        const end = (blocked: boolean) => (): void => {
          setLeaving(null);
          asked.current = !blocked;
          if (!blocked) keepDraft(report, null);
          resolve(blocked);
        };
        setLeaving({ stay: end(true), leave: end(false) });
      });
    },
  });
  useEffect(() => {
    const hide = (): void => {
      if (document.visibilityState === "hidden") void editor.flush();
    };
    const close = (): void => {
      const unsaved = editor.unsaved();
      if (!unsaved || asked.current) return;
      keepDraft(report, unsaved);
      void editor.flush({ isLast: true });
    };
    const online = (): void => void editor.flush();
    document.addEventListener("visibilitychange", hide);
    addEventListener("pagehide", close);
    addEventListener("online", online);
    return () => {
      document.removeEventListener("visibilitychange", hide);
      removeEventListener("pagehide", close);
      removeEventListener("online", online);
    };
  }, [editor, report]);
  return leaving;
}
