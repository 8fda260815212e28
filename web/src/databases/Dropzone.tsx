import { UploadCloud } from "lucide-react";
import { useRef, useState } from "react";
import type { DragEvent } from "react";
import { buttonClass } from "../shell/Button.tsx";
import { useWords } from "../words/language.ts";

const acceptedFiles = ".csv,.tsv,.tab,.txt,.json,.ndjson,.jsonl,.geojson,.sql,.parquet,.xlsx,.xlsm,.gz,.zst,.zip,.db,.db3,.sqlite,.sqlite3,.s3db";

/** Takes files by dropping, by a click, or by the keyboard. `primary`: it is what the page is for just now; else it takes little room. */
export function Dropzone({ onFiles, multiple = true, primary = true }: { onFiles: (files: File[]) => void; multiple?: boolean; primary?: boolean }) {
  const words = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (list: FileList | null): void => {
    const files = [...(list ?? [])];
    if (files.length > 0) onFiles(multiple ? files : files.slice(0, 1));
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <div
      className={`rounded-xl border-2 border-dashed px-5 text-center transition-colors ${primary ? "py-9" : "py-3 flex flex-wrap items-center justify-center gap-x-3"} ${over ? "border-accent bg-accent-soft" : "border-line-2/50 bg-paper-2"}`}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {primary ? <UploadCloud size={30} className="mx-auto text-accent mb-2" aria-hidden /> : null}
      <p className="font-semibold">{words.databases.drop}</p>
      <p className="text-ink-2 text-[0.9rem] my-1.5">{words.databases.or}</p>
      <button type="button" className={buttonClass({ look: primary ? "primary" : "secondary" })} onClick={() => input.current?.click()}>{words.databases.choose}</button>
      <input ref={input} type="file" hidden multiple={multiple} accept={acceptedFiles} data-testid="files" onChange={(event) => { take(event.target.files); event.target.value = ""; }} />
      {primary ? <p className="text-ink-2 text-[0.84rem] mt-4 max-w-[56ch] mx-auto">{words.databases.formats}</p> : null}
    </div>
  );
}
