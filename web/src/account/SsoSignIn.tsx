import { useMutation } from "@tanstack/react-query";
import { Building2 } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useWords } from "../words/language.ts";

interface WayIn {
  name: string;
  url: string;
}

/** By the domain of an address to the sign-in page of its organization. */
export function SsoSignIn({ to, isOpen }: { to: string | undefined; isOpen: boolean }) {
  const words = useWords();
  const [open, setOpen] = useState(isOpen);
  const [email, setEmail] = useState("");
  const addressOf = ({ url }: WayIn): string => `${url}${to === undefined ? "" : `?to=${encodeURIComponent(to)}`}`;
  const find = useMutation({
    mutationFn: () => call<{ items: WayIn[] }>("/api/v1/sso-lookups", { method: "POST", body: { email: email.trim() } }),
    onSuccess({ items }) {
      const [only, other] = items;
      if (only && !other) location.assign(addressOf(only));
    },
  });
  if (!open) return <Button className="mt-3 w-full" icon={<Building2 size={17} aria-hidden />} onClick={() => setOpen(true)}>{words.sso.signIn}</Button>;
  const ways = find.data?.items ?? [];
  return (
    <form className="mt-3 grid gap-3 rounded-[9px] border border-line p-4" onSubmit={(event) => { event.preventDefault(); find.mutate(); }}>
      <p className="text-[0.93rem]">{words.sso.signInText}</p>
      <TextField label={words.sso.email} type="email" autoComplete="email" autoFocus required maxLength={254} value={email} onText={setEmail} />
      {ways.length > 1 ? (
        <div className="grid gap-2">
          <p className="text-[0.9rem] text-ink-2">{words.sso.several}</p>
          {ways.map((way) => <a key={way.url} href={addressOf(way)} className={buttonClass({ extra: "w-full" })}>{way.name}</a>)}
        </div>
      ) : <Button type="submit" disabled={find.isPending || ways.length === 1}>{words.sso.go}</Button>}
      <ProblemNotice error={find.error} />
    </form>
  );
}
