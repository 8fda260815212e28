import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { call } from "../api/api.ts";
import { identitiesData, providersData } from "../api/data.ts";
import type { Identity, SignInProvider } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { ConfirmDialog } from "../shell/Dialog.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, Section } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { ArrivalNotice, ProviderMark } from "./ProviderButtons.tsx";
import { NotProven, shownError, useProof } from "./proof.tsx";

/** The accounts of providers with which one signs in. Not shown where there are none and no provider is set up. */
export function ConnectedAccounts() {
  const words = useWords();
  const { connected, problem } = useSearch({ from: "/inside/account" });
  const navigate = useNavigate();
  const [leaving, setLeaving] = useState<Identity | null>(null);
  const client = useQueryClient();
  const providers = useQuery(providersData);
  const identities = useQuery(identitiesData);
  const { withProof, dialog } = useProof();
  const connect = useMutation({
    mutationFn: ({ name }: SignInProvider) => withProof(() => call<{ url: string }>(`/api/v1/me/sign-in-providers/${encodeURIComponent(name)}/links`, { method: "POST" })),
    onSuccess: ({ url }) => location.assign(url),
  });
  const disconnect = async (): Promise<void> => {
    await withProof(() => call(`/api/v1/me/identities/${encodeURIComponent(leaving?.id ?? "")}`, { method: "DELETE" }));
    await client.invalidateQueries({ queryKey: ["identities"] });
  };
  useEffect(() => {
    if (!connected) return;
    say(words.providers.done);
    void navigate({ to: "/account", search: {}, replace: true });
  }, [connected]);
  const offered = providers.data?.items ?? [];
  const others = offered.filter(({ name }) => !identities.data?.items.some((one) => one.provider === name));
  if (offered.length === 0 && (identities.data?.items ?? []).length === 0) return null;
  return (
    <Section title={words.providers.title} text={words.providers.text}>
      <div className="grid gap-3">
        {problem ? <ArrivalNotice code={problem} /> : null}
        <ProblemNotice error={shownError(connect.error)} />
        <Loaded query={identities} lines={1}>
          {({ items }) => (items.length === 0 ? <p className="text-ink-2">{words.providers.none}</p> : (
            <ul className="card divide-y divide-line">{items.map((one) => <Row key={one.id} identity={one} provider={offered.find(({ name }) => name === one.provider)} onLeave={setLeaving} />)}</ul>
          ))}
        </Loaded>
        <div className="flex flex-wrap gap-2 empty:hidden">
          {others.map((provider) => (
            <Button key={provider.name} size="small" icon={<ProviderMark provider={provider} />} disabled={connect.isPending} onClick={() => connect.mutate(provider)}>{words.providers.connect(provider.title)}</Button>
          ))}
        </div>
      </div>
      <ConfirmDialog
        open={leaving !== null}
        onClose={() => setLeaving(null)}
        title={words.providers.disconnectTitle(leaving?.title ?? "")}
        text={words.providers.disconnectText}
        act={words.providers.disconnect}
        onConfirm={() => disconnect().catch((error: unknown) => { if (!(error instanceof NotProven)) throw error; })}
      />
      {dialog}
    </Section>
  );
}

function Row({ identity, provider, onLeave }: { identity: Identity; provider: SignInProvider | undefined; onLeave: (identity: Identity) => void }) {
  const words = useWords();
  const formats = useFormats();
  const { title, email, createdAt, lastUsedAt } = identity;
  const facts = [words.providers.connected(formats.date(createdAt)), ...(lastUsedAt ? [words.providers.used(formats.ago(lastUsedAt))] : [])];
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <ProviderMark provider={provider ?? { isGoogle: false }} />
      <div className="grow min-w-0">
        <p className="font-medium break-words">{title} <span className="font-normal text-ink-2">{email}</span></p>
        <p className="text-[0.86rem] text-ink-2">{facts.join(" · ")}</p>
      </div>
      <Button size="small" aria-label={words.providers.disconnectOf(title, email)} onClick={() => onLeave(identity)}>{words.providers.disconnect}</Button>
    </li>
  );
}
