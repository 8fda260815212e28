import { useMutation } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { MailCheck } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { Button } from "../shell/Button.tsx";
import { TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useTitle } from "../shell/Page.tsx";
import { useWords } from "../words/language.ts";
import { Card } from "./Card.tsx";
import { ProviderButtons } from "./ProviderButtons.tsx";

/** Asks for an address and mails a link to it: for a new account, and for a new password. */
export function SignUpPage() {
  const words = useWords();
  const { forgot } = useSearch({ from: "/outside/signup" });
  const [email, setEmail] = useState("");
  const send = useMutation({ mutationFn: () => call<{ mailbox?: string } | undefined>("/api/v1/password-links", { method: "POST", body: { email: email.trim() } }) });
  const title = forgot ? words.account.forgotTitle : words.account.signUpTitle;
  useTitle(title);
  if (send.isSuccess) {
    const mailbox = send.data?.mailbox ?? (isLoopback() ? "/mailbox" : null);
    return (
      <Card>
        <MailCheck size={30} className="text-accent mb-3" aria-hidden />
        <div role="status">
          <h1>{words.account.sentTitle}</h1>
          <p className="text-ink-2 mt-2">{words.account.sentText(email.trim())}</p>
          {mailbox ? <p className="mt-4 text-[0.93rem]">{words.account.mailbox} <a className="prose-link" href={mailbox}>/mailbox</a></p> : null}
        </div>
        <div className="mt-6"><Button onClick={() => send.reset()}>{words.account.again}</Button></div>
      </Card>
    );
  }
  return (
    <Card>
      <h1>{title}</h1>
      {forgot ? null : <div className="mt-5"><ProviderButtons below={words.providers.orMail} /></div>}
      <p className="text-ink-2 mt-2 mb-5">{forgot ? words.account.forgotText : words.account.signUpText}</p>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); send.mutate(); }}>
        <TextField label={words.account.email} type="email" name="email" autoComplete="email" autoFocus required maxLength={254} value={email} onText={setEmail} />
        <ProblemNotice error={send.error} />
        <Button type="submit" look="primary" disabled={send.isPending}>{words.account.sendLink}</Button>
      </form>
      <p className="mt-6 text-[0.93rem] text-ink-2">{words.account.haveAccount} <Link to="/signin" className="prose-link">{words.account.signIn}</Link></p>
    </Card>
  );
}

function isLoopback(): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
}
