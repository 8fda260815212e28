import { QueryClient, queryOptions } from "@tanstack/react-query";
import { currentLanguage } from "../words/language.ts";
import { Problem, call } from "./api.ts";
import type { Source } from "./arrivals.ts";
import type { Attachment, ColumnMeaning, ColumnProfile, ColumnarState, Database, DatabaseVersion, EmailChange, Factors, Group, Identity, Invitation, Me, Member, Page, QueryAnswer, QueryAsk, ReportBrief, ReportVersion, RuleSet, SavedQuery, Schema, Service, Session, SharingState, SignInProvider, Suggestion, Token } from "./types.ts";
import type { StoredReport } from "../reports/definition.ts";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What was refused once is refused again; only the network and a busy server are worth another try.
      retry: (count, error) => count < 2 && error instanceof Problem && (error.code === "NETWORK" || error.status === 503),
      refetchOnWindowFocus: false,
    },
  },
});

const id = encodeURIComponent;
const pageItems = 200;
/** As many as a person looks through. */
const pagesMax = 25;

/** A list as a whole, page by page. */
export const list = <T>(key: unknown[], path: string) =>
  queryOptions({
    queryKey: key,
    async queryFn({ signal }): Promise<Page<T>> {
      const items: T[] = [];
      let cursor: string | null = null;
      for (let pages = 0; pages < pagesMax; pages += 1) {
        const page: Page<T> = await call<Page<T>>(`${path}?limit=${pageItems}${cursor === null ? "" : `&cursor=${id(cursor)}`}`, { signal });
        items.push(...page.items);
        cursor = page.nextCursor;
        if (cursor === null) break;
      }
      return { items, nextCursor: cursor };
    },
  });

