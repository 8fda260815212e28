import { existsSync } from "node:fs";
import { sees } from "#src/access/access.ts";
import type { Actor, Resource } from "#src/access/access.ts";
import type { RowAccess } from "#src/access/rows.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Limits } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import { createKept } from "#src/base/kept.ts";
import type { Log } from "#src/base/log.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { SandboxPool } from "#src/base/sandbox/pool.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Columnar } from "#src/rooms/columnar/columnar.ts";
import type { Databases, VersionRef } from "#src/rooms/databases/databases.ts";
import { narrowLimits } from "#src/rooms/teams/teams.ts";
import type { PlanLimits, Plans } from "#src/rooms/teams/teams.ts";
import { createDuckPrepare, createDuckStart } from "./duck-start.ts";
import type { PrepareDuck } from "./duck-start.ts";
import type { QueryFigures } from "./run.ts";
import type { SavedQuery } from "./schema.ts";
import { readStatement } from "./sql.ts";
import * as store from "./store.ts";

/** A version as one reader sees it. Whoever asks a question says for whom: there is no way to leave `rows` out. */
export interface Sight extends VersionRef {
  /** null: all rows. */
  rows: RowAccess | null;
}

export type Engine = "sqlite" | "duckdb";

/** Writes questions without SQL: the room of questions, which stands after this one. */
export interface QuestionSql {
  /**
   * Its SQL for the engine that is the faster here, or for the one that is asked for, and the parameters as that takes them.
   * Throws QUESTION_INVALID, QUESTION_PARAMETER_UNFIT, ENGINE_UNAVAILABLE.
   */
  prepare(options: { version: Sight; question: unknown; parameters?: Record<string, unknown> | undefined; engine?: Engine | undefined; at?: string }): Promise<PreparedQuestion>;
  /** Its SQL in SQLite's dialect, to be kept beside it. Throws QUESTION_INVALID. */
  write(options: { version: VersionRef; question: unknown; at?: string }): Promise<string>;
}

export interface PreparedQuestion {
  sql: string;
  parameters: Record<string, unknown>;
  engine?: Engine;
  /** What SQLite is asked where DuckDB cannot answer after all. */
  instead?: { sql: string; parameters: Record<string, unknown> };
}

export interface QueryRequest {
  version: Sight;
  sql: string;
  /** In whose SQL it is written; SQLite without it. DuckDB answers from the columnar copy, which is made first where it is not there. */
  engine?: Engine | undefined;
  /** What the SQL was written of: then DuckDB is asked where it is the faster. */
  question?: Record<string, unknown> | undefined;
  /** The same question in SQLite's SQL, for where DuckDB cannot answer it. */
  instead?: PreparedQuestion["instead"] | undefined;
  /** Values by name, without the colon. */
  parameters?: Record<string, unknown> | undefined;
  /** At most this many rows; the limit of the installation without it. */
  rowsMax?: number | undefined;
  /** Asked by nobody of the team: within these limits too, and in a line of their own, so that strangers take no member's place. */
  guest?: { timeoutMs: number; bytesMax: number } | undefined;
  signal?: AbortSignal | undefined;
}

/** The line that all strangers share, among those of the teams. */
export const guestLine = "guests";

/** One answered query, as the API shows it. */
export interface QueryResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  rowCount: number;
  truncated: boolean;
  elapsedMs: number;
  version: string;
  engine?: Engine;
}

export interface Asked {
  version: Sight;
  sql: string;
  parameters: Record<string, unknown> | undefined;
  elapsedMs: number;
}

