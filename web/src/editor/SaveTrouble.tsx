import { useState } from "react";
import { Button } from "../shell/Button.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { useWords } from "../words/language.ts";
import { useEditing, useEditorRoom } from "./context.ts";

/** What keeps the report from being saved, and what can be done: another's change, or a refusal. */
export function SaveTrouble() {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { save, error } = useEditing();
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  if (save !== "conflict" && save !== "failed") return null;
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setFailure(null);
    await work().catch(setFailure);
    setBusy(false);
  };
  return (
    <div className="px-4 sm:px-6 py-3 border-b border-line">
      {save === "failed" ? (
        <ProblemNotice error={error}>
          <p className="basis-full">{words.editor.failedText}</p>
          <Button size="small" onClick={() => void editor.flush()}>{words.editor.retry}</Button>
        </ProblemNotice>
      ) : (
        <Notice tone="bad" role="alert" title={words.editor.conflictTitle}>
          <p>{words.editor.conflictText}</p>
          <div className="mt-2.5 flex flex-wrap gap-2">
            <Button size="small" look="primary" disabled={busy} onClick={() => void act(() => editor.keepMine())}>{words.editor.keepMine}</Button>
            <Button size="small" disabled={busy} onClick={() => void act(() => editor.takeTheirs())}>{words.editor.takeTheirs}</Button>
          </div>
          {failure ? <div className="mt-2"><ProblemNotice error={failure} /></div> : null}
        </Notice>
      )}
    </div>
  );
}
