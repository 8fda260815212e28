/** What the REST API answers, as far as the app reads it. */
export type Role = "owner" | "admin" | "editor" | "viewer";
export type Language = "en" | "ja";

export interface Team {
  id: string;
  name: string;
  plan: string;
  role: Role;
  /** It asks its people for a second factor. */
  factorRequired: boolean;
  /** This session has not shown one: nothing of the team is shown to it. */
  withheld: boolean;
}

export interface Me {
  user: { id: string; name: string; email: string; userName?: string; language: string };
  teams: Team[];
  scopes: string[];
  kind: "session" | "token";
  hasFactor: boolean;
  agreements: { pending: AgreementName[] };
}

export interface AgreementName {
  kind: string;
  version: number;
}

/** What protects an account beside the password. */
export interface Factors {
  totp: { createdAt: string } | null;
  passkeys: Passkey[];
  recoveryCodesLeft: number;
  recoveryCodesFew: boolean;
}

export interface Passkey {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface Session {
  id: string;
  createdAt: string;
  lastUsedAt: string;
  agent: string;
  current: boolean;
}

/** A provider with whose account one signs in, as the operator has set it up. */
export interface SignInProvider {
  name: string;
  title: string;
  isGoogle: boolean;
  url: string;
}

/** A provider's account that is connected to one's own. */
export interface Identity {
  id: string;
  provider: string;
  title: string;
  email: string;
  createdAt: string;
  lastUsedAt: string | null;
}

export interface Member {
  user: { id: string; name: string; email: string };
  role: Role;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  expiresAt: string;
}

/** As who holds the mailed link sees it. */
export interface InvitationView {
  team: { name: string };
  inviter: string | null;
  role: Role;
  email: string;
  hasAccount: boolean;
  agreements: Me["agreements"];
}

export interface Group {
  id: string;
  name: string;
  members: number;
}

/** A member that is no person. */
export interface Attachment {
  id: string;
  name: string;
  format: "png" | "jpeg" | "svg" | "pdf";
  sizeBytes: number;
  pages: number | null;
  notes: { code: string; names?: string[] }[];
}

export interface Service {
  id: string;
  name: string;
  role: "admin" | "editor" | "viewer";
  tokens: number;
  lastUsedAt: string | null;
}

export interface Share {
  kind: "user" | "group" | "service" | "role";
  id: string;
  level: "view" | "edit";
  name: string | null;
}

export interface SharingState {
  restricted: boolean;
  shares: Share[];
}

export interface EmailChange {
  change: { email: string; oldConfirmed: boolean; newConfirmed: boolean } | null;
}

export interface Token {
  id: string;
  name: string;
  /** One of the two is null. */
  user: string | null;
  service: string | null;
  scope: "all" | "read";
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

export interface NewToken {
  id: string;
  token: string;
  name: string;
}

export interface ColumnBrief {
  name: string;
  type: string;
  /** What the team says that it means; added by the app. */
  words?: string;
}

export interface TableBrief {
  name: string;
  rows: number | null;
  columns: ColumnBrief[];
  /** What the team says that it means; added by the app. */
  words?: string;
}

export interface Database {
  id: string;
  name: string;
  description?: string;
  version: string;
  versionNumber?: number;
  tables: TableBrief[];
  /** null where rules hide rows from the reader. */
  sizeBytes: number | null;
  sha256: string | null;
  hasHiddenRows: boolean;
  /** Others may see less than the reader does. */
  hasRules: boolean;
  source?: { format: string; fileName: string; encoding?: string; delimiter?: string };
  warnings?: { code: string; count?: number; line?: number; names?: string; file?: string }[];
  createdAt: string;
  updatedAt: string;
}

export interface SchemaColumn extends ColumnBrief {
  notNull?: boolean;
  primaryKey?: boolean | number;
}

export interface SchemaTable {
  name: string;
  kind: "table" | "view";
  rows: number | null;
  columns: SchemaColumn[];
  indexes?: { name: string; unique: boolean; columns: (string | null)[] }[];
  foreignKeys?: { columns?: string[]; from?: string; table?: string; to?: unknown }[];
}

export interface ColumnProfile {
  rows: number;
  isSample: boolean;
  nulls: number;
  distinct: number;
  numbers: number;
  texts: number;
  blobs: number;
  least: string | number | null;
  greatest: string | number | null;
  average: number | null;
  top: { value: string | number | null; count: number }[];
  histogram: { kind: "number" | "date"; bins: { from: string | number; to: number | null; count: number }[] } | null;
}

export interface IndexAdvice {
  indexes: { table: string; columns: string[] }[];
  queries: { sql: string; runs: number; beforeMs: number; afterMs: number }[];
  sizeBeforeBytes: number;
  sizeAfterBytes: number;
  version: string;
}

export interface ColumnMeaning {
  table: string;
  column?: string;
  words: string;
}

export interface Schema {
  tables: SchemaTable[];
}

export interface DatabaseVersion {
  id: string;
  number: number;
  createdAt: string;
  createdBy: string | null;
  sizeBytes: number | null;
  sha256: string | null;
  current: boolean;
  /** Empty where it has none. */
  label: string;
  note: string;
  restoredFrom: number | null;
}

export interface RowRule {
  table: string;
  subject: { kind: "everyone" } | { kind: "role"; role: "editor" | "viewer" } | { kind: "member" | "group"; id: string };
  /** null: all rows. */
  condition: string | null;
}

export interface RuleSet {
  number: number;
  rules: RowRule[];
}

export interface RowPreview {
  isUnrestricted: boolean;
  tables: { name: string; rows: number | null; visible: number | null }[];
}

export interface Job {
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  progress: { done: number; total: number | null; unit: string };
  result: unknown;
  error: unknown;
}

export type Cell = string | number | null | { base64: string };

export interface QueryAnswer {
  columns: ColumnBrief[];
  rows: Cell[][];
  rowCount: number;
  truncated: boolean;
  elapsedMs: number;
  version: string;
  engine?: Engine;
}

export type Engine = "sqlite" | "duckdb";

/** The columnar copy of a database's current version. */
export interface ColumnarState {
  version: string;
  state: "none" | "asked" | "ready" | "failed" | "closed";
  sizeBytes: number | null;
  tables: { name: string; rows: number; columns: { name: string; type: string; unclean: string | null }[] }[];
}

export interface QueryAsk {
  sql: string;
  engine?: Engine;
  parameters?: Record<string, unknown>;
  rowsMax?: number;
  version?: string;
}

export interface SavedQuery {
  id: string;
  name: string;
  database: string;
  sql: string;
  engine?: Engine;
  chart?: Record<string, unknown> | null;
  updatedAt?: string;
}

export interface Suggestion {
  title: string;
  sql: string;
  chart: Record<string, unknown>;
  score: number;
  table: string;
}

export type Visibility = "team" | "link" | "public";

export interface Publication {
  slug: string;
  visibility: Visibility;
  url: string;
  /** Of the report, as readers see it. */
  version: number;
  publishedAt: string;
}

export interface ReportBrief {
  id: string;
  title: string;
  description?: string;
  updatedAt: string;
  version: number;
  publication: Publication | null;
}

export interface ReportVersion {
  version: number;
  createdAt: string;
  createdBy: { id: string; name: string } | null;
  title: string;
}
