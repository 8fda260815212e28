import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import { sourceData } from "../api/data.ts";
import type { Source } from "../api/arrivals.ts";
import type { Database } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { SelectField, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useWords } from "../words/language.ts";

interface Props {
  database: Database;
  source: Source | null;
  open: boolean;
  onClose: () => void;
}

const empty = { url: "", endpoint: "", region: "", bucket: "", key: "", accessKeyId: "", secretAccessKey: "" };

/** Where from and how often. What was stored before is not shown again: it is written anew. */
export function SourceDialog({ database, source, open, onClose }: Props) {
  const words = useWords();
  const client = useQueryClient();
  const [kind, setKind] = useState<"url" | "s3">(source?.kind ?? "url");
  const [every, setEvery] = useState<Source["every"]>(source?.every ?? "day");
  const [fields, setFields] = useState(empty);
  const field = (name: keyof typeof empty) => ({ value: fields[name], onText: (text: string) => setFields({ ...fields, [name]: text }), spellCheck: false, autoCapitalize: "none", autoComplete: "off" }) as const;
  const save = useMutation({
    mutationFn: () => {
      const { url, accessKeyId, secretAccessKey, ...place } = Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, text.trim()])) as typeof empty;
      const keys = { ...(accessKeyId === "" ? {} : { accessKeyId }), ...(secretAccessKey === "" ? {} : { secretAccessKey }) };
      return call<Source>(`/api/v1/databases/${encodeURIComponent(database.id)}/source`, { method: "PUT", body: kind === "url" ? { kind, url, every } : { kind, ...place, ...keys, every } });
    },
    onSuccess(saved) {
      client.setQueryData(sourceData(database.id).queryKey, { source: saved });
      onClose();
    },
  });
  const needed = kind === "url" ? [fields.url] : [fields.endpoint, fields.region, fields.bucket, fields.key];
  return (
    <Dialog open={open} onClose={onClose} title={words.sources.dialogTitle} text={words.sources.dialogText} wide>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label={words.sources.kind} value={kind} options={(["url", "s3"] as const).map((value) => ({ value, label: words.sources.kinds[value] ?? value }))} onPick={setKind} />
          <SelectField label={words.sources.everyLabel} value={every} options={(["hour", "day", "week"] as const).map((value) => ({ value, label: words.sources.every[value] ?? value }))} onPick={setEvery} />
        </div>
        {kind === "url" ? <TextField label={words.previews.urlLabel} hint={words.previews.urlHint} type="url" placeholder="https://" maxLength={4_000} required {...field("url")} /> : (
          <>
            <TextField label={words.sources.endpoint} hint={words.sources.endpointHint} type="url" placeholder="https://" required {...field("endpoint")} />
            <div className="grid gap-4 sm:grid-cols-2">
              <TextField label={words.sources.region} placeholder="ap-northeast-1" required {...field("region")} />
              <TextField label={words.sources.bucket} required {...field("bucket")} />
            </div>
            <TextField label={words.sources.key} placeholder="data/sales.csv" required {...field("key")} />
            <div className="grid gap-4 sm:grid-cols-2">
              <TextField label={words.sources.accessKeyId} hint={words.sources.keysHint} {...field("accessKeyId")} />
              <TextField label={words.sources.secretAccessKey} type="password" {...field("secretAccessKey")} />
            </div>
          </>
        )}
        <ProblemNotice error={save.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={save.isPending || needed.some((text) => text.trim() === "")}>{words.sources.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}