export interface Queries {
  /** The response's JSON text where it is kept from before. */
  peek(request: QueryRequest): Buffer | null;
  /** The response's JSON text as the sandbox wrote it: whole when it is small, else a stream with backpressure. */
  run(request: QueryRequest): Promise<Buffer | AsyncIterable<Buffer>>;
  /** A parsed, bounded result; for charts and tables. */
  result(request: QueryRequest & { rowsMax: number }): Promise<QueryResult>;
  /** Called for each question that SQLite answered anew, and how long it took the child. */
  onAsked(listener: (asked: Asked) => void): void;
  /** How a child asks the columnar copy in DuckDB's SQL, which is made first where it is not there. */
  prepareDuck: PrepareDuck;
  find(actor: Actor, id: string): Promise<Resource | null>;
  list(options: { team: string; reader?: Actor; before?: string | undefined; limit: number }): ReturnType<typeof store.listQueries>;
  get(team: string, id: string): Promise<store.QueryRow>;
  /** Of a database that the reader sees. */
  create(options: { team: string; query: SavedQuery; reader?: Actor | null; by: Doer }): Promise<store.QueryRow>;
  update(options: { team: string; id: string; query: SavedQuery; reader?: Actor | null; by: Doer }): Promise<store.QueryRow>;
  delete(options: { team: string; id: string; by: Doer }): Promise<void>;
}

export interface QueriesParts {
  postgres: Postgres;
  audit: Audit;
  databases: Databases;
  columnar: Columnar;
  pool: SandboxPool;
  /** Children that load DuckDB: started when somebody asks, and gone soon after. */
  columnarPool: SandboxPool;
  plans: Plans;
  limits: Limits;
  clock: Clock;
  questions: Pick<QuestionSql, "write" | "prepare">;
  log: Log;
}

/** The names under which an SQL text takes values, without their colons. */
export function parametersOf(sql: string): string[] {
  return [...new Set(readStatement(sql).parameters.map((parameter) => parameter.name))];
}

// A result up to this size is gathered before it is sent: then a failure in its middle is still a clear answer, and it can be kept.
const gatherBytesMax = 1024 ** 2;

export function createQueries(parts: QueriesParts): Queries {
  const { postgres, audit, clock } = parts;
  const listeners: ((asked: Asked) => void)[] = [];
  const { peek, run } = createRunner(parts, (asked) => listeners.forEach((listener) => listener(asked)));
  const within = (team: string) => ({ teams: [team] });
  // What is kept of a question is its SQL too: so whatever reads saved queries can run it.
  const written = async (team: string, query: SavedQuery): Promise<SavedQuery> => {
    const { question, engine: _, ...rest } = query;
    if (!question) return query;
    const version = await parts.databases.currentVersion(team, query.database);
    return { ...rest, question, sql: await parts.questions.write({ version, question, at: "/question" }) };
  };
  return {
    peek,
    run,
    onAsked: (listener) => void listeners.push(listener),
    prepareDuck: createDuckPrepare(parts),
    async result(request) {
      const body = await run(request);
      return JSON.parse((Buffer.isBuffer(body) ? body : await gather(body)).toString("utf8")) as QueryResult;
    },
    async find(actor, id) {
      const place = await postgres.transaction({ teams: [...actor.teams.keys()] }, (tx) => store.findPlace(tx, id));
      return place && { kind: "query", id, ...place };
    },
    list: (options) => postgres.transaction(within(options.team), (tx) => store.listQueries(tx, options)),
    get: (team, id) => postgres.transaction(within(team), async (tx) => (await store.findQuery(tx, id)) ?? missing()),
    async create({ team, query, reader, by }) {
      await holdDatabase(parts, { team, database: query.database, reader });
      const kept = await written(team, query);
      const id = newId("qry", clock);
      return await postgres.transaction(within(team), async (tx) => {
        await store.insertQuery(tx, { id, team, query: kept, user: by.user, now: clock.date() });
        await audit.record(tx, { team, action: "query:create", by, resource: { kind: "query", id } });
        return (await store.findQuery(tx, id)) ?? missing();
      });
    },
    async update({ team, id, query, reader, by }) {
      await holdDatabase(parts, { team, database: query.database, reader });
      const kept = await written(team, query);
      return await postgres.transaction(within(team), async (tx) => {
        await store.updateQuery(tx, { id, query: kept, now: clock.date() });
        await audit.record(tx, { team, action: "query:update", by, resource: { kind: "query", id } });
        return (await store.findQuery(tx, id)) ?? missing();
      });
    },
    delete: ({ team, id, by }) =>
      postgres.transaction(within(team), async (tx) => {
        if (!(await store.deleteQuery(tx, id))) missing();
        await audit.record(tx, { team, action: "query:delete", by, resource: { kind: "query", id } });
      }),
  };
}

