import { useMutation } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { Problem, call } from "../api/api.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { PasswordField } from "../shell/Field.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { useTitle } from "../shell/Page.tsx";
import { useWords } from "../words/language.ts";
import { Card } from "./Card.tsx";

/** Where a mailed link leads: choose a password. */
export function PasswordPage() {
  const words = useWords();
  const { link } = useSearch({ from: "/outside/password" });
  const [password, setPassword] = useState("");
  useTitle(words.account.choosePassword);
  const set = useMutation({ mutationFn: () => call("/api/v1/passwords", { method: "POST", body: { link, password } }) });
  const newLink = <Link to="/signup" search={{ forgot: true }} className={buttonClass({ size: "small" })}>{words.account.newLink}</Link>;
  if (set.isSuccess) {
    return (
      <Card>
        <div role="status">
          <h1>{words.account.passwordSet}</h1>
          <p className="text-ink-2 mt-2 mb-6">{words.account.passwordSetText}</p>
        </div>
        <Link to="/signin" className={buttonClass({ look: "primary" })}>{words.account.signIn}</Link>
      </Card>
    );
  }
  const spent = set.error instanceof Problem && set.error.code === "LINK_INVALID";
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
      ) : (
        <>
          <p className="text-ink-2 mt-2 mb-5">{words.account.choosePasswordText}</p>
          <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); set.mutate(); }}>
            <PasswordField label={words.account.newPassword} hint={words.account.passwordHint} name="password" autoComplete="new-password" autoFocus required value={password} onText={setPassword} />
            <ProblemNotice error={set.error}>{spent ? newLink : null}</ProblemNotice>
            <Button type="submit" look="primary" disabled={set.isPending || password === ""}>{words.account.setPassword}</Button>
          </form>
        </>
      )}
    </Card>
  );
}
