import { Readable } from "node:stream";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { SandboxPool } from "#src/base/sandbox/pool.ts";
import type { Limits } from "#src/base/config.ts";
import type { Work } from "#src/base/work.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import { guestLine } from "#src/rooms/queries/queries.ts";
import type { Engine, Queries, Sight } from "#src/rooms/queries/queries.ts";
import type { Source } from "#src/rooms/queries/read.ts";
import { createFiles } from "./files.ts";
import { exportLimits, isFileFormat } from "./schema.ts";
import type { Format, TextOptions } from "./schema.ts";

export interface ExportRequest {
  version: Sight;
  source: Source;
  format: Format;
  options: TextOptions;
  /** In whose SQL the question is; SQLite's without it. */
  engine?: Engine | undefined;
  /** Of the rows, for a format that shows one. */
  title: string;
  by: Doer;
  /** By nobody of the team: those all share the places of one. */
  isGuest?: boolean;
  signal: AbortSignal;
}

export interface Started {
  stream: Readable;
  /** Where it is known. */
  sizeBytes: number | null;
}

export interface Exports {
  /**
   * The bytes of a file with the rows that a reader sees, made while they are read. Resolves when the first are there and the
   * event is recorded: what goes wrong before is a Problem, what goes wrong later breaks the stream off.
   */
  start(request: ExportRequest): Promise<Started>;
}

export interface ExportsParts {
  postgres: Postgres;
  audit: Audit;
  databases: Databases;
  queries: Pick<Queries, "prepareDuck">;
  pool: SandboxPool;
  work: Work;
  limits: Limits;
}

export function createExports({ postgres, audit, databases, queries, pool, work, limits }: ExportsParts): Exports {
  const makeFile = createFiles({ work, limits });
  const enter = createPlaces();
  const record = ({ version, source, format, by }: ExportRequest): Promise<void> =>
    postgres.transaction({ teams: [version.team] }, (tx) =>
      audit.record(tx, {
        team: version.team, action: "database:export", by, resource: { kind: "database", id: version.database },
        facts: { version: version.id, format, of: "table" in source ? "table" : "query" },
      }));
  return {
    async start(request) {
      const { version, source, format, options, title, engine, signal } = request;
      const line = request.isGuest ? guestLine : version.team;
      const leave = enter(line);
      const stop = new AbortController();
      try {
        const duck = engine === "duckdb" && "sql" in source ? { duck: await queries.prepareDuck({ version, ...source }, signal) } : {};
        const task = { file: await databases.open(version), ...duck, source, bytesMax: limits.uploadBytesMax, ...(version.rows ? { rows: version.rows } : {}) };
        if (isFileFormat(format)) {
          const made = await makeFile({ ...task, format }, { sizeBytes: version.sizeBytes, signal });
          await record(request).catch(async (error: unknown) => {
            await made.close();
            throw error;
          });
          return { stream: made.stream().once("close", leave), sizeBytes: made.sizeBytes };
        }
        const { body } = await pool.run("export", { ...task, format, options, title }, { timeoutMs: exportLimits.timeoutMs, team: line, signal: AbortSignal.any([signal, stop.signal]) });
        // What fails, or is not read, lets the place go as what is read to its end does.
        body.figures.catch(() => {}).finally(leave);
        // Before the first byte: nothing leaves without its event.
        await record(request);
        return { stream: Readable.from(body, { objectMode: false, highWaterMark: 1024 ** 2 }), sizeBytes: null };
      } catch (error) {
        stop.abort();
        leave();
        throw error;
      }
    },
  };
}

/** Counts the exports that are under way for each team. */
function createPlaces(): (team: string) => () => void {
  const underWay = new Map<string, number>();
  return (team) => {
    const count = underWay.get(team) ?? 0;
    if (count >= exportLimits.teamAtOnceMax) throw new Problem("EXPORTS_TOO_MANY", { values: { max: exportLimits.teamAtOnceMax }, retryAfterSeconds: 5 });
    underWay.set(team, count + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = (underWay.get(team) ?? 1) - 1;
      if (left > 0) underWay.set(team, left);
      else underWay.delete(team);
    };
  };
}
