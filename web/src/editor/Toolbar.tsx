import { Link } from "@tanstack/react-router";
import { Check, CircleAlert, Eye, History, Redo2, Settings2, Share2, Undo2 } from "lucide-react";
import { useState } from "react";
import { ShareDialog } from "../reports/ShareDialog.tsx";
import { VersionsDialog } from "../reports/VersionsDialog.tsx";
import { Button, IconButton, buttonClass } from "../shell/Button.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { AddMenu } from "./AddMenu.tsx";
import { useEditing, useEditorRoom } from "./context.ts";

/** Everything that concerns the whole report. */
export function Toolbar() {
  const words = useWords();
  const formats = useFormats();
  const { editor, tell } = useEditorRoom();
  const { stored, canUndo, canRedo, panel, definition } = useEditing();
  const [open, setOpen] = useState<"share" | "versions" | null>(null);
  const close = (): void => setOpen(null);
  return (
    <div role="group" aria-label={words.editor.title(definition.title)} className="sticky top-14 z-20 bg-paper/95 backdrop-blur border-b border-line no-print">
      <div className="flex items-center gap-1 sm:gap-1.5 h-12 px-2 sm:px-5">
        <SaveSign />
        <div className="grow" />
        <IconButton label={words.actions.undo} disabled={!canUndo} onClick={() => { editor.undo(); tell(words.editor.undone); }}><Undo2 size={17} aria-hidden /></IconButton>
        <IconButton label={words.actions.redo} disabled={!canRedo} onClick={() => { editor.redo(); tell(words.editor.redone); }}><Redo2 size={17} aria-hidden /></IconButton>
        <AddMenu />
        <IconButton label={words.editor.reportSettings} aria-pressed={panel === "report"} className="aria-pressed:bg-paper-3 aria-pressed:text-ink" onClick={() => (panel === "report" ? editor.show(null) : editor.select(null, "report"))}><Settings2 size={17} aria-hidden /></IconButton>
        <IconButton label={words.editor.history} onClick={() => setOpen("versions")}><History size={17} aria-hidden /></IconButton>
        <Button size="small" icon={<Share2 size={15} aria-hidden />} aria-label={words.reports.publish} onClick={() => setOpen("share")}><span className="max-sm:hidden">{words.reports.publish}</span></Button>
        <Link to="/reports/$report" params={{ report: stored.id }} search={{}} aria-label={words.reports.view} className={buttonClass({ size: "small" })}><Eye size={15} aria-hidden /><span className="max-sm:hidden">{words.reports.view}</span></Link>
      </div>
      <ShareDialog open={open === "share"} onClose={close} report={stored} before={() => editor.flush({ isStep: false })} onChange={(publication) => editor.setStored({ ...editor.get().stored, publication })} />
      <VersionsDialog
        open={open === "versions"} onClose={close} report={stored}
        onRestore={(restored, version) => {
          editor.replace(restored);
          void editor.flush({ isStep: false });
          say(words.reports.restored(formats.number(version)), { label: words.actions.undo, run: () => editor.undo() });
        }}
      />
    </div>
  );
}

const looks = { saved: "text-ink-2", saving: "text-ink-2", changed: "text-ink-2", conflict: "text-bad", failed: "text-bad" };

/** Whether what is seen here is on the server. */
function SaveSign() {
  const words = useWords();
  const { save } = useEditing();
  return (
    <p role="status" data-save={save} className={`flex items-center gap-1.5 min-w-0 px-1 text-[0.86rem] ${looks[save]}`}>
      {save === "saved" ? <Check size={15} aria-hidden /> : save === "conflict" || save === "failed" ? <CircleAlert size={15} aria-hidden /> : <span className="size-2 rounded-full bg-current opacity-50 mx-[3px]" aria-hidden />}
      <span className="truncate">{words.editor.states[save]}</span>
    </p>
  );
}
