import "../reports/report.css";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams } from "@tanstack/react-router";
import { Dialog as Radix } from "radix-ui";
import { useEffect, useMemo, useState } from "react";
import { reportData } from "../api/data.ts";
import type { StoredReport } from "../reports/definition.ts";
import { useValues } from "../reports/useValues.ts";
import { Button } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { Waiting, useTitle } from "../shell/Page.tsx";
import { useWide } from "../shell/wide.ts";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { Canvas } from "./Canvas.tsx";
import { Panel } from "./Panel.tsx";
import { SaveTrouble } from "./SaveTrouble.tsx";
import { Toolbar } from "./Toolbar.tsx";
import { EditorContext, useEditing, useEditorRoom } from "./context.ts";
import { useEditor } from "./useEditor.ts";

export function EditReportPage() {
  const { report: id } = useParams({ from: "/inside/reports/$report/edit" });
  const { mayEdit } = useSigned();
  // Edited is only what the server has now, never what was kept from before.
  const report = useQuery({ ...reportData(id), staleTime: 0, gcTime: 0, refetchOnMount: "always" });
  const [start, setStart] = useState<StoredReport | null>(null);
  const fresh = report.isFetchedAfterMount && !report.isFetching ? report.data : undefined;
  useEffect(() => {
    if (fresh) setStart((known) => (known?.id === fresh.id ? known : fresh));
  }, [fresh]);
  if (!mayEdit) return <Navigate to="/reports/$report" params={{ report: id }} search={{}} />;
  if (start?.id !== id) return <Waiting query={report} />;
  return <EditorPage key={id} stored={start} />;
}

const none = {};

function EditorPage({ stored }: { stored: StoredReport }) {
  const words = useWords();
  const { editor, leaving } = useEditor(stored);
  const [given, setGiven] = useState<Record<string, string | undefined>>(none);
  const [told, tell] = useState("");
  const [parameters, setParameters] = useState(stored.parameters);
  useEffect(() => editor.subscribe(() => setParameters(editor.get().definition.parameters)), [editor]);
  const values = useValues(parameters, given);
  const room = useMemo(
    () => ({ editor, values, tell, onValue: (name: string, text: string | undefined) => setGiven((before) => ({ ...before, [name]: text })) }),
    [editor, values],
  );
  useKeys(editor);
  return (
    <EditorContext value={room}>
      <Room />
      <p role="status" aria-live="polite" className="sr-only">{told}</p>
      <Dialog open={leaving !== null} onClose={() => leaving?.stay()} title={words.editor.leaveTitle} text={words.editor.leaveText}>
        <div className="flex flex-wrap justify-end gap-2">
          <Button look="danger" onClick={() => leaving?.leave()}>{words.editor.leave}</Button>
          <Button look="primary" onClick={() => leaving?.stay()}>{words.editor.stay}</Button>
        </div>
      </Dialog>
    </EditorContext>
  );
}

function Room() {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { definition, panel } = useEditing();
  const wide = useWide(1024);
  useTitle(words.editor.title(definition.title.trim() || words.reports.untitled));
  return (
    <div className="grow flex flex-col">
      <h1 className="sr-only">{words.editor.title(definition.title.trim() || words.reports.untitled)}</h1>
      <Toolbar />
      <SaveTrouble />
      <div className="grow flex min-w-0">
        <Canvas />
        {panel && wide ? (
          <aside aria-label={words.editor.settings} className="w-[350px] shrink-0 border-l border-line bg-paper">
            <div className="sticky top-[105px] h-[calc(100dvh-105px)] overflow-y-auto p-4"><Panel /></div>
          </aside>
        ) : null}
      </div>
      {wide ? null : (
        <Radix.Root open={panel !== null} onOpenChange={(open) => { if (!open) editor.show(null); }}>
          <Radix.Portal>
            <Radix.Overlay className="fixed inset-0 z-40 bg-black/40 dark:bg-black/60" />
            <Radix.Content aria-describedby={undefined} className="fixed z-50 inset-x-0 bottom-0 max-h-[86dvh] overflow-y-auto overscroll-contain rounded-t-2xl border border-line bg-paper p-4 pb-8 shadow-2xl focus:outline-none">
              <Radix.Title className="sr-only">{words.editor.settings}</Radix.Title>
              <Panel />
            </Radix.Content>
          </Radix.Portal>
        </Radix.Root>
      )}
    </div>
  );
}

/** Control or Command with Z, Shift-Z, Y and S, wherever the focus is; but the SQL has its own history. */
function useKeys(editor: ReturnType<typeof useEditor>["editor"]): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || !(event.ctrlKey || event.metaKey)) return;
      const key = event.key.toLowerCase();
      const own = event.target instanceof Element && event.target.closest(".cm-editor, [data-own-undo]") !== null;
      const act = key === "s" ? () => void editor.flush({ isStep: false }) : own ? null : key === "z" ? () => (event.shiftKey ? editor.redo() : editor.undo()) : key === "y" ? () => editor.redo() : null;
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [editor]);
}
