import { useState } from "react";
import { Button } from "../shell/Button.tsx";
import { Field } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";
import { fileOfText } from "./paste.ts";

/** A field for data that is in the clipboard, or that somebody writes. */
export function PasteBox({ onFiles, onClose }: { onFiles: (files: File[]) => void; onClose: () => void }) {
  const words = useWords();
  const [text, setText] = useState("");
  return (
    <form
      className="card p-4 grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onFiles([fileOfText(text)]);
        onClose();
      }}
    >
      <Field label={words.previews.pasteLabel} hint={words.previews.pasteHint}>
        {(control) => <textarea className="input font-mono !text-[0.88rem] min-h-[160px]" {...control} value={text} autoFocus spellCheck={false} placeholder={words.previews.pasteExample} onChange={(event) => setText(event.target.value)} />}
      </Field>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{words.actions.cancel}</Button>
        <Button type="submit" look="primary" disabled={text.trim() === ""}>{words.previews.pasteUse}</Button>
      </div>
    </form>
  );
}
