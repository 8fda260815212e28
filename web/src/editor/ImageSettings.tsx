import { useRef, useState } from "react";
import type { Attachment } from "../api/types.ts";
import type { ReportBlock } from "../reports/definition.ts";
import { Button } from "../shell/Button.tsx";
import { TextField } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";
import { AttachmentsDialog } from "./AttachmentsDialog.tsx";
import { attachable } from "./attach.ts";
import { useEditorRoom } from "./context.ts";
import { useAttach } from "./useAttach.ts";

export function ImageSettings({ block }: { block: Extract<ReportBlock, { kind: "image" }> }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const attachFile = useAttach();
  const files = useRef<HTMLInputElement>(null);
  const [choosing, setChoosing] = useState(false);
  const show = ({ id }: Attachment): void => editor.editBlock(block.id, { attachment: id, picture: undefined });
  const take = async (file: File | undefined): Promise<void> => {
    const attachment = file ? await attachFile(file) : null;
    if (attachment) show(attachment);
  };
  return (
    <>
      <TextField small label={words.editor.alt} hint={words.editor.altHint} value={block.alt} maxLength={500} onText={(alt) => editor.editBlock(block.id, { alt })} />
      <div className="flex flex-wrap gap-2">
        <Button size="small" onClick={() => files.current?.click()}>{words.editor.replacePicture}</Button>
        <Button size="small" onClick={() => setChoosing(true)}>{words.editor.attachments}</Button>
        <input ref={files} type="file" hidden accept={attachable} onChange={(event) => { void take(event.target.files?.[0]); event.target.value = ""; }} />
      </div>
      <AttachmentsDialog open={choosing} onClose={() => setChoosing(false)} onTake={(attachment) => { show(attachment); setChoosing(false); }} />
    </>
  );
}
