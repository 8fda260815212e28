import { useState } from "react";
import { Button } from "../shell/Button.tsx";
import { TextField } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";
import { isFileUrl } from "./paste.ts";

/** A field for the address of a file. */
export function UrlBox({ onUrl, onClose }: { onUrl: (url: string) => void; onClose: () => void }) {
  const words = useWords();
  const [url, setUrl] = useState("");
  const [isTried, setTried] = useState(false);
  return (
    <form
      className="card p-4 grid gap-3" noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!isFileUrl(url)) return;
        onUrl(url.trim());
        onClose();
      }}
    >
      <TextField label={words.previews.urlLabel} hint={words.previews.urlHint} error={isTried && !isFileUrl(url) ? words.previews.urlWrong : undefined} type="url" inputMode="url" value={url} onText={setUrl} maxLength={4_000} autoFocus spellCheck={false} placeholder="https://" />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{words.actions.cancel}</Button>
        <Button type="submit" look="primary" disabled={url.trim() === ""}>{words.previews.urlUse}</Button>
      </div>
    </form>
  );
}
