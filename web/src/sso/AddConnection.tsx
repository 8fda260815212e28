import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import { Button } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { Field, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { connectionsPath } from "./data.ts";

export function AddConnection({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [metadata, setMetadata] = useState<MetadataSource>({ metadataUrl: "" });
  const add = useMutation({
    mutationFn: () => call(connectionsPath(team.id), { method: "POST", body: { ...(name.trim() === "" ? {} : { name: name.trim() }), ...metadata } }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["sso", team.id] });
      onClose();
    },
  });
  return (
    <Dialog open wide onClose={onClose} title={words.sso.addTitle} text={words.sso.addText}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); add.mutate(); }}>
        <TextField label={words.sso.name} hint={words.sso.nameHint} value={name} onText={setName} maxLength={100} autoFocus />
        <MetadataFields value={metadata} onChange={setMetadata} />
        <ProblemNotice error={add.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button look="primary" type="submit" disabled={add.isPending || Object.values(metadata).join("").trim() === ""}>{words.sso.add}</Button>
        </div>
      </form>
    </Dialog>
  );
}

type MetadataSource = { metadataUrl: string } | { metadata: string };

/** A provider's metadata, by its address or as it stands. */
function MetadataFields({ value, onChange }: { value: MetadataSource; onChange: (value: MetadataSource) => void }) {
  const words = useWords();
  const isUrl = "metadataUrl" in value;
  return (
    <>
      <div role="group" className="flex flex-wrap gap-2">
        <Button size="small" look={isUrl ? "primary" : "secondary"} aria-pressed={isUrl} onClick={() => onChange({ metadataUrl: "" })}>{words.sso.byAddress}</Button>
        <Button size="small" look={isUrl ? "secondary" : "primary"} aria-pressed={!isUrl} onClick={() => onChange({ metadata: "" })}>{words.sso.byFile}</Button>
      </div>
      {isUrl ? (
        <TextField label={words.sso.byAddress} type="url" placeholder={words.sso.metadataUrl} value={value.metadataUrl} onText={(metadataUrl) => onChange({ metadataUrl })} maxLength={2_000} />
      ) : (
        <>
          <Field label={words.sso.metadataFile}>
            {(control) => <input type="file" className="input" accept=".xml,application/xml,text/xml" {...control} onChange={(event) => void event.target.files?.[0]?.text().then((metadata) => onChange({ metadata }))} />}
          </Field>
          <Field label={words.sso.metadataText}>
            {(control) => <textarea className="input min-h-32 font-mono text-[0.85rem]" spellCheck={false} {...control} value={value.metadata} onChange={(event) => onChange({ metadata: event.target.value })} />}
          </Field>
        </>
      )}
    </>
  );
}
