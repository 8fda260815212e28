import { Kysely, PostgresDialect, sql } from "kysely";
import type { Transaction } from "kysely";
import pg from "pg";
import type { Log } from "../log.ts";
import { reachable, unconfined } from "./confine.ts";
import { describeError } from "../log.ts";
import { Problem } from "../problems/problem.ts";

// 64-bit integers arrive as text by default; counts and sizes here stay below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** A transaction; each store names the tables that it knows with `withTables`. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export type Tx = Transaction<Record<never, never>>;

/** For single statements outside a transaction: they reach no team and no person, so only what a function of the schema allows. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export type Alone = Kysely<Record<never, never>>;

/** For whom a transaction speaks. Row-level security shows it these teams' rows and nothing else. */
export interface Reach {
  user?: string | null;
  teams?: string[];
  /** A publication's address that the reader knows. */
  slug?: string;
  /** The operator on the machine itself and the program's own upkeep; never a request of a customer's. */
  operator?: boolean;
  /** All reads see the moment of the first one. */
  snapshot?: boolean;
}

export interface Change {
  /** What changed: "token", "session", "user", "team", "plan", "database", "report", "publication". */
  kind: string;
  id: string;
}

export interface Postgres {
  /** One transaction with row-level security set to `reach`. */
  transaction<T>(reach: Reach, work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Tells every node, once the transaction is committed, that something cached by its id has changed. This node is told
   * before `transaction` returns: whoever is answered finds it so.
   */
  announce(tx: Tx, change: Change): Promise<void>;
  /** Called for each announced change; with null when announcements may have been missed and all must go. */
  onChange(listener: (change: Change | null) => void): void;
  /** Throws unless a statement is answered. */
  ping(): Promise<void>;
  alone: Alone;
  /** For pg-boss, which writes its own SQL. */
  pool: pg.Pool;
  close(): Promise<void>;
}

const channel = "kliv_changed";

/** Throws POSTGRES_ROLE_UNUSABLE where the user that connects may not become the application's role. */
async function holdRole(pool: pg.Pool, url: string, role: string): Promise<void> {
  try {
    await pool.query("select 1");
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "42501") throw new Problem("POSTGRES_ROLE_UNUSABLE", { values: { role, user: decodeURIComponent(URL.parse(url.replace("@/", "@localhost/"))?.username ?? "") }, cause: error });
    throw code === undefined || /^(08|28|57)/.test(code) ? unreachable(error) : error;
  }
}

/** Connects as the application's own role, which owns no table and cannot pass row-level security. */
export async function connectPostgres(options: { url: string; role?: string | null; connectionsMax?: number; log: Log }): Promise<Postgres> {
  const { role } = options;
  const pool = new pg.Pool({
    connectionString: options.url, max: options.connectionsMax ?? 10, idleTimeoutMillis: 3_000, connectionTimeoutMillis: 10_000, allowExitOnIdle: true,
    // Waited for: a connection that cannot take the role is not used, for the owner passes row-level security.
    ...(role ? { onConnect: (client: pg.ClientBase) => client.query(`set role ${pg.escapeIdentifier(role)}`) as unknown as void } : {}),
  });
  pool.on("error", (error) => options.log("postgres connection lost", describeError(error)));
  const db = new Kysely<Record<never, never>>({ dialect: new PostgresDialect({ pool }) });
  const listeners: ((change: Change | null) => void)[] = [];
  const tell = (change: Change | null): void => listeners.forEach((listener) => listener(change));
  const announced = new WeakMap<Tx, Change[]>();
  if (role) {
    await holdRole(pool, options.url, role).catch(async (error: unknown) => {
      await pool.end();
      throw error;
    });
  }
  const listening = listen({ url: options.url, tell, log: options.log });
  await listening.ready;
  return {
    pool,
    alone: db,
    async transaction(reach, work) {
      let changes: Change[] = [];
      // Looked at here: a connection that is waited for comes with another's surroundings.
      const reached = reach.teams ? { ...reach, teams: reachable(reach.teams) } : reach;
      const result = await (reach.snapshot ? db.transaction().setIsolationLevel("repeatable read") : db.transaction()).execute(async (tx) => {
        await setReach(tx, reached);
        const worked = await work(tx);
        changes = announced.get(tx) ?? [];
        return worked;
      });
      unconfined(() => changes.forEach(tell));
      return result;
    },
    announce: async (tx, change) => {
      announced.set(tx, [...(announced.get(tx) ?? []), change]);
      await sql`select pg_notify(${channel}, ${`${change.kind} ${change.id}`})`.execute(tx);
    },
    onChange: (listener) => void listeners.push(listener),
    ping: async () => {
      await pool.query("select 1");
    },
    close: async () => {
      await listening.close();
      await db.destroy();
    },
  };
}

async function setReach(tx: Tx, reach: Reach): Promise<void> {
  await sql`select set_config('kliv.user', ${reach.user ?? ""}, true),
    set_config('kliv.teams', ${(reach.teams ?? []).join(",")}, true),
    set_config('kliv.slug', ${reach.slug ?? ""}, true),
    set_config('kliv.operator', ${reach.operator ? "on" : ""}, true)`.execute(tx);
}

/** From here on the transaction speaks for this person too: one who has just been proven, or made. */
export async function speakFor(tx: Tx, user: string): Promise<void> {
  await sql`select set_config('kliv.user', ${user}, true)`.execute(tx);
}

/** The same for one piece of work only; afterwards the transaction speaks for whom it did before. */
export async function speakingFor<T>(tx: Tx, user: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await sql<{ before: string | null }>`select current_setting('kliv.user', true) as before`.execute(tx);
  await speakFor(tx, user);
  const result = await work();
  await speakFor(tx, rows[0]?.before ?? "");
  return result;
}

/** Turns a refused connection into a problem that says what to do. */
export function unreachable(cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Problem("POSTGRES_UNAVAILABLE", { values: { reason: `${reason}. Check DATABASE_URL and that the server runs` }, cause });
}

// One connection only listens. When it is lost, announcements may have been missed: every cache is told so.
function listen(options: { url: string; tell(change: Change | null): void; log: Log }): { ready: Promise<void>; close(): Promise<void> } {
  let client: pg.Client | null = null;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: options.url, keepAlive: true });
    next.on("notification", ({ payload }) => {
      const [kind, id] = (payload ?? "").split(" ");
      if (kind && id) options.tell({ kind, id });
    });
    const lost = (error?: Error): void => {
      if (isClosed || client !== next) return;
      client = null;
      options.log("postgres listener lost", error ? describeError(error) : {});
      options.tell(null);
      timer = setTimeout(() => void connect().then(() => options.tell(null), lost), 500);
    };
    next.on("error", lost);
    next.on("end", () => lost());
    client = next;
    await next.connect();
    await next.query(`listen ${channel}`);
  };
  return {
    ready: connect().catch((error: unknown) => {
      isClosed = true;
      throw unreachable(error);
    }),
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
