import type { Attempt } from "#src/base/outbound/attempts.ts";
import type { LogFindings } from "#src/base/logsearch.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Language } from "#src/base/problems/problem.ts";

/** One text in each language of the interface. */
export type Text = Record<Language, string>;

/** The sections of the security page, in its order. */
export const sections = [
  "hosting", "environments", "network", "login", "access", "third_parties", "physical", "corporate", "transit", "at_rest", "keys", "deletion", "change",
  "logging", "assets", "validation", "backup", "portability", "continuity", "incidents", "staff_policy", "maintenance",
] as const;
export type Section = (typeof sections)[number];

/**
 * Who makes a promise true: `enforced` the software, everywhere; `deployed` the AWS deployment; `operated` people, with the
 * software keeping the calendar; `inherited` a provider; `stated` nobody, it is a limit that is told truthfully.
 */
export const kinds = ["enforced", "deployed", "operated", "inherited", "stated"] as const;
export type Kind = (typeof kinds)[number];

/** `kept` is only ever said by a check that saw it, lately. `not-promised` is for what the page says there is not. */
export const states = ["kept", "broken", "unknown", "not-promised"] as const;
export type State = (typeof states)[number];

export type Facts = Record<string, string | number | boolean>;

export interface Evidence {
  /** One or two sentences for a reader who knows nothing of the check. */
  summary: Text;
  /** What was measured. Public: ids, counts, names of settings; never content, secrets or addresses of machines. */
  facts: Facts;
}

export interface Finding {
  state: "kept" | "broken" | "unknown";
  evidence: Evidence;
}

export interface PromiseDefinition {
  /** Stable: the file, its tests and the row on the trust page carry it. */
  id: string;
  section: Section;
  kind: Kind;
  /** The page states an absence, which can be neither kept nor broken. */
  isAbsence?: boolean;
  /** What customers are told. */
  statement: Text;
  /** What has to be true of the software for it. */
  must: Text;
  /** How it is shown. */
  proof: Text;
  /** How often the check is due. What was kept longer ago than twice this is no longer known. */
  everyHours: number;
  /** After which the answer is unknown. Without it, `checkTimeoutMs`. */
  timeoutMs?: number;
  check?(context: CheckContext): Promise<Finding>;
}

/** How long a check may take, in milliseconds, where the promise does not say otherwise. */
export const checkTimeoutMs = 30_000;

/** A promise is one object in a file of its own. This only ties it to its shape. */
export function promise(definition: PromiseDefinition): PromiseDefinition {
  return definition;
}

/** What a check is given, and all that it may use: a test plants a breach by handing one with one thing wrong. */
export interface CheckContext {
  /** As `https://localhost:8443`. */
  origin: string;
  /** The authorities that an outsider trusts; empty for those of the system. */
  ca: Buffer;
  clock: Clock;
  /** Aborted when the time is up. */
  signal: AbortSignal;
  /** The live system as an outsider meets it, over HTTPS. */
  request: Request;
  live: LiveSystem;
}

export type Request = (method: string, path: string, options?: RequestOptions) => Promise<Reply>;

export interface RequestOptions {
  token?: string;
  cookie?: string;
  headers?: Record<string, string>;
  /** Bytes are sent as they are; anything else as JSON. */
  body?: unknown;
}

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  /** The body where it is JSON. */
  json: any;
}

