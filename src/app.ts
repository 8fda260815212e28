import { join } from "node:path";
import type { FastifyRequest } from "fastify";
import type { Actor, Resource } from "./access/access.ts";
import { openBlobs } from "./base/blobs/blobs.ts";
import { systemClock } from "./base/clock.ts";
import type { Clock } from "./base/clock.ts";
import type { Config } from "./base/config.ts";
import type { Log } from "./base/log.ts";
import { createMail } from "./base/mail.ts";
import type { Outbound } from "./base/outbound/outbound.ts";
import type { Postgres } from "./base/postgres/postgres.ts";
import { Problem } from "./base/problems/problem.ts";
import { openQueue } from "./base/queue.ts";
import type { Queue } from "./base/queue.ts";
import { SandboxPool } from "./base/sandbox/pool.ts";
import type { SandboxEvent } from "./base/sandbox/pool.ts";
import type { Share } from "./base/sandbox/usage.ts";
import { homeKey } from "./base/secrets.ts";
import { openWork } from "./base/work.ts";
import { cookieOf } from "./http/cookies.ts";
import { findPageFiles } from "./http/page.ts";
import { createRates } from "./http/rates.ts";
import type { Rates } from "./http/rates.ts";
import type { Route } from "./http/routes.ts";
import { holdAuditKey, openAuditKeys } from "./rooms/audit/audit.ts";
import { exportLimits } from "./rooms/exports/schema.ts";
import { guestLine } from "./rooms/queries/queries.ts";
import type { Actors } from "./rooms/signin/actors.ts";
import { sessionCookie } from "./rooms/signin/cookies.ts";
import { createPlans, planLimits } from "./rooms/teams/plans.ts";
import { createRooms } from "./rooms.ts";
import type { AppParts, Rooms } from "./rooms.ts";
import { collectRoutes } from "./routes.ts";

/** Of all strangers together, in each pool. */
const guestShare: Share = { atOnceMax: 1, waitingMax: 40 };
const root = join(import.meta.dirname, "..");

export interface App {
  postgres: Postgres;
  outbound: Outbound;
  routes: Route[];
  authenticate(request: FastifyRequest): Promise<Actor | null> | Actor | null;
  resolvers: Record<string, (id: string, actor: Actor) => Promise<Resource | null> | Resource | null>;
  rooms: Rooms;
  pools: AppParts["pools"];
  rates: Rates;
  close(): Promise<void>;
}

