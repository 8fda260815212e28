import { useMutation } from "@tanstack/react-query";
import { MoreHorizontal, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import type { Passkey } from "../api/types.ts";
import { Button, IconButton } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { TextField } from "../shell/Field.tsx";
import { Menu, MenuItem } from "../shell/Menu.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { agentOf } from "./agent.ts";
import { knowsPasskeys, makePasskey } from "./passkey.ts";
import { shownError } from "./proof.tsx";

const path = "/api/v1/me/factors/passkeys";

interface PasskeysProps {
  passkeys: Passkey[];
  withProof: <T>(act: () => Promise<T>) => Promise<T>;
  /** With the codes that came with the first factor. */
  onChanged: (codes: string[] | null) => Promise<void>;
  onRemove: (passkey: Passkey) => void;
}

/** What is registered, by name, and one more. */
export function Passkeys({ passkeys, withProof, onChanged, onRemove }: PasskeysProps) {
  const words = useWords();
  const formats = useFormats();
  const [adding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState<Passkey | null>(null);
  return (
    <div className="px-4 py-3.5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="grow basis-[240px]">
          <p className="font-medium">{words.factors.passkeys}</p>
          <p className="text-[0.88rem] text-ink-2">{knowsPasskeys() ? words.factors.passkeysText : words.factors.noPasskeys}</p>
        </div>
        {knowsPasskeys() ? <Button size="small" icon={<Plus size={15} aria-hidden />} onClick={() => setAdding(true)}>{words.factors.addPasskey}</Button> : null}
      </div>
      {passkeys.length > 0 ? (
        <ul className="mt-2.5 grid gap-1">
          {passkeys.map((passkey) => (
            <li key={passkey.id} className="flex items-center gap-2 rounded-lg bg-paper-2 pl-3 pr-1 py-1.5">
              <div className="grow min-w-0">
                <p className="font-medium break-words">{passkey.name}</p>
                <p className="text-[0.84rem] text-ink-2">{words.factors.added(formats.date(passkey.createdAt))} · {passkey.lastUsedAt ? words.factors.used(formats.ago(passkey.lastUsedAt)) : words.factors.unused}</p>
              </div>
              <Menu trigger={<IconButton label={`${words.actions.more}: ${passkey.name}`}><MoreHorizontal size={18} aria-hidden /></IconButton>}>
                <MenuItem icon={<Pencil size={16} aria-hidden />} onPick={() => setRenaming(passkey)}>{words.factors.renamePasskey}</MenuItem>
                <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onPick={() => onRemove(passkey)}>{words.factors.remove}</MenuItem>
              </Menu>
            </li>
          ))}
        </ul>
      ) : null}
      <NameDialog
        key={adding ? "adding" : "none"} open={adding} onClose={() => setAdding(false)} title={words.factors.addPasskey} text={words.factors.addPasskeyText} act={words.factors.addPasskey} start={agentOf(navigator.userAgent) ?? ""}
        onName={async (name) => {
          const added = await withProof(async () => {
            const response = await makePasskey(`${path}/options`, words);
            return await call<{ recoveryCodes: string[] | null }>(path, { method: "POST", body: { name, response } });
          });
          say(words.factors.done.added);
          await onChanged(added.recoveryCodes);
        }}
      />
      <NameDialog
        key={renaming?.id ?? "nothing"} open={renaming !== null} onClose={() => setRenaming(null)} title={words.factors.rename} act={words.actions.save} start={renaming?.name ?? ""}
        onName={async (name) => {
          await call(`${path}/${encodeURIComponent(renaming?.id ?? "")}`, { method: "PATCH", body: { name } });
          say(words.factors.done.renamed);
          await onChanged(null);
        }}
      />
    </div>
  );
}

interface NameDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  text?: string;
  act: string;
  start: string;
  onName: (name: string) => Promise<void>;
}

function NameDialog({ open, onClose, title, text, act, start, onName }: NameDialogProps) {
  const words = useWords();
  const [name, setName] = useState(start);
  const save = useMutation({ mutationFn: () => onName(name.trim()), onSuccess: onClose });
  return (
    <Dialog open={open} onClose={onClose} title={title} text={text}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        <TextField label={words.factors.passkeyName} hint={words.factors.passkeyNameHint} value={name} onText={setName} maxLength={100} required autoFocus autoComplete="off" />
        <ProblemNotice error={shownError(save.error)} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={name.trim() === "" || save.isPending}>{act}</Button>
        </div>
      </form>
    </Dialog>
  );
}
