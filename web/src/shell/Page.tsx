import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import type { ReactNode } from "react";
import { Problem } from "../api/api.ts";
import { useWords } from "../words/language.ts";
import { buttonClass } from "./Button.tsx";
import { ProblemNotice } from "./Notice.tsx";

/** The window's title, while the page is shown. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · Kliv` : "Kliv";
  }, [title]);
}

interface PageProps {
  title: string;
  /** Shown above the title: where the page stands. */
  above?: ReactNode;
  text?: ReactNode;
  actions?: ReactNode;
  narrow?: boolean;
  children?: ReactNode;
}

export function Page({ title, above, text, actions, narrow, children }: PageProps) {
  useTitle(title);
  return (
    <div className={`mx-auto w-full px-4 sm:px-6 py-6 sm:py-9 ${narrow ? "max-w-[760px]" : "max-w-[1160px]"}`}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3 mb-6">
        <div className="grow min-w-0 basis-[320px]">
          {above}
          <h1>{title}</h1>
          {text ? <p className="text-ink-2 mt-1.5 max-w-[62ch]">{text}</p> : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
      {children}
    </div>
  );
}

export function Section({ title, text, actions, children }: { title: string; text?: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="mb-9">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2 mb-3">
        <div className="grow">
          <h2>{title}</h2>
          {text ? <p className="text-ink-2 text-[0.93rem]">{text}</p> : null}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}

export function Empty({ icon, title, text, children }: { icon?: ReactNode; title: string; text: string; children?: ReactNode }) {
  return (
    <div className="rounded-xl border border-dashed border-line-2/50 px-5 py-12 text-center">
      {icon ? <div className="inline-flex items-center justify-center size-12 rounded-full bg-accent-soft text-accent mb-4">{icon}</div> : null}
      <h2>{title}</h2>
      <p className="text-ink-2 mt-1.5 mx-auto max-w-[52ch]">{text}</p>
      {children ? <div className="mt-5 flex flex-wrap justify-center gap-2">{children}</div> : null}
    </div>
  );
}

interface LoadedProps<T> {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  lines?: number;
  children: (data: T) => ReactNode;
}

/** What was asked for, once it is there: until then lines of its shape, or what went wrong. */
export function Loaded<T>({ query, lines = 4, children }: LoadedProps<T>) {
  const words = useWords();
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div role="status" aria-label={words.state.loading} className="grid gap-3 py-1">
      {Array.from({ length: lines }, (_, i) => <div key={i} className="skeleton h-6" style={{ width: `${92 - ((i * 17) % 40)}%` }} />)}
    </div>
  );
}

/** In the place of a whole page: its shape until it is there, or why it will not be. */
export function Waiting({ query }: { query: { error: unknown; refetch: () => unknown } }) {
  if (query.error instanceof Problem && query.error.status === 404) return <Missing />;
  return <div className="mx-auto w-full max-w-[1160px] px-4 sm:px-6 py-9"><Loaded query={{ ...query, data: undefined }} lines={6}>{() => null}</Loaded></div>;
}

/** There is nothing at this address, or nothing for this person. */
export function Missing() {
  const words = useWords();
  useTitle(words.problem.missing.title);
  return (
    <div className="mx-auto max-w-[520px] px-4 py-20">
      <h1>{words.problem.missing.title}</h1>
      <p className="text-ink-2 mt-2 mb-6">{words.problem.missing.detail}</p>
      <Link to="/" className={buttonClass({ look: "primary" })}>{words.nav.home}</Link>
    </div>
  );
}

/** How far something has come; without a total, that it moves. `share` is 0 to 1. */
export function Progress({ share, label }: { share: number | null; label: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(share === null ? {} : { "aria-valuenow": Math.round(share * 100) })}
      className="h-1.5 rounded-full bg-paper-3 overflow-hidden"
    >
      {share === null ? (
        <div className="h-full w-1/3 rounded-full bg-accent animate-[slide_1.3s_ease-in-out_infinite]" />
      ) : (
        <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${Math.max(2, share * 100)}%` }} />
      )}
    </div>
  );
}
