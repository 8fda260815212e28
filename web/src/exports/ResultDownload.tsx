import { ClipboardCopy, Download, Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { isAborted } from "../api/api.ts";
import type { QueryAsk } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { Menu, MenuItem, MenuLine, MenuNote } from "../shell/Menu.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { choices } from "./formats.ts";
import type { Choice } from "./formats.ts";
import { TooMuch, receive, save } from "./receive.ts";

const copyBytesMax = 5 * 1024 ** 2;

interface ResultProps {
  database: string;
  /** As it was asked for the rows that are shown, with their version. */
  question: QueryAsk;
  /** Of the file. */
  name: string;
  onError: (error: unknown) => void;
}

/** The whole answer to a question as a file, made on the server: also the rows that the page does not show. */
export function ResultDownload({ database, question, name, onError }: ResultProps) {
  const words = useWords().exports;
  const formats = useFormats();
  const [bytes, setBytes] = useState<number | null>(null);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);
  const begin = (): AbortController => {
    current.current = new AbortController();
    onError(null);
    setBytes(0);
    return current.current;
  };
  const fail = (error: unknown): void => {
    if (error instanceof TooMuch) say(words.tooLargeToCopy(formats.bytes(copyBytesMax)));
    else if (isAborted(error)) say(words.stopped);
    else onError(error);
  };
  const download = ({ format, bom }: Choice): void => {
    const { signal } = begin();
    receive({ database, question, format, bom, name, signal, onBytes: setBytes }).then(save, fail).finally(() => setBytes(null));
  };
  const copy = (): void => {
    const { signal } = begin();
    const text = receive({ database, question, format: "tsv", signal, bytesMax: copyBytesMax, onBytes: setBytes }).then(({ file }) => new Blob([file], { type: "text/plain" }));
    // The clipboard is given the promise: it must be asked while the click counts.
    navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]).then(() => say(words.copied), (refused: unknown) => text.then(() => onError(refused), fail)).finally(() => setBytes(null));
  };
  if (bytes !== null) {
    return (
      <span className="flex items-center gap-2 text-[0.87rem] text-ink-2 numeric">
        <span role="status">{bytes === 0 ? words.preparing : words.arrived(formats.bytes(bytes))}</span>
        <Button size="small" icon={<Square size={13} aria-hidden />} onClick={() => current.current?.abort()}>{words.stop}</Button>
      </span>
    );
  }
  return (
    <Menu trigger={<Button look="quiet" size="small" icon={<Download size={15} aria-hidden />}>{words.download}</Button>}>
      <MenuNote>{words.whole}</MenuNote>
      {choices.map((choice) => <MenuItem key={choice.key} hint={words.hints[choice.key]} onPick={() => download(choice)}>{words.formats[choice.key]}</MenuItem>)}
      <MenuLine />
      <MenuItem icon={<ClipboardCopy size={15} aria-hidden />} onPick={copy}>{words.copy}</MenuItem>
    </Menu>
  );
}