async function holdDatabase({ databases }: QueriesParts, { team, database, reader }: { team: string; database: string; reader?: Actor | null | undefined }): Promise<void> {
  if (reader) {
    const found = await databases.find(reader, database);
    if (!found || !sees(reader, found)) missing();
  }
  await databases.get(team, database);
}

function missing(): never {
  throw new Problem("NOT_FOUND");
}

async function gather(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A question that is being answered; several who ask the same at once share it. */
class Flight {
  readonly answer = Promise.withResolvers<Buffer | null>();
  readonly controller = new AbortController();
  waiting = 0;

  constructor() {
    // Whoever shares it hears of a failure; where nobody does it is not unhandled.
    this.answer.promise.catch(() => {});
  }

  /** Counts someone who waits; the work is stopped only when the last of them has gone. */
  enter(signal: AbortSignal | undefined): () => void {
    this.waiting++;
    if (!signal) return () => {};
    const gone = (): void => {
      this.waiting--;
      if (this.waiting <= 0) this.controller.abort(new Problem("QUERY_CANCELLED"));
    };
    signal.addEventListener("abort", gone, { once: true });
    return () => signal.removeEventListener("abort", gone);
  }
}

const keyOf = ({ version, sql, parameters, engine = "sqlite", instead, guest }: QueryRequest, rowsMax: number): string =>
  `${version.id}\0${engine}${instead ? " or sqlite" : ""}\0${guest?.bytesMax ?? ""}\0${version.rows?.key ?? ""}\0${rowsMax}\0${parameters ? JSON.stringify(parameters) : ""}\0${sql}`;

function createRunner(parts: QueriesParts, tell: (asked: Asked) => void): Pick<Queries, "peek" | "run"> {
  const { databases, pool, plans, limits, log, questions } = parts;
  const startDuck = createDuckStart(parts);
  // Ready-made response bytes; a version never changes, so nothing in here is ever wrong.
  const cache = createKept<Buffer>({ bytesMax: limits.resultCacheBytesMax, weigh: (body) => body.length });
  const flights = new Map<string, Flight>();
  const keyWithin = (request: QueryRequest, plan: PlanLimits): string => {
    const { queryRowsMax } = narrowLimits(limits, plan);
    return keyOf(request, Math.min(request.rowsMax ?? queryRowsMax, queryRowsMax));
  };
  const start = async (request: QueryRequest, signal: AbortSignal) => {
    const { version, sql, parameters, guest } = request;
    const { queryTimeoutMs, queryRowsMax, queryBytesMax } = narrowLimits(limits, await plans.limitsOf(version.team));
    const timeoutMs = Math.min(queryTimeoutMs, guest?.timeoutMs ?? Infinity);
    const bytesMax = Math.min(queryBytesMax, guest?.bytesMax ?? Infinity);
    const rowsMax = Math.min(request.rowsMax ?? queryRowsMax, queryRowsMax);
    const team = guest ? guestLine : version.team;
    if (request.engine === "duckdb") return await startDuck(request, { timeoutMs, bytesMax, rowsMax, team, signal });
    const seen = version.rows ? { rows: version.rows } : {};
    for (let isFirst = true; ; isFirst = false) {
      const file = await databases.open(version);
      const task = { file, sql, parameters: parameters ?? {}, rowsMax, bytesMax, version: version.id, ...seen };
      try {
        return await pool.run("query", task, { timeoutMs, team, signal });
      } catch (error) {
        // Put out of the cache while the question waited for its turn.
        if (!isFirst || signal.aborted || existsSync(file)) throw error;
      }
    }
  };
  const fastest = async (request: QueryRequest): Promise<QueryRequest> => {
    const { version, question, sql, parameters } = request;
    if (question === undefined || request.engine !== undefined) return request;
    try {
      const prepared = await questions.prepare({ version, question, parameters });
      return prepared.engine === "duckdb" ? { ...request, ...prepared, instead: { sql, parameters: parameters ?? {} } } : request;
    } catch (error) {
      // Its SQL says what is wrong with it.
      if (!(error instanceof Problem)) throw error;
      return request;
    }
  };
  const answerOf = async (request: QueryRequest, signal: AbortSignal) => {
    const { head, body } = await start(request, signal);
    const whole = body.takeWhole();
    const first: Gathered = whole ? { isWhole: true, chunks: [whole] } : await gatherSome(body);
    return { first, figures: first.isWhole ? ((whole ? head : await body.figures) as QueryFigures) : null };
  };
  const answerSomehow = async (request: QueryRequest, signal: AbortSignal) => {
    try {
      return await answerOf(request, signal);
    } catch (error) {
      if (!request.instead || !(error instanceof Problem) || !passedOn.test(error.code)) throw error;
      log("duckdb could not answer", { team: request.version.team, code: error.code });
      return await answerOf({ ...request, ...request.instead, engine: "sqlite" }, signal);
    }
  };
  const fly = async (key: string, request: QueryRequest): Promise<Buffer | AsyncIterable<Buffer>> => {
    const flight = new Flight();
    const leave = flight.enter(request.signal);
    flights.set(key, flight);
    try {
      const { first, figures } = await answerSomehow(request, flight.controller.signal);
      if (!first.isWhole) {
        // Too large to share: the others ask for themselves.
        flight.answer.resolve(null);
        return first.rest;
      }
      const { version, sql, parameters, engine, guest } = request;
      // What strangers ask is no reason to change a team's database.
      if (engine !== "duckdb" && figures && !guest) tell({ version, sql, parameters, elapsedMs: figures.elapsedMs });
      const bytes = first.chunks.length === 1 ? (first.chunks[0] as Buffer) : Buffer.concat(first.chunks);
      if (!figures?.volatile) cache.set(key, bytes);
      flight.answer.resolve(bytes);
      return bytes;
    } catch (error) {
      flight.answer.reject(error);
      throw error;
    } finally {
      leave();
      if (flights.get(key) === flight) flights.delete(key);
    }
  };
  return {
    peek(request) {
      const plan = plans.knownLimitsOf(request.version.team);
      return (plan && cache.get(keyWithin(request, plan))) ?? null;
    },
    async run(asked) {
      const request = await fastest(asked);
      const key = keyWithin(request, await plans.limitsOf(request.version.team));
      const kept = cache.get(key);
      if (kept) return kept;
      const shared = flights.get(key);
      // One that everybody has left is being stopped: it answers nobody any more.
      if (shared && !shared.controller.signal.aborted) {
        const leave = shared.enter(request.signal);
        const body = await shared.answer.promise.finally(leave);
        if (body) return body;
      }
      return await fly(key, request);
    },
  };
}

/** Where DuckDB ends with these, SQLite may still answer. */
const passedOn = /^(QUERY_(INVALID|MEMORY|FAILED|DENIED)|COLUMNAR_NOT_READY|ENGINE_UNAVAILABLE|WORK_.*|BLOB_.*)$/;

type Gathered = { isWhole: true; chunks: Buffer[] } | { isWhole: false; rest: AsyncIterable<Buffer> };

async function gatherSome(body: AsyncIterable<Buffer>): Promise<Gathered> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const iterator = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await iterator.next();
    if (next.done) return { isWhole: true, chunks };
    chunks.push(next.value);
    bytes += next.value.length;
    if (bytes > gatherBytesMax) return { isWhole: false, rest: resume(chunks, iterator) };
  }
}

async function* resume(chunks: Buffer[], iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks.splice(0);
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
