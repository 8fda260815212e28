import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "../api/api.ts";
import type { Page } from "../api/types.ts";

export interface AuditEvent {
  id: string;
  at: string;
  action: string;
  actor: { kind: string; id: string | null; name: string | null };
  resource: { kind: string; id: string };
  requestId: string | null;
  address: string | null;
  facts: Record<string, string | number | boolean | null>;
}

export interface Verification {
  ok: boolean;
  /** The public key as one line. */
  key: string;
  /** A signed note. */
  checkpoint: string | null;
  at: string | null;
  size: number;
  pending: number;
  trouble: { kind: string; position: number | null; event: string | null } | null;
}

/** As it stands in the page's address; days as 2026-01-31, in the reader's time. */
export interface Filters {
  q?: string;
  action?: string;
  actor?: string;
  since?: string;
  until?: string;
}

const pageItems = "50";
export const auditPath = (team: string): string => `/api/v1/teams/${encodeURIComponent(team)}/audit-events`;

/** Midnight where the reader is, `days` after a day; undefined for what is no day. */
function midnight(day: string | undefined, days: number): string | undefined {
  const [year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day ?? "")?.slice(1).map(Number) ?? [];
  return year === undefined || month === undefined || date === undefined ? undefined : new Date(year, month - 1, date + days).toISOString();
}

export const eventsData = (team: string, filters: Filters) =>
  infiniteQueryOptions({
    queryKey: ["audit", team, filters],
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page<AuditEvent>) => page.nextCursor,
    queryFn: ({ signal, pageParam }) => {
      const { q, action, actor } = filters;
      const asked = { limit: pageItems, q, action, actor, since: midnight(filters.since, 0), until: midnight(filters.until, 1), cursor: pageParam ?? undefined };
      const search = new URLSearchParams(Object.entries(asked).filter((entry): entry is [string, string] => Boolean(entry[1])));
      return call<Page<AuditEvent>>(`${auditPath(team)}?${search}`, { signal });
    },
  });

export const verificationData = (team: string) =>
  queryOptions({ queryKey: ["audit", team, "verification"], staleTime: 60_000, queryFn: ({ signal }) => call<Verification>(`${auditPath(team)}/verification`, { signal }) });
