import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { sql } from "kysely";
import type { Actor, Resource } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import { doOnce } from "#src/base/once.ts";
import type { Made } from "#src/base/once.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Route } from "./routes.ts";

/** An answer that is given again to the same request under the same key. */
export interface Remembered {
  status: number;
  body: unknown;
}

export interface Idempotency {
  /**
   * Does the work once for a key: the same request again gets the same answer, and creates nothing. Throws
   * IDEMPOTENCY_KEY_REUSED for another request under the key, IDEMPOTENCY_KEY_BUSY while the first is under way, and
   * IDEMPOTENCY_KEY_DONE where a crash has cut off an answer that cannot be given again.
   */
  once(options: {
    key: string;
    request: FastifyRequest;
    actor: Actor;
    resource: Resource;
    work: () => Promise<Remembered>;
    /** The answer for a thing that an interrupted request has made; null where it cannot be given again. */
    recall: (made: Made) => Promise<Remembered | null>;
  }): Promise<Remembered>;
}

const keyCharactersMax = 255;
const keptMs = 24 * 3_600_000;
/** A request that a crash cut off is taken up again after this time. */
const busyMs = 10 * 60_000;

/** The key of a request that creates something; null where it has none or the route keeps none. */
export function keyOf(request: FastifyRequest, route: Route): string | null {
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || route.method !== "POST" || !("201" in route.responses) || route.isSecret) return null;
  if (key === "" || key.length > keyCharactersMax) throw new Problem("REQUEST_INVALID", { values: { reason: `Idempotency-Key has 1 to ${keyCharactersMax} characters` } });
  return key;
}

export function createIdempotency({ postgres, clock }: { postgres: Postgres; clock: Clock }): Idempotency {
  return {
    async once({ key, request, actor, resource, work, recall }) {
      const { team } = resource;
      const id = { team, actor: actor.id, key: createHash("sha256").update(key).digest("hex") };
      const within = <T>(run: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, run);
      const kept = await within((tx) => claim(tx, { ...id, requestHash: hashOf(request), now: clock.now() }));
      if (kept && !("kind" in kept)) return kept;
      if (kept) {
        const recalled = await recall(kept);
        if (!recalled) throw new Problem("IDEMPOTENCY_KEY_DONE", { values: { kind: kept.kind, id: kept.id } });
        await within((tx) => keep(tx, { ...id, answer: recalled }));
        return recalled;
      }
      let answer: Remembered;
      try {
        answer = await doOnce((tx, made) => mark(tx, { ...id, made }), work);
      } catch (error) {
        // Nothing was created: the key is free for another try.
        await within((tx) => forget(tx, id));
        throw error;
      }
      await within((tx) => keep(tx, { ...id, answer }));
      return answer;
    },
  };
}

// Of a file that streams by, its announced length and name stand for its bytes.
function hashOf({ method, url, body, headers }: FastifyRequest): string {
  const isStream = typeof (body as { pipe?: unknown } | undefined)?.pipe === "function";
  const contents = isStream ? `${headers["content-length"]} ${headers["x-filename"]} ${headers["content-type"]?.split(";")[0]}` : JSON.stringify(body);
  return createHash("sha256").update(`${method} ${url}\n${contents}`).digest("hex");
}

interface Kept {
  request_hash: string;
  status: number;
  body: unknown;
  made_kind: string | null;
  made_id: string | null;
}

interface Id {
  team: string;
  actor: string;
  key: string;
}

/** Takes the key, or gives what is kept under it: the answer, or what was made before a crash. A status of 0 is a request under way. */
async function claim(tx: Tx, { team, actor, key, requestHash, now }: Id & { requestHash: string; now: number }): Promise<Remembered | Made | null> {
  await sql`delete from idempotency_keys where team_id = ${team} and (created_at < ${new Date(now - keptMs)} or (status = 0 and made_id is null and created_at < ${new Date(now - busyMs)}))`.execute(tx);
  const taken = await sql`insert into idempotency_keys (team_id, actor_id, idempotency_key, request_hash, status, body, created_at)
    values (${team}, ${actor}, ${key}, ${requestHash}, 0, 'null', ${new Date(now)}) on conflict do nothing returning 1`.execute(tx);
  if (taken.rows.length > 0) return null;
  const { rows } = await sql<Kept>`select request_hash, status, body, made_kind, made_id from idempotency_keys
    where team_id = ${team} and actor_id = ${actor} and idempotency_key = ${key}`.execute(tx);
  const [row] = rows;
  if (row && row.request_hash !== requestHash) throw new Problem("IDEMPOTENCY_KEY_REUSED");
  if (row?.made_kind && row.made_id && row.status === 0) return { kind: row.made_kind, id: row.made_id };
  if (!row || row.status === 0) throw new Problem("IDEMPOTENCY_KEY_BUSY", { retryAfterSeconds: 1 });
  return { status: row.status, body: row.body };
}

/** The first thing that a request makes is the one that it is about. Its transaction reaches the team. */
async function mark(tx: Tx, { team, actor, key, made }: Id & { made: Made }): Promise<void> {
  await sql`update idempotency_keys set made_kind = ${made.kind}, made_id = ${made.id}
    where team_id = ${team} and actor_id = ${actor} and idempotency_key = ${key} and made_id is null`.execute(tx);
}

async function keep(tx: Tx, { team, actor, key, answer }: Id & { answer: Remembered }): Promise<void> {
  await sql`update idempotency_keys set status = ${answer.status}, body = ${JSON.stringify(answer.body)}
    where team_id = ${team} and actor_id = ${actor} and idempotency_key = ${key}`.execute(tx);
}

async function forget(tx: Tx, { team, actor, key }: Id): Promise<void> {
  await sql`delete from idempotency_keys where team_id = ${team} and actor_id = ${actor} and idempotency_key = ${key} and status = 0`.execute(tx);
}