/** What a check may see of the live system from inside. */
export interface LiveSystem {
  environment: string;
  /** Opens each of this installation's stores as a process of another environment would at its start. */
  openAs(environment: "development" | "staging" | "production"): Promise<{ store: "home" | "database" | "objects"; refusedWith: string | null }[]>;
  /** The installation has a configured public host, so HSTS is due. */
  isPublicHost: boolean;
  /** The places that hold anything, by the names of the map. */
  placesFound(): Promise<{ kind: "table" | "objects" | "home" | "work"; name: string }[]>;
  blobs: Blobs;
  /** What the server was told to listen on. */
  listeners(): Listener[];
  /** What the operating system says its whole process tree listens on. */
  ports(): Promise<PortsSeen>;
  /** How the outgoing connections are set. */
  outbound(): Outbound[];
  /** Has the server's process try each way out to a host. */
  attemptOutbound(host: string): Promise<Attempt[]>;
  /** What this server has logged since a moment, looked through for these texts. */
  readLog(options: { sinceMs: number; needles: string[] }): Promise<LogSeen>;
  /** A throw-away account with a team of its own. With `teammate`, a second team of the same person and the same name. */
  probeActor(teammate?: Probe): Promise<Probe>;
  /** Another throw-away account, as a member of the first one's team. */
  probeMember(owner: Probe, role: "admin" | "editor" | "viewer"): Promise<Member>;
  /** The rows that the database holds of the account, each as text. */
  storedRows(probe: Probe): Promise<string[]>;
  databaseRole(): Promise<DatabaseRole>;
  /** The store's bytes as they lie there, where this machine holds them. */
  rawStore?: RawStore;
  /** The addresses of all publications that are public, but for those of checks, from the database itself. */
  publicSlugs(): Promise<string[]>;
  /** Reads this team's stored objects now, and tells which are damaged. */
  auditObjects(team: string): Promise<{ version: string; isRepaired: boolean }[]>;
  /** What the audit of all stored objects has seen. */
  durability(): Promise<{ objects: number; overdue: number; damaged: number; repaired: number; periodDays: number }>;
  /** Holds every audit log against its tree and its signed checkpoints. */
  verifyLogs(signal: AbortSignal): Promise<{ size: number; trouble: { kind: string } | null }[]>;
  agreements: ProbeAgreements;
}

/** Documents of the operator's that concern one throw-away team and go with it. */
export interface ProbeAgreements {
  /** A new version of a document that only this team's people are asked to accept; without a time, in force at once. */
  publish(probe: Probe, effectiveAt?: Date): Promise<{ kind: string; version: number }>;
  /** Notes an agreement of the team's own. */
  note(probe: Probe, title: string): Promise<void>;
}

export interface Listener {
  host: string;
  port: number;
  /** `https` for customers, `staff` for the console (TLS too), `redirect` only sends to HTTPS. */
  kind: "https" | "staff" | "redirect";
}

export interface PortsSeen {
  ports: { host: string; port: number }[];
  /** Why the list may lack some; null when it is whole. */
  unseen: string | null;
}

export interface Outbound {
  name: "mail" | "database" | "objects" | (string & {});
  /** `verified`: TLS, and the certificate is checked. `local`: a file, a Unix socket. `none`: in the clear. */
  security: "verified" | "unverified" | "none" | "local";
  /** The peer is this machine itself. */
  isLoopback: boolean;
}

export interface LogSeen extends LogFindings {
  /** For how many full days it is kept. */
  daysKept: number;
  /** Nobody but the server's own user can read its files. */
  isPrivate: boolean;
}

export interface Probe {
  user: { id: string; email: string; userName: string };
  team: string;
  /** An API token of the user in the team, scope all. */
  token: string;
  /** The secret `link` with which the account, or another one of the probe's domain, creates its password. */
  passwordLink(email?: string): Promise<string>;
  /** A domain of mail that is the team's for as long as that is there, confirmed as the operator does. */
  claimDomain(): Promise<string>;
  /** Lets the person in as a provider that has proven them does; gives the session's cookie. Rejects with what forbids it. */
  comeFromProvider(): Promise<string>;
  /** Removes the team, its data and, when it has no other team, the account. */
  dispose(): Promise<void>;
}

export interface Member {
  /** The account, with a team of its own too. */
  probe: Probe;
  /** API tokens of it in the other one's team: scope all, and scope read. */
  token: string;
  readToken: string;
}

/** The role that the server works as in its database. */
export interface DatabaseRole {
  /** It passes row-level security, or could make one that does. */
  isPrivileged: boolean;
  tablesOwned: number;
  /** Rows of teams that it sees without saying whose it wants. */
  rowsUnreached: number;
  /** Tables that name a team and have no row-level security. */
  openTables: string[];
}

export interface RawStore {
  /** As "directory". */
  kind: string;
  /** The present moment as the times of files have it, in milliseconds. */
  mark(): Promise<number>;
  /** Reads every byte stored since `sinceMs` (all, without it) and tells in how many files one of the needles stands. */
  scan(needles: Buffer[], options?: { sinceMs?: number; signal?: AbortSignal }): Promise<{ files: number; bytes: number; found: number }>;
}
