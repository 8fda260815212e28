import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { AcceptField } from "../agreements/AcceptField.tsx";
import { Problem, call } from "../api/api.ts";
import type { AgreementName } from "../api/types.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { PasswordField, TextField } from "../shell/Field.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { useTitle } from "../shell/Page.tsx";
import { useWords } from "../words/language.ts";
import { Card } from "./Card.tsx";

interface LinkAccount {
  email: string;
  /** It is the account's first password. */
  isNew: boolean;
  agreements: { pending: AgreementName[] };
}

/** Where a mailed link leads: choose a password, and be in. */
export function PasswordPage() {
  const words = useWords();
  const { link } = useSearch({ from: "/outside/password" });
  useTitle(words.account.choosePassword);
  const account = useQuery({
    queryKey: ["password-link", link], enabled: link !== undefined, retry: false, staleTime: Infinity, gcTime: 0,
    queryFn: ({ signal }) => call<LinkAccount>("/api/v1/passwords/account", { method: "POST", body: { link }, signal }),
  });
  const newLink = <Link to="/signup" search={{ forgot: true }} className={buttonClass({ size: "small" })}>{words.account.newLink}</Link>;
  return (
    <Card>
      <h1>{words.account.choosePassword}</h1>
      {link === undefined ? (
        <div className="mt-5">
          <Notice tone="bad" title={words.account.noLink.title}>
            <p>{words.account.noLink.detail}</p>
            <div className="mt-2.5">{newLink}</div>
          </Notice>
        </div>
      ) : account.error ? (
        <div className="mt-5"><ProblemNotice error={account.error} onRetry={isSpent(account.error) ? undefined : () => void account.refetch()}>{isSpent(account.error) ? newLink : null}</ProblemNotice></div>
      ) : <PasswordForm link={link} account={account.data} newLink={newLink} />}
    </Card>
  );
}

const isSpent = (error: unknown): boolean => error instanceof Problem && error.code === "LINK_INVALID";

function PasswordForm({ link, account, newLink }: { link: string; account: LinkAccount | undefined; newLink: React.ReactNode }) {
  const email = account?.email ?? "";
  // Who has an account already is asked after signing in, with what is different.
  const asked = account?.isNew ? account.agreements.pending : [];
  const words = useWords();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [password, setPassword] = useState("");
  const set = useMutation({
    async mutationFn() {
      await call("/api/v1/passwords", { method: "POST", body: { link, password, ...(asked.length > 0 ? { accepted: asked } : {}) } });
      // What was just chosen need not be typed again; where more is asked for, the sign-in page does it.
      return await call<{ user?: unknown }>("/api/v1/sessions", { method: "POST", body: { email, password } }).catch(() => null);
    },
    async onSuccess(session) {
      if (!session?.user) return;
      client.clear();
      await navigate({ to: "/", replace: true });
    },
  });
  if (set.isSuccess && !set.data?.user) {
    return (
      <>
        <p role="status" className="mt-2 mb-6">{words.account.passwordSet} {words.account.passwordSetText}</p>
        <Link to="/signin" className={buttonClass({ look: "primary" })}>{words.account.signIn}</Link>
      </>
    );
  }
  return (
    <>
      <p className="text-ink-2 mt-2 mb-5">{words.account.choosePasswordText}</p>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); set.mutate(); }}>
        <TextField label={words.account.email} type="email" name="email" autoComplete="username" readOnly value={email} className="!bg-paper-2 !border-line" />
        <PasswordField label={words.account.newPassword} hint={words.account.passwordHint} name="password" autoComplete="new-password" autoFocus required value={password} onText={setPassword} />
        {asked.length > 0 ? <AcceptField asked={asked} /> : null}
        <ProblemNotice error={set.error}>{isSpent(set.error) ? newLink : null}</ProblemNotice>
        <Button type="submit" look="primary" disabled={set.isPending || password === "" || account === undefined}>{words.account.setPassword}</Button>
      </form>
    </>
  );
}
