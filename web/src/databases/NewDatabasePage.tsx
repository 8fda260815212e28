import { useNavigate } from "@tanstack/react-router";
import { ClipboardPaste } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "../shell/Button.tsx";
import { Page } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { Dropzone } from "./Dropzone.tsx";
import { PasteBox } from "./PasteBox.tsx";
import { UploadList } from "./UploadList.tsx";
import { usePaste } from "./paste.ts";
import { addUploads, isUnderWay, useUploads } from "./uploads.ts";
import type { Upload } from "./uploads.ts";

export function NewDatabasePage() {
  const words = useWords();
  const { team } = useSigned();
  const uploads = useUploads().filter((upload) => upload.into === null);
  const navigate = useNavigate();
  const [isPasting, setPasting] = useState(false);
  const take = useCallback((files: File[]) => void addUploads({ files, team: team.id, ...(files[0]?.name.startsWith("pasted.") ? { name: words.previews.pastedName } : {}) }), [team.id, words]);
  usePaste(take);
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
      {isPasting ? <div className="mt-4"><PasteBox onFiles={take} onClose={() => setPasting(false)} /></div> : (
        <p className="mt-3 text-center text-[0.9rem] text-ink-2">
          {words.previews.orPaste} <Button size="small" className="ml-1" icon={<ClipboardPaste size={15} aria-hidden />} onClick={() => setPasting(true)}>{words.previews.paste}</Button>
        </p>
      )}
      {uploads.length > 0 ? <div className="mt-6"><UploadList uploads={[...uploads].reverse()} /></div> : null}
    </Page>
  );
}
