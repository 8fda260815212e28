import { useRef, useState } from "react";
import type { ReportBlock } from "../reports/definition.ts";
import { Button } from "../shell/Button.tsx";
import { TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useWords } from "../words/language.ts";
import { useEditorRoom } from "./context.ts";
import { readPicture } from "./picture.ts";

export function ImageSettings({ block }: { block: Extract<ReportBlock, { kind: "image" }> }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const files = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<unknown>(null);
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setError(null);
    try {
      editor.editBlock(block.id, { picture: await readPicture(file) });
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <>
      <TextField small label={words.editor.alt} hint={words.editor.altHint} value={block.alt} maxLength={500} onText={(alt) => editor.editBlock(block.id, { alt })} />
      <div>
        <Button size="small" onClick={() => files.current?.click()}>{words.editor.replacePicture}</Button>
        <input ref={files} type="file" hidden accept="image/*" onChange={(event) => { void take(event.target.files?.[0]); event.target.value = ""; }} />
      </div>
      <ProblemNotice error={error} />
    </>
  );
}
