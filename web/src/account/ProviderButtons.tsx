import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { call } from "../api/api.ts";
import { providersData } from "../api/data.ts";
import type { SignInProvider } from "../api/types.ts";
import { buttonClass } from "../shell/Button.tsx";
import { Notice } from "../shell/Notice.tsx";
import { useLanguage, useWords } from "../words/language.ts";

/** A button for each provider that the operator has set up, and a line between them and what stands below; nothing without any. */
export function ProviderButtons({ to, below }: { to?: string | undefined; below: string }) {
  const words = useWords();
  const providers = useQuery(providersData);
  const items = providers.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <>
      <div className="grid gap-2.5">
        {items.map((provider) => (
          // A real address: the server sends the browser on from there.
          <a key={provider.name} href={`${provider.url}${to === undefined ? "" : `?to=${encodeURIComponent(to)}`}`} className={buttonClass({ extra: "w-full gap-2.5" })}>
            <ProviderMark provider={provider} /> {words.providers.continueWith(provider.title)}
          </a>
        ))}
      </div>
      <div className="my-5 flex items-center gap-3 text-[0.86rem] text-ink-2 before:h-px before:grow before:bg-line after:h-px after:grow after:bg-line">{below}</div>
    </>
  );
}

export function ProviderMark({ provider }: { provider: Pick<SignInProvider, "isGoogle"> }) {
  return provider.isGoogle ? <GoogleMark /> : <KeyRound size={17} aria-hidden />;
}

/** Google's mark as its rules for such buttons want it: its four colours, on the button's own ground. */
function GoogleMark() {
  return (
    <svg viewBox="0 0 48 48" width="18" height="18" fill="none" strokeWidth="8" aria-hidden>
      <path stroke="#ea4335" d="M35.31 12.69A16 16 0 0 0 9.5 17.24" />
      <path stroke="#fbbc05" d="M9.5 17.24a16 16 0 0 0 0 13.52" />
      <path stroke="#34a853" d="M9.5 30.76a16 16 0 0 0 25.81 4.55" />
      <path stroke="#4285f4" d="M35.31 35.31A16 16 0 0 0 40 24H24" />
    </svg>
  );
}

/** What went wrong on a walk through another site, told by the code in our own address. */
export function ArrivalNotice({ code }: { code: string }) {
  const language = useLanguage();
  const problem = useQuery({
    queryKey: ["problem", code, language], staleTime: Infinity, retry: false,
    queryFn: ({ signal }) => call<{ title: string; detail: string }>(`/api/v1/problems/${encodeURIComponent(code)}`, { signal }),
  });
  if (!problem.data) return null;
  const { title, detail } = problem.data;
  return <Notice tone={code === linkNeeded ? "plain" : "bad"} title={title} role="alert"><p>{detail}</p></Notice>;
}

/** Not a failure: one step more. */
export const linkNeeded = "OIDC_LINK_NEEDED";
