import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { tokensData } from "../api/data.ts";
import type { NewToken, Token } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { CopyButton } from "../shell/copy.tsx";
import { ConfirmDialog, Dialog } from "../shell/Dialog.tsx";
import { SelectField, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Empty, Loaded, Page } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

export function TokensPage() {
  const words = useWords();
  const { team } = useSigned();
  const tokens = useQuery(tokensData(team.id));
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" icon={<Plus size={16} aria-hidden />} onClick={() => setCreating(true)}>{words.account.newToken}</Button>;
  return (
    <Page
      title={words.account.tokensTitle}
      text={<>{words.account.tokensText} <a className="prose-link" href="/api/docs">{words.nav.apiDocs}</a></>}
      actions={tokens.data?.items.length ? create : null}
    >
      <Loaded query={tokens}>
        {({ items }) => items.length === 0
          ? <Empty icon={<KeyRound size={22} aria-hidden />} title={words.account.noTokens} text={words.account.noTokensText}>{create}</Empty>
          : <TokenTable items={items} />}
      </Loaded>
      <NewTokenDialog open={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}

function TokenTable({ items }: { items: Token[] }) {
  const words = useWords();
  const formats = useFormats();
  const { team } = useSigned();
  const client = useQueryClient();
  const [revoking, setRevoking] = useState<Token | null>(null);
  const { columns } = words.account;
  return (
    <div className="card overflow-x-auto">
      <table className="table">
        <thead><tr>{[columns.name, columns.scope, columns.created, columns.lastUsed, columns.expires].map((name) => <th key={name} scope="col">{name}</th>)}<th><span className="sr-only">{words.account.revoke}</span></th></tr></thead>
        <tbody>
          {items.map((token) => (
            <tr key={token.id}>
              <td className="font-medium min-w-[140px]">{token.name}</td>
              <td className="whitespace-nowrap">{words.account.scopes[token.scope]}</td>
              <td className="whitespace-nowrap">{formats.date(token.createdAt)}</td>
              <td className="whitespace-nowrap">{token.lastUsedAt ? formats.ago(token.lastUsedAt) : words.account.neverUsed}</td>
              <td className="whitespace-nowrap">{token.expiresAt ? formats.date(token.expiresAt) : words.account.noEnd}</td>
              <td className="text-right !py-1.5"><Button size="small" look="danger" onClick={() => setRevoking(token)}>{words.account.revoke}</Button></td>
            </tr>
          ))}
        </tbody>
      </table>
      <ConfirmDialog
        open={revoking !== null}
        onClose={() => setRevoking(null)}
        title={words.account.revokeTitle(revoking?.name ?? "")}
        text={words.account.revokeText}
        act={words.account.revoke}
        onConfirm={async () => {
          await call(`/api/v1/teams/${encodeURIComponent(team.id)}/tokens/${encodeURIComponent(revoking?.id ?? "")}`, { method: "DELETE" });
          await client.invalidateQueries({ queryKey: ["tokens"] });
        }}
      />
    </div>
  );
}

type Expiry = "d30" | "d90" | "d365" | "never";
const days: Record<Expiry, number | undefined> = { d30: 30, d90: 90, d365: 365, never: undefined };

function NewTokenDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Token["scope"]>("read");
  const [expiry, setExpiry] = useState<Expiry>("d90");
  const make = useMutation({
    mutationFn: () => call<NewToken>(`/api/v1/teams/${encodeURIComponent(team.id)}/tokens`, {
      method: "POST", body: { name: name.trim(), scope, ...(days[expiry] === undefined ? {} : { expiresInDays: days[expiry] }) },
    }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const close = (): void => {
    make.reset();
    setName("");
    onClose();
  };
  if (make.data) {
    const example = `curl -H "Authorization: Bearer ${make.data.token}" ${location.origin}/api/v1/me`;
    return (
      <Dialog open={open} onClose={close} title={words.account.tokenMade} text={words.account.tokenOnce} wide>
        <div className="grid gap-4">
          <div className="flex items-center gap-2">
            <code className="grow block rounded-lg bg-paper-3 px-3 py-2.5 font-mono text-[0.86rem] break-all">{make.data.token}</code>
            <CopyButton text={make.data.token} />
          </div>
          <div>
            <p className="label">{words.account.example}</p>
            <pre className="rounded-lg bg-paper-2 border border-line px-3 py-2.5 font-mono text-[0.8rem] whitespace-pre-wrap break-all">{example}</pre>
          </div>
          <div className="text-right"><Button look="primary" onClick={close}>{words.actions.done}</Button></div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open={open} onClose={close} title={words.account.newToken} text={words.account.tokensText}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); make.mutate(); }}>
        <TextField label={words.account.tokenName} hint={words.account.tokenNameHint} value={name} onText={setName} maxLength={200} required autoFocus />
        <SelectField<Token["scope"]> label={words.account.scope} value={scope} onPick={setScope} options={(["read", "all"] as const).map((value) => ({ value, label: words.account.scopes[value] }))} />
        <SelectField<Expiry> label={words.account.expires} value={expiry} onPick={setExpiry} options={(["d30", "d90", "d365", "never"] as const).map((value) => ({ value, label: words.account.expiry[value] }))} />
        <ProblemNotice error={make.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={name.trim() === "" || make.isPending}>{words.account.createToken}</Button>
        </div>
      </form>
    </Dialog>
  );
}
