import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../api/api.ts";
import type { Database } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { ConfirmDialog, Dialog } from "../shell/Dialog.tsx";
import { TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { Dropzone } from "./Dropzone.tsx";
import { UploadList } from "./UploadList.tsx";
import { addUploads, useUploads } from "./uploads.ts";

interface Props {
  database: Database;
  open: boolean;
  onClose: () => void;
}

export function RenameDatabase({ database, open, onClose }: Props) {
  const words = useWords();
  const client = useQueryClient();
  const [name, setName] = useState(database.name);
  const rename = useMutation({
    mutationFn: () => call(`/api/v1/databases/${encodeURIComponent(database.id)}`, { method: "PATCH", body: { name: name.trim() } }),
    async onSuccess() {
      await Promise.all([client.invalidateQueries({ queryKey: ["database", database.id] }), client.invalidateQueries({ queryKey: ["databases"] })]);
      onClose();
    },
  });
  return (
    <Dialog open={open} onClose={onClose} title={words.actions.rename}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); rename.mutate(); }}>
        <TextField label={words.databases.newName} value={name} onText={setName} maxLength={200} required autoFocus />
        <ProblemNotice error={rename.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={name.trim() === "" || rename.isPending}>{words.actions.rename}</Button>
        </div>
      </form>
    </Dialog>
  );
}

export function ReplaceContents({ database, open, onClose }: Props) {
  const words = useWords();
  const { team } = useSigned();
  const uploads = useUploads().filter((upload) => upload.into === database.id);
  return (
    <Dialog open={open} onClose={onClose} title={words.databases.replaceTitle} text={words.databases.replaceText(database.name)} wide>
      <Dropzone multiple={false} primary={uploads.length === 0} onFiles={(files) => addUploads({ files, team: team.id, into: database.id })} />
      {uploads.length > 0 ? <div className="mt-4"><UploadList uploads={[...uploads].reverse()} /></div> : null}
      <div className="mt-4 text-right"><Button onClick={onClose}>{words.actions.close}</Button></div>
    </Dialog>
  );
}

export function DeleteDatabase({ database, open, onClose }: Props) {
  const words = useWords();
  const navigate = useNavigate();
  const client = useQueryClient();
  return (
    <ConfirmDialog
      open={open} onClose={onClose} title={words.databases.deleteTitle(database.name)} text={words.databases.deleteText} act={words.actions.delete} word={database.name}
      onConfirm={async () => {
        await call(`/api/v1/databases/${encodeURIComponent(database.id)}`, { method: "DELETE" });
        await navigate({ to: "/databases" });
        client.removeQueries({ queryKey: ["database", database.id] });
        await client.invalidateQueries({ queryKey: ["databases"] });
        say(words.databases.deleted);
      }}
    />
  );
}