/** Who is signed in; null when nobody is. */
export const meData = queryOptions({
  queryKey: ["me"],
  staleTime: 60_000,
  queryFn: async ({ signal }) => {
    try {
      return await call<Me>("/api/v1/me", { signal });
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
});

export const factorsData = queryOptions({ queryKey: ["factors"], queryFn: ({ signal }) => call<Factors>("/api/v1/me/factors", { signal }) });
export const sessionsData = list<Session>(["sessions"], "/api/v1/me/sessions");
export const identitiesData = list<Identity>(["identities"], "/api/v1/me/identities");
/** What the operator has set up; it changes with a start of the server only. */
export const providersData = queryOptions({
  queryKey: ["sign-in-providers"], staleTime: Infinity, queryFn: ({ signal }) => call<{ items: SignInProvider[] }>("/api/v1/sign-in-providers", { signal }),
});
export const membersData = (team: string) => list<Member>(["members", team], `/api/v1/teams/${id(team)}/members`);
export const invitationsData = (team: string) => list<Invitation>(["invitations", team], `/api/v1/teams/${id(team)}/invitations`);
export const groupsData = (team: string) => list<Group>(["groups", team], `/api/v1/teams/${id(team)}/groups`);
export const groupMembersData = (team: string, group: string) => list<Pick<Member, "user">>(["groups", team, group, "members"], `/api/v1/teams/${id(team)}/groups/${id(group)}/members`);
export const servicesData = (team: string) => list<Service>(["services", team], `/api/v1/teams/${id(team)}/services`);
export const sharingData = (of: "databases" | "reports", one: string) =>
  queryOptions({ queryKey: ["sharing", of, one], queryFn: ({ signal }) => call<SharingState>(`/api/v1/${of}/${id(one)}/sharing`, { signal }), gcTime: 0 });
export const emailChangeData = queryOptions({ queryKey: ["email-change"], queryFn: ({ signal }) => call<EmailChange>("/api/v1/me/email", { signal }) });
export const tokensData = (team: string) => list<Token>(["tokens", team], `/api/v1/teams/${id(team)}/tokens`);
export const databasesData = (team: string) => list<Database>(["databases", team], `/api/v1/teams/${id(team)}/databases`);
export const attachmentsData = (team: string) => list<Attachment>(["attachments", team], `/api/v1/teams/${id(team)}/attachments`);
export const attachmentData = (attachment: string) =>
  queryOptions({ queryKey: ["attachment", attachment], staleTime: Infinity, queryFn: ({ signal }) => call<Attachment>(`/api/v1/attachments/${id(attachment)}`, { signal }) });
export const reportsData = (team: string) => list<ReportBrief>(["reports", team], `/api/v1/teams/${id(team)}/reports`);
export const savedQueriesData = (team: string) => list<SavedQuery>(["queries", team], `/api/v1/teams/${id(team)}/queries`);
export const databaseVersionsData = (database: string) => list<DatabaseVersion>(["database", database, "versions"], `/api/v1/databases/${id(database)}/versions`);
export const reportVersionsData = (report: string) => list<ReportVersion>(["report", report, "versions"], `/api/v1/reports/${id(report)}/versions`);

export const databaseData = (database: string) =>
  queryOptions({ queryKey: ["database", database], queryFn: ({ signal }) => call<Database>(`/api/v1/databases/${id(database)}`, { signal }) });

/** Never read again by itself: what is being written stays. */
export const rulesData = (database: string) =>
  queryOptions({ queryKey: ["database", database, "rules"], staleTime: Infinity, queryFn: ({ signal }) => call<RuleSet>(`/api/v1/databases/${id(database)}/rules`, { signal }) });
export const sourceData = (database: string) =>
  queryOptions({
    queryKey: ["database", database, "source"], queryFn: ({ signal }) => call<{ source: Source | null }>(`/api/v1/databases/${id(database)}/source`, { signal }),
    // While it is refreshed, soon again.
    refetchInterval: ({ state }) => (state.data?.source?.isRunning ? 1_500 : false),
  });
export const schemaData = (database: string) =>
  queryOptions({ queryKey: ["database", database, "schema"], queryFn: ({ signal }) => call<Schema>(`/api/v1/databases/${id(database)}/schema`, { signal }) });

export const descriptionsData = (database: string) =>
  queryOptions({ queryKey: ["database", database, "descriptions"], queryFn: ({ signal }) => call<{ items: ColumnMeaning[] }>(`/api/v1/databases/${id(database)}/descriptions`, { signal }) });
/** A version never changes, nor what stands in it. */
export const profileData = ({ database, version, table, column }: { database: string; version: string; table: string; column: string }) =>
  queryOptions({
    queryKey: ["database", database, "profile", version, table, column], staleTime: Infinity,
    queryFn: ({ signal }) => call<ColumnProfile>(`/api/v1/databases/${id(database)}/tables/${id(table)}/columns/${id(column)}/profile?version=${id(version)}`, { signal }),
  });

export const suggestionsData = (database: string, table?: string) =>
  queryOptions({
    // Their titles are in the reader's language.
    queryKey: ["database", database, "suggestions", table ?? "", currentLanguage()],
    queryFn: ({ signal }) =>
      call<{ items: Suggestion[] }>(`/api/v1/databases/${id(database)}/suggestions${table === undefined ? "" : `?table=${id(table)}`}`, { signal }),
  });

export const reportData = (report: string) =>
  queryOptions({ queryKey: ["report", report], queryFn: ({ signal }) => call<StoredReport>(`/api/v1/reports/${id(report)}`, { signal }) });

/** The report as it was in one version. */
export const reportVersionData = (report: string, version: string) =>
  queryOptions({ queryKey: ["report", report, "version", version], queryFn: ({ signal }) => call<StoredReport>(`/api/v1/reports/${id(report)}/versions/${id(version)}`, { signal }), staleTime: Infinity });

export const columnarData = (database: string) =>
  queryOptions({ queryKey: ["database", database, "columnar"], queryFn: ({ signal }) => call<ColumnarState>(`/api/v1/databases/${id(database)}/columnar`, { signal }) });
export const ask = (database: string, body: QueryAsk, signal?: AbortSignal): Promise<QueryAnswer> =>
  call<QueryAnswer>(`/api/v1/databases/${id(database)}/query`, { method: "POST", body, ...(signal ? { signal } : {}) });

/** The answer to one question, kept while its page is open. */
export const answerData = (database: string, body: QueryAsk) =>
  queryOptions({
    queryKey: ["answer", database, body.sql, body.parameters ?? {}, body.rowsMax ?? 0],
    queryFn: ({ signal }) => ask(database, body, signal),
    staleTime: 60_000,
  });
