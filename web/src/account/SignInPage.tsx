import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Fingerprint } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { call } from "../api/api.ts";
import { Button } from "../shell/Button.tsx";
import { PasswordField, TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useTitle } from "../shell/Page.tsx";
import { useWords } from "../words/language.ts";
import { Card } from "./Card.tsx";
import { ArrivalNotice, ProviderButtons, linkNeeded } from "./ProviderButtons.tsx";
import { SecondStep } from "./SecondStep.tsx";
import { SsoSignIn } from "./SsoSignIn.tsx";
import type { Way } from "./StepForm.tsx";
import { ownPath } from "./ownPath.ts";
import { knowsPasskeys, offerPasskeys, showPasskey } from "./passkey.ts";

const passkeyOptions = "/api/v1/passkey-sessions/options";

export function SignInPage() {
  const words = useWords();
  const { to, problem } = useSearch({ from: "/outside/signin" });
  const navigate = useNavigate();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [ways, setWays] = useState<Way[] | null>(null);
  useTitle(words.account.signInTitle);
  const enter = async (): Promise<void> => {
    client.clear();
    await navigate({ href: ownPath(to), replace: true });
  };
  const signIn = useMutation({
    mutationFn: () => call<{ secondFactor?: Way[] }>("/api/v1/sessions", { method: "POST", body: { email: email.trim(), password } }),
    async onSuccess({ secondFactor }) {
      setPassword("");
      if (secondFactor) setWays(secondFactor);
      else await enter();
    },
  });
  const byPasskey = useMutation({
    mutationFn: async (shown: unknown) => await call("/api/v1/passkey-sessions", { method: "POST", body: { response: shown ?? (await showPasskey(passkeyOptions, words)) } }),
    onSuccess: enter,
  });
  const onOffered = useEffectEvent((response: unknown) => byPasskey.mutate(response));
  useEffect(() => (ways === null ? offerPasskeys(passkeyOptions, onOffered) : undefined), [ways]);
  if (ways) return <Card><SecondStep ways={ways} onIn={enter} onBack={() => setWays(null)} /></Card>;
  return (
    <Card>
      <h1>{words.account.signInTitle}</h1>
      <p className="text-ink-2 mt-1.5 mb-5">{words.account.tagline}</p>
      {problem ? <div className="mb-5"><ArrivalNotice code={problem} /></div> : null}
      {problem === linkNeeded ? null : <ProviderButtons to={to} below={words.providers.or} />}
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); signIn.mutate(); }}>
        <TextField label={words.account.emailOrName} name="email" autoComplete="username webauthn" autoCapitalize="none" spellCheck={false} autoFocus required maxLength={254} value={email} onText={setEmail} />
        <PasswordField label={words.account.password} name="password" autoComplete="current-password" required value={password} onText={setPassword} />
        <ProblemNotice error={signIn.error} />
        <Button type="submit" look="primary" disabled={signIn.isPending}>{words.account.signIn}</Button>
      </form>
      {knowsPasskeys() ? (
        <div className="mt-3 grid gap-3">
          <Button icon={<Fingerprint size={17} aria-hidden />} disabled={byPasskey.isPending} onClick={() => byPasskey.mutate(undefined)}>{words.factors.usePasskey}</Button>
          <ProblemNotice error={byPasskey.error} />
        </div>
      ) : null}
      <SsoSignIn to={to} isOpen={problem === "SSO_REQUIRED"} />
      <div className="mt-6 grid gap-1.5 text-[0.93rem] text-ink-2">
        <p><Link to="/signup" search={{ forgot: true }} className="prose-link">{words.account.forgot}</Link></p>
        <p>{words.account.noAccount} <Link to="/signup" className="prose-link">{words.account.signUpTitle}</Link></p>
      </div>
    </Card>
  );
}
