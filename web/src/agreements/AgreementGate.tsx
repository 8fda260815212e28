import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { SignOutButton } from "../account/SignOutButton.tsx";
import { Problem, call } from "../api/api.ts";
import { meData } from "../api/data.ts";
import type { AgreementName, Me } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { Logo } from "../shell/Logo.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { OtherLanguage } from "../shell/Outside.tsx";
import { useTitle } from "../shell/Page.tsx";
import { useFormats } from "../words/format.ts";
import { useLanguage, useWords } from "../words/language.ts";
import { DocumentLink } from "./DocumentLink.tsx";
import { acceptedData, agreementsData } from "./data.ts";

/**
 * Before anything else of the app: the documents that the person has not accepted. Asked when the app is opened; a
 * version that comes into force later waits until then, for what somebody is writing is not taken from the screen.
 */
export function AgreementGate({ children }: { children: ReactNode }) {
  const { data: me } = useSuspenseQuery(meData);
  const [isAsking, setAsking] = useState((me?.agreements.pending.length ?? 0) > 0);
  if (!me || !isAsking) return <>{children}</>;
  return <Asking pending={me.agreements.pending} onAccepted={() => setAsking(false)} />;
}

function Asking({ pending, onAccepted }: { pending: AgreementName[]; onAccepted: () => void }) {
  const words = useWords();
  const client = useQueryClient();
  const accepted = useQuery(acceptedData);
  const accept = useMutation({
    mutationFn: () => call<Me["agreements"]>("/api/v1/me/agreements", { method: "POST", body: { accepted: pending } }),
    onSuccess(agreements) {
      client.setQueryData(meData.queryKey, (me) => (me ? { ...me, agreements } : me));
      void client.invalidateQueries({ queryKey: acceptedData.queryKey });
      if (agreements.pending.length === 0) onAccepted();
    },
    async onError(error) {
      // Yet another version is in force meanwhile: that one is shown.
      if (error instanceof Problem && error.code === "AGREEMENT_NOT_CURRENT") await Promise.all([client.invalidateQueries({ queryKey: meData.queryKey }), client.invalidateQueries({ queryKey: agreementsData.queryKey })]);
    },
  });
  const isChange = pending.some(({ kind }) => accepted.data?.items.some((one) => one.kind === kind));
  const title = isChange ? words.agreements.changedTitle : words.agreements.firstTitle;
  useTitle(title);
  // Whether it is the first time decides what is said.
  if (accepted.isPending) return null;
  return (
    <div className="min-h-dvh flex flex-col bg-paper-2">
      <header className="flex items-center justify-between gap-4 px-4 sm:px-6 py-3.5"><Logo /><OtherLanguage /></header>
      <main className="grow flex flex-col items-center px-4 pt-[5vh] pb-12">
        <div className="w-full max-w-[620px] rounded-2xl border border-line bg-paper px-5 py-7 sm:p-8 shadow-[0_1px_2px_rgb(0_0_0/0.04)]">
          <h1>{title}</h1>
          <p className="text-ink-2 mt-2 mb-5">{isChange ? words.agreements.changedText : words.agreements.firstText}</p>
          <ul className="grid gap-3">{pending.toReversed().map((one) => <DocumentCard key={one.kind} {...one} />)}</ul>
          <p className="mt-5 text-[0.93rem]">{words.agreements.agreeText}</p>
          {accept.error ? <div className="mt-4"><ProblemNotice error={accept.error} /></div> : null}
          <div className="mt-4 flex flex-wrap gap-2.5">
            <Button look="primary" disabled={accept.isPending} onClick={() => accept.mutate()}>{words.agreements.agree}</Button>
            <SignOutButton />
          </div>
          <p className="mt-5 text-[0.88rem] text-ink-2">{words.agreements.decline}</p>
        </div>
      </main>
    </div>
  );
}

function DocumentCard({ kind, version }: AgreementName) {
  const words = useWords();
  const language = useLanguage();
  const formats = useFormats();
  const { data: versions } = useQuery(agreementsData);
  const { data: accepted } = useQuery(acceptedData);
  const about = versions?.items.find((one) => one.kind === kind && one.version === version);
  const before = accepted?.items.find((one) => one.kind === kind);
  return (
    <li className="rounded-xl border border-line px-4 py-3.5">
      <h2>{words.agreements.kinds[kind] ?? kind}</h2>
      <p className="text-[0.9rem] text-ink-2 first-letter:uppercase">
        {words.agreements.version(version)}{about ? ` · ${words.agreements.inForce(formats.date(about.effectiveAt))}` : ""}
      </p>
      {before ? <p className="text-[0.9rem] text-ink-2">{words.agreements.acceptedBefore(before.version, formats.date(before.acceptedAt))}</p> : null}
      {about?.changes && before ? (
        <div className="mt-2.5 border-l-[3px] border-accent pl-3">
          <p className="text-[0.87rem] font-semibold">{words.agreements.changes}</p>
          <p className="text-[0.93rem] whitespace-pre-line">{about.changes[language]}</p>
        </div>
      ) : null}
      <p className="mt-2.5 flex flex-wrap gap-x-5 gap-y-1 text-[0.93rem]">
        <DocumentLink kind={kind} version={version}>{words.agreements.read}<span className="sr-only"> ({words.agreements.kinds[kind] ?? kind})</span></DocumentLink>
        {before ? <DocumentLink kind={kind} version={version} compare={before.version}>{words.agreements.compare(before.version)}</DocumentLink> : null}
      </p>
    </li>
  );
}
