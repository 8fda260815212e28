import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import type { Database, DatabaseVersion } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

const pathOf = (database: string, version: string): string => `/api/v1/databases/${encodeURIComponent(database)}/versions/${encodeURIComponent(version)}`;

/** One with a label stays, however few are kept. */
export function LabelVersion({ database, version, onClose }: { database: Database; version: DatabaseVersion; onClose: () => void }) {
  const words = useWords();
  const formats = useFormats();
  const client = useQueryClient();
  const [label, setLabel] = useState(version.label);
  const [note, setNote] = useState(version.note);
  const save = useMutation({
    mutationFn: () => call(pathOf(database.id, version.id), { method: "PATCH", body: { label, note } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["database", database.id, "versions"] });
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={words.databases.labelTitle(formats.number(version.number))} text={words.databases.labelText}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        <TextField label={words.databases.label} value={label} onText={setLabel} maxLength={80} autoFocus />
        <TextField label={words.databases.note} value={note} onText={setNote} maxLength={1_000} />
        <ProblemNotice error={save.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={save.isPending}>{words.actions.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Makes an older version's contents current; taken back by restoring the one that was current before. */
export function RestoreVersion({ database, version }: { database: Database; version: DatabaseVersion }) {
  const words = useWords();
  const formats = useFormats();
  const client = useQueryClient();
  const number = formats.number(version.number);
  const restore = useMutation({
    mutationFn: async (from: string) => {
      await call(`${pathOf(database.id, from)}/restoration`, { method: "POST" });
      // The rows that are shown are another version's now.
      await Promise.all([["database", database.id], ["answer", database.id], ["databases"]].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: () => say(words.databases.restoreFailed),
  });
  return (
    <Button
      size="small" disabled={restore.isPending} aria-label={`${words.databases.restore}: ${words.databases.version(number)}`}
      onClick={() => {
        const before = database.version;
        restore.mutate(version.id, { onSuccess: () => say(words.databases.restored(number), { label: words.actions.undo, run: () => restore.mutate(before) }) });
      }}
    >
      {words.databases.restore}
    </Button>
  );
}