/** Opens the stores and the sandbox. The only file that knows every room. */
export async function openApp(options: { config: Config; postgres: Postgres; outbound: Outbound; log: Log; clock?: Clock }): Promise<App> {
  const { config, postgres, outbound, log, clock = systemClock } = options;
  await holdAuditKey(postgres, openAuditKeys(config.home));
  const blobs = await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment: config.environment });
  const work = openWork({ home: config.home, diskDir: config.cacheDir });
  const queue = await openQueue({ postgres, log });
  const tell = ({ event, pid, level }: SandboxEvent): void => log(event, { ...(pid ? { pid } : {}), ...(level ? { level } : {}) });
  const plans = createPlans({ postgres, clock, sellsPlans: config.sellsPlans });
  const shareOf = (team: string): Share => {
    if (team === guestLine) return guestShare;
    const { queriesAtOnceMax: atOnceMax, queriesWaitingMax: waitingMax } = plans.knownLimitsOf(team) ?? planLimits.free;
    return { atOnceMax, waitingMax };
  };
  const shared = { shareOf, entry: join(root, "src/worker.ts"), idleMs: 5_000, memoryBytesMax: config.limits.queryMemoryBytesMax, log: tell };
  const pools = {
    query: new SandboxPool({ ...shared, workersMax: config.limits.queryWorkersMax, sparesMax: 2, workersIdle: 1, readableDirs: work.roots, warmKind: "query" }),
    // DuckDB takes 100 MB to be there at all: it is loaded for those who ask, and goes with the last of them.
    columnar: new SandboxPool({ ...shared, idleMs: 15_000, workersMax: config.limits.queryWorkersMax, sparesMax: 1, workersIdle: 0, readableDirs: work.roots, packages: true }),
    // What waits for a slow reader takes no query's place either.
    export: new SandboxPool({ ...shared, idleMs: 3_000, workersMax: exportLimits.atOnceMax, sparesMax: 1, shareOf: () => ({ atOnceMax: exportLimits.teamAtOnceMax, waitingMax: exportLimits.teamAtOnceMax }), workersIdle: 0, readableDirs: work.roots, packages: true, warmKind: "export" }),
    // Charts and pictures come from a process of their own: a burst of them takes no query's place.
    draw: new SandboxPool({ ...shared, idleMs: 3_000, workersMax: 1, sparesMax: 1, workersIdle: 0, readableDirs: [], packages: true, warmKind: "draw" }),
  };
  const parts: AppParts = { config, postgres, blobs, queue, work, pools, plans, outbound, mail: createMail({ config, clock, outbound }), clock, log, files: findPageFiles(join(root, "web/dist")), rates: createRates(clock) };
  const rooms = createRooms(parts);
  await rooms.agreements.prepare(config);
  await rooms.imports.work();
  await rooms.arrivals.work();
  await rooms.columnar.work();
  await rooms.durability.work();
  rooms.auditLog.start(rooms.audit);
  await keepUp(queue, rooms);
  return {
    postgres,
    outbound,
    routes: collectRoutes(parts, rooms),
    authenticate: createAuthenticate(rooms.actors),
    resolvers: {
      team: (id, actor) => (actor.teams.has(id) ? { kind: "team", id, team: id } : null),
      job: (id, actor) => findJob(rooms, actor, id),
      database: (id, actor) => rooms.databases.find(actor, id),
      preview: (id, actor) => rooms.arrivals.find(actor, id),
      query: (id, actor) => rooms.queries.find(actor, id),
      attachment: (id, actor) => rooms.attachments.find(actor, id),
      report: (id, actor) => rooms.reports.find(actor, id),
    },
    rooms,
    pools,
    rates: parts.rates,
    async close() {
      await queue.close();
      await rooms.gallery.close();
      await rooms.indexes.close();
      await Promise.all([pools.query.close(), pools.draw.close(), pools.columnar.close(), pools.export.close()]);
      work.close();
      await rooms.auditLog.close();
    },
  };
}

/** A job tells of its database: it is there for whom that is there. */
async function findJob({ jobs, databases }: Rooms, actor: Actor, id: string): Promise<Resource | null> {
  const job = await jobs.find(actor, id);
  if (!job?.about) return job;
  const database = await databases.find(actor, job.about);
  return { ...job, shares: database?.team === job.team ? (database.shares ?? null) : null };
}

/** Once an hour, on one node: what has expired, and what a kill between two steps left, is removed. */
async function keepUp(queue: Queue, rooms: Rooms): Promise<void> {
  const swept = [
    rooms.factors,
    rooms.signin,
    rooms.oidc,
    rooms.account,
    rooms.saml,
    rooms.invitations,
    rooms.jobs,
    rooms.imports,
    rooms.versions,
    rooms.arrivals,
    rooms.databases,
    rooms.columnar,
    rooms.attachments,
    rooms.indexes,
  ];
  await queue.work("upkeep", { concurrency: 1 }, async () => {
    for (const room of swept) await room.sweep();
  });
  await queue.schedule("upkeep", "17 * * * *", {});
}

/** A bearer token or the session's cookie. A token that is not valid is an error, not an anonymous request. */
function createAuthenticate(actors: Actors): App["authenticate"] {
  return (request) => {
    const header = request.headers.authorization;
    if (header !== undefined) {
      const secret = /^Bearer\s+(\S{1,200})$/i.exec(header)?.[1];
      // A directory is nobody: its own routes ask for its token.
      if (secret?.startsWith("kliv_scim_")) return null;
      if (!secret) throw new Problem("SIGNIN_NEEDED");
      const found = actors.find("token", secret);
      return found instanceof Promise ? found.then(holdActor) : holdActor(found);
    }
    const secret = cookieOf(request.headers, sessionCookie);
    return secret ? actors.find("session", secret.slice(0, 200)) : null;
  };
}

function holdActor(actor: Actor | null): Actor {
  if (!actor) throw new Problem("SIGNIN_NEEDED");
  return actor;
}
