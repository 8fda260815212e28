import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { membersData, servicesData, tokensData } from "../api/data.ts";
import type { Token } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { ConfirmDialog } from "../shell/Dialog.tsx";
import { Empty, Loaded, Page } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { NewTokenDialog } from "./NewTokenDialog.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

export function TokensPage() {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
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
      <NewTokenDialog path={`/api/v1/teams/${encodeURIComponent(team.id)}/tokens`} open={creating} onClose={() => setCreating(false)} onMade={() => void client.invalidateQueries({ queryKey: ["tokens"] })} />
    </Page>
  );
}

function TokenTable({ items }: { items: Token[] }) {
  const words = useWords();
  const formats = useFormats();
  const { team, mayAdminister } = useSigned();
  const client = useQueryClient();
  const ownerOf = useOwners();
  const [revoking, setRevoking] = useState<Token | null>(null);
  const { columns } = words.account;
  return (
    <div className="card overflow-x-auto">
      <table className="table">
        <thead><tr>{[columns.name, ...(mayAdminister ? [words.access.owner] : []), columns.scope, columns.created, columns.lastUsed, columns.expires].map((name) => <th key={name} scope="col">{name}</th>)}<th><span className="sr-only">{words.account.revoke}</span></th></tr></thead>
        <tbody>
          {items.map((token) => (
            <tr key={token.id}>
              <td className="font-medium min-w-[140px]">{token.name}</td>
              {mayAdminister ? <td className="min-w-[120px]">{ownerOf(token)}</td> : null}
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

/** Whose a token is: a person's or a service account's. Only administrators see others' at all. */
function useOwners(): (token: Token) => string {
  const { team, mayAdminister } = useSigned();
  const members = useQuery({ ...membersData(team.id), enabled: mayAdminister });
  const services = useQuery({ ...servicesData(team.id), enabled: mayAdminister });
  return (token) => (token.service === null ? members.data?.items.find(({ user }) => user.id === token.user)?.user.name : services.data?.items.find(({ id }) => id === token.service)?.name) ?? "";
}
