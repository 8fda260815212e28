import { Link } from "@tanstack/react-router";
import { CircleCheck, Combine, DatabaseZap, File as FileIcon, RotateCw, X } from "lucide-react";
import { Button, IconButton, buttonClass } from "../shell/Button.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Progress } from "../shell/Page.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { PreviewPanel } from "./PreviewPanel.tsx";
import { cancelUpload, correctUpload, dismissUpload, importUpload, isJoinable, isUnderWay, joinUploads, renameUpload, retryUpload, sizeOf } from "./uploads.ts";
import type { Upload } from "./uploads.ts";

export function UploadList({ uploads }: { uploads: readonly Upload[] }) {
  const words = useWords();
  const formats = useFormats();
  const ready = uploads.filter((upload) => upload.state === "ready" && !upload.correcting);
  const joinable = uploads.filter(isJoinable);
  return (
    <div className="grid gap-3">
      {ready.length > 1 || joinable.length > 1 ? (
        <div className="flex flex-wrap justify-end gap-2">
          {joinable.length > 1 ? <Button icon={<Combine size={15} aria-hidden />} onClick={() => joinUploads([...joinable].reverse())}>{words.databases.join(formats.number(joinable.length))}</Button> : null}
          {ready.length > 1 ? <Button look="primary" onClick={() => ready.forEach(({ id }) => importUpload(id))}>{words.previews.importAll(formats.number(ready.length))}</Button> : null}
        </div>
      ) : null}
      <ul className="grid gap-3" aria-label={words.databases.uploads}>
        {uploads.map((upload) => <UploadLine key={upload.id} upload={upload} />)}
      </ul>
    </div>
  );
}

function UploadLine({ upload }: { upload: Upload }) {
  const words = useWords();
  const { id, file, state, name, into } = upload;
  const running = isUnderWay(upload);
  return (
    <li className="card p-4 grid gap-2.5 min-w-0">
      <div className="flex items-center gap-3 flex-wrap">
        {state === "done" ? <CircleCheck size={20} className="text-good shrink-0" aria-hidden /> : <FileIcon size={20} className="text-ink-2 shrink-0" aria-hidden />}
        <div className="grow min-w-0">
          {into === null && state !== "failed" && state !== "cancelled" ? (
            <input
              className="input input-small !border-line hover:!border-line-2 font-medium max-w-[420px]" aria-label={words.databases.nameOf(file.name)} defaultValue={name} maxLength={200}
              onBlur={(event) => renameUpload(id, event.target.value)} onKeyDown={(event) => { if (event.key === "Enter") event.currentTarget.blur(); }}
            />
          ) : <p className="font-medium truncate">{name}</p>}
        </div>
        {state === "done" && upload.database ? <Link to="/databases/$database" params={{ database: upload.database }} className={buttonClass({ look: "primary", size: "small" })}>{words.databases.openDatabase}</Link> : null}
        {state === "ready" ? <Button look="primary" size="small" icon={<DatabaseZap size={15} aria-hidden />} disabled={upload.correcting || (upload.preview?.tables.every((table) => table.leftOut) ?? true) && upload.preview?.format !== "unknown"} onClick={() => importUpload(id)}>{into === null ? words.previews.import : words.previews.makeVersion}</Button> : null}
        {state === "failed" || state === "cancelled" ? <Button size="small" icon={<RotateCw size={14} aria-hidden />} onClick={() => retryUpload(id)}>{words.actions.retry}</Button> : null}
        {running ? <Button size="small" aria-label={words.databases.cancelUpload(file.name)} onClick={() => cancelUpload(id)}>{words.actions.cancel}</Button> : (
          <IconButton label={state === "ready" ? words.previews.discard(file.name) : words.databases.dismiss(file.name)} onClick={() => dismissUpload(id)}><X size={16} aria-hidden /></IconButton>
        )}
      </div>
      <UploadStatus upload={upload} />
      {upload.problem ? <ProblemNotice error={upload.problem} /> : null}
      {state === "ready" && upload.preview ? <PreviewPanel preview={upload.preview} isBusy={upload.correcting} onCorrect={(choices) => correctUpload(id, choices)} /> : null}
    </li>
  );
}

function UploadStatus({ upload }: { upload: Upload }) {
  const words = useWords();
  const formats = useFormats();
  const { file, state, sentBytes, progress } = upload;
  const unit = words.databases.units[progress?.unit ?? ""] ?? progress?.unit ?? "";
  const counted = progress && progress.done > 0 ? words.databases.read(progress.unit === "bytes" ? formats.bytes(progress.done) : formats.number(progress.done), progress.unit === "bytes" ? "" : unit) : "";
  const share = state === "sending" ? sentBytes / Math.max(1, sizeOf(upload)) : (state === "reading" || state === "fetching") && progress?.total ? progress.done / progress.total : null;
  return (
    <div>
      {state !== "waiting" && (isUnderWay(upload) || upload.correcting) ? <Progress share={share} label={words.databases.uploadProgress(file.name)} /> : null}
      <p className="text-[0.86rem] text-ink-2 mt-1.5 flex flex-wrap gap-x-3 numeric">
        <span role="status">{words.databases.states[state]}</span>
        <span>{state === "sending" ? words.databases.sent(formats.bytes(sentBytes), formats.bytes(sizeOf(upload))) : upload.url === null ? formats.bytes(sizeOf(upload)) : null}</span>
        {(state === "reading" || state === "fetching") && counted ? <span>{counted}</span> : null}
        <span className="truncate">{upload.url === null ? file.name : new URL(upload.url).hostname}</span>
      </p>
    </div>
  );
}
