import { useNavigate } from "@tanstack/react-router";
import { ClipboardPaste, Link2 } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "../shell/Button.tsx";
import { Page } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { Dropzone } from "./Dropzone.tsx";
import { PasteBox } from "./PasteBox.tsx";
import { UploadList } from "./UploadList.tsx";
import { UrlBox } from "./UrlBox.tsx";
import { usePaste } from "./paste.ts";
import { addUploads, addUrl, isUnderWay, restoreUploads, useUploads } from "./uploads.ts";
import type { Upload } from "./uploads.ts";

export function NewDatabasePage() {
  const words = useWords();
  const { team } = useSigned();
  const uploads = useUploads().filter((upload) => upload.into === null);
  const navigate = useNavigate();
  const [from, setFrom] = useState<"paste" | "url" | null>(null);
  const close = (): void => setFrom(null);
  const take = useCallback((files: File[]) => void addUploads({ files, team: team.id, ...(files[0]?.name.startsWith("pasted.") ? { name: words.previews.pastedName } : {}) }), [team.id, words]);
  const takeUrl = useCallback((url: string) => addUrl({ url, team: team.id }), [team.id]);
  usePaste(take, takeUrl);
  useEffect(() => void restoreUploads(team.id), [team.id]);
  const isAwaited = (upload: Upload): boolean => isUnderWay(upload) || upload.state === "ready";
  const awaited = useRef(uploads.filter(isAwaited).map((upload) => upload.id));
  for (const upload of uploads) if (isAwaited(upload) && !awaited.current.includes(upload.id)) awaited.current.push(upload.id);
  const only = awaited.current.length === 1 ? uploads.find((upload) => upload.id === awaited.current[0] && upload.state === "done") : undefined;
  // One file: its database opens by itself, unless its name is being written.
  useEffect(() => {
    if (!only?.database || document.activeElement instanceof HTMLInputElement) return;
    void navigate({ to: "/databases/$database", params: { database: only.database } });
  }, [only?.database, navigate]);
  return (
    <Page title={words.databases.newTitle} text={words.databases.newText} narrow={!uploads.some((upload) => upload.preview)}>
      <Dropzone primary={uploads.length === 0} onFiles={(files) => addUploads({ files, team: team.id })} />
      {from === "paste" ? <div className="mt-4"><PasteBox onFiles={take} onClose={close} /></div> : null}
      {from === "url" ? <div className="mt-4"><UrlBox onUrl={takeUrl} onClose={close} /></div> : null}
      {from === null ? (
        <div className="mt-3 flex flex-wrap items-center justify-center gap-2 text-[0.9rem] text-ink-2">
          <span>{words.previews.orPaste}</span>
          <Button size="small" icon={<ClipboardPaste size={15} aria-hidden />} onClick={() => setFrom("paste")}>{words.previews.paste}</Button>
          <Button size="small" icon={<Link2 size={15} aria-hidden />} onClick={() => setFrom("url")}>{words.previews.fromUrl}</Button>
        </div>
      ) : null}
      {uploads.length > 0 ? <div className="mt-6"><UploadList uploads={[...uploads].reverse()} /></div> : null}
    </Page>
  );
}
