import { join } from "node:path";
import type { FastifyRequest } from "fastify";
import { can } from "./access/access.ts";
import type { Actor, Resource } from "./access/access.ts";
import type { Blobs } from "./base/blobs/blobs.ts";
import { openBlobs } from "./base/blobs/blobs.ts";
import { systemClock } from "./base/clock.ts";
import type { Clock } from "./base/clock.ts";
import type { Config } from "./base/config.ts";
import type { Log } from "./base/log.ts";
import { createMail } from "./base/mail.ts";
import type { Mail } from "./base/mail.ts";
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
import type { Work } from "./base/work.ts";
import { cookieOf } from "./http/cookies.ts";
import { descriptionRoutes } from "./http/description.ts";
import { docsRoutes } from "./http/docs.ts";
import { mailboxRoutes } from "./http/mailbox.ts";
import { findPageFiles } from "./http/page.ts";
import type { PageFiles } from "./http/page.ts";
import { createRates } from "./http/rates.ts";
import type { Rates } from "./http/rates.ts";
import type { Route } from "./http/routes.ts";
import { statusRoutes } from "./http/status.ts";
import type { StatusParts } from "./http/status.ts";
import { createAccount } from "./rooms/account/account.ts";
import { accountRoutes } from "./rooms/account/routes.ts";
import { createAgreements } from "./rooms/agreements/agreements.ts";
import { agreementsRoutes } from "./rooms/agreements/routes.ts";
import { createAttachments } from "./rooms/attachments/attachments.ts";
import { attachmentsRoutes } from "./rooms/attachments/routes.ts";
import { createAudit, createAuditLog, holdAuditKey, openAuditKeys } from "./rooms/audit/audit.ts";
import { auditRoutes } from "./rooms/audit/routes.ts";
import { createColumnar } from "./rooms/columnar/columnar.ts";
import { columnarRoutes } from "./rooms/columnar/routes.ts";
import { chartsRoutes } from "./rooms/charts/routes.ts";
import { createDatabases } from "./rooms/databases/databases.ts";
import { createImports } from "./rooms/databases/imports.ts";
import { previewRoutes } from "./rooms/databases/previewroutes.ts";
import { createPreviews } from "./rooms/databases/previews.ts";
import { databasesRoutes, showDatabase } from "./rooms/databases/routes.ts";
import { createExports } from "./rooms/exports/exports.ts";
import { exportsRoutes } from "./rooms/exports/routes.ts";
import { exportLimits } from "./rooms/exports/schema.ts";
import { createFactors } from "./rooms/factors/factors.ts";
import { factorsRoutes } from "./rooms/factors/routes.ts";
import { createGallery } from "./rooms/gallery/gallery.ts";
import { galleryRoutes } from "./rooms/gallery/routes.ts";
import { createGroups } from "./rooms/groups/groups.ts";
import { groupsRoutes } from "./rooms/groups/routes.ts";
import { createInvitations } from "./rooms/invitations/invitations.ts";
import { invitationsRoutes } from "./rooms/invitations/routes.ts";
import { createJobs } from "./rooms/jobs/jobs.ts";
import { jobsRoutes } from "./rooms/jobs/routes.ts";
import { createMembership } from "./rooms/membership/membership.ts";
import { membershipRoutes } from "./rooms/membership/routes.ts";
import { createOidc } from "./rooms/oidc/oidc.ts";
import { oidcRoutes } from "./rooms/oidc/routes.ts";
import { createQueries } from "./rooms/queries/queries.ts";
import { queriesRoutes } from "./rooms/queries/routes.ts";
import { createPortability } from "./rooms/portability/portability.ts";
import { portabilityRoutes } from "./rooms/portability/routes.ts";
import { createDrawing } from "./rooms/reports/picture.ts";
import { rulesRoutes } from "./rooms/rules/routes.ts";
import { createRules } from "./rooms/rules/rules.ts";
import { createReports, keepSlug, searchText } from "./rooms/reports/reports.ts";
import { reportsRoutes } from "./rooms/reports/routes.ts";
import { createActors } from "./rooms/signin/actors.ts";
import type { Actors } from "./rooms/signin/actors.ts";
import { sessionCookie } from "./rooms/signin/cookies.ts";
import { signinRoutes } from "./rooms/signin/routes.ts";
import { createServices } from "./rooms/services/services.ts";
import { servicesRoutes } from "./rooms/services/routes.ts";
import { createSharing } from "./rooms/sharing/sharing.ts";
import { sharingRoutes } from "./rooms/sharing/routes.ts";
import { scimRoutes } from "./rooms/scim/routes.ts";
import { createScim } from "./rooms/scim/scim.ts";
import { createSignin } from "./rooms/signin/signin.ts";
import { subprocessorsRoutes } from "./rooms/subprocessors/routes.ts";
import { createSubprocessors } from "./rooms/subprocessors/subprocessors.ts";
import { samlRoutes } from "./rooms/saml/routes.ts";
import { createDomains, createSaml } from "./rooms/saml/saml.ts";
import { createChecker } from "./rooms/trust/checker.ts";
import { trustRoutes } from "./rooms/trust/routes.ts";
import { createTrust } from "./rooms/trust/trust.ts";
import { createPlans, planLimits } from "./rooms/teams/plans.ts";
import type { Plans } from "./rooms/teams/plans.ts";
import { createTeams } from "./rooms/teams/teams.ts";
import { teamsRoutes } from "./rooms/teams/routes.ts";
import about from "../package.json" with { type: "json" };

const probeMs = 5_000;
const root = join(import.meta.dirname, "..");

/** The people's side of the program without anything that runs customers' files: what the command line needs. */
export function createPeople(options: { config: Config; postgres: Postgres; mail: Mail; outbound: Outbound; clock: Clock }) {
  const { config, postgres, mail, outbound, clock } = options;
  const audit = createAudit({ clock, keys: openAuditKeys(config.home) });
  const teams = createTeams({ postgres, audit, clock });
  const factors = createFactors({ postgres, teams, audit, mail, clock, key: () => homeKey(config.home, "factors"), origin: config.origin });
  const agreements = createAgreements({ postgres, audit, clock });
  const signin = createSignin({ postgres, teams, agreements, factors, audit, mail, clock });
  const domains = createDomains({ postgres, signin, audit, clock, resolveTxt: outbound.resolveTxt });
  return { audit, teams, agreements, factors, signin, domains };
}

export interface App {
  postgres: Postgres;
  outbound: Outbound;
  routes: Route[];
  authenticate(request: FastifyRequest): Promise<Actor | null> | Actor | null;
  resolvers: Record<string, (id: string, actor: Actor) => Promise<Resource | null> | Resource | null>;
  rooms: ReturnType<typeof createRooms>;
  pools: AppParts["pools"];
  rates: Rates;
  close(): Promise<void>;
}

export interface AppParts {
  config: Config;
  postgres: Postgres;
  blobs: Blobs;
  queue: Queue;
  work: Work;
  pools: { query: SandboxPool; draw: SandboxPool; columnar: SandboxPool; export: SandboxPool };
  plans: Plans;
  mail: Mail;
  outbound: Outbound;
  clock: Clock;
  log: Log;
  files: PageFiles;
  rates: Rates;
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
    const { queriesAtOnceMax: atOnceMax, queriesWaitingMax: waitingMax } = plans.knownLimitsOf(team) ?? planLimits.free;
    return { atOnceMax, waitingMax };
  };
  const shared = { shareOf, entry: join(root, "src/worker.ts"), idleMs: 5_000, memoryBytesMax: config.limits.queryMemoryBytesMax, log: tell };
  const pools = {
    query: new SandboxPool({ ...shared, workersMax: config.limits.queryWorkersMax, sparesMax: 2, workersIdle: 1, readableDirs: work.roots, warmKind: "query" }),
    // DuckDB takes 100 MB to be there at all: it is loaded for those who ask, and goes with the last of them.
    columnar: new SandboxPool({ ...shared, idleMs: 15_000, workersMax: config.limits.queryWorkersMax, sparesMax: 1, workersIdle: 0, readableDirs: work.roots, packages: true }),
    // What waits for a slow reader takes no query's place either.
    export: new SandboxPool({ ...shared, idleMs: 3_000, workersMax: exportLimits.atOnceMax, sparesMax: 1, workersIdle: 0, readableDirs: work.roots, warmKind: "export" }),
    // Charts and pictures come from a process of their own: a burst of them takes no query's place.
    draw: new SandboxPool({ ...shared, idleMs: 3_000, workersMax: 1, sparesMax: 1, workersIdle: 0, readableDirs: [], packages: true, warmKind: "draw" }),
  };
  const parts: AppParts = { config, postgres, blobs, queue, work, pools, plans, outbound, mail: createMail({ config, clock, outbound }), clock, log, files: findPageFiles(join(root, "web/dist")), rates: createRates(clock) };
  const rooms = createRooms(parts);
  await rooms.agreements.prepare(config);
  await rooms.imports.work();
  await rooms.columnar.work();
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
      preview: (id, actor) => rooms.previews.find(actor, id),
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
      await Promise.all([pools.query.close(), pools.draw.close(), pools.columnar.close(), pools.export.close()]);
      work.close();
      await rooms.auditLog.close();
    },
  };
}

/** A job tells of its database: it is there for whom that is there. */
async function findJob({ jobs, databases }: ReturnType<typeof createRooms>, actor: Actor, id: string): Promise<Resource | null> {
  const job = await jobs.find(actor, id);
  if (!job?.about) return job;
  const database = await databases.find(actor, job.about);
  return { ...job, shares: database?.team === job.team ? (database.shares ?? null) : null };
}

function createRooms(parts: AppParts) {
  const { postgres, clock, config, pools, queue, blobs } = parts;
  const { audit, teams, agreements, factors, signin, domains } = createPeople(parts);
  const oidc = createOidc({ ...parts, teams, factors, signin, audit });
  const saml = createSaml({ ...parts, teams, signin, domains, audit });
  const groups = createGroups({ ...parts, audit });
  const scim = createScim({ ...parts, teams, groups, signin, saml, audit });
  const auditLog = createAuditLog({ ...parts, audit });
  const account = createAccount({ ...parts, teams, factors, signin, audit });
  const services = createServices({ ...parts, signin, audit });
  const sharing = createSharing({ ...parts, audit });
  const membership = createMembership({ ...parts, teams, signin });
  const invitations = createInvitations({ ...parts, teams, groups, agreements, signin, audit });
  const actors = createActors({ postgres, clock });
  const jobs = createJobs({ postgres, audit, clock });
  const databases = createDatabases({ ...parts, audit, limits: config.limits, pool: pools.query });
  const imports = createImports({ postgres, databases, jobs, queue, blobs, clock, log: parts.log, show: showDatabase });
  const previews = createPreviews({ ...parts, audit, limits: config.limits, jobs, databases, imports });
  const columnar = createColumnar({ ...parts, databases, limits: config.limits });
  const queries = createQueries({ ...parts, audit, databases, columnar, pool: pools.query, columnarPool: pools.columnar, limits: config.limits });
  const rules = createRules({ ...parts, audit, databases, queries });
  const exports = createExports({ ...parts, audit, databases, pool: pools.export, limits: config.limits });
  const attachments = createAttachments({ ...parts, audit, limits: config.limits });
  const reports = createReports({ ...parts, audit, databases, queries, rules, attachments });
  const drawing = createDrawing({ pool: pools.draw });
  const gallery = createGallery({ ...parts, queries, drawing, attachments });
  const mayCopy = async (actor: Actor, id: string): Promise<boolean> => {
    const database = await databases.find(actor, id);
    return database !== null && can(actor, "database:download", database) && (await rules.accessOf(actor, database)) === null;
  };
  const portability = createPortability({ ...parts, audit, mayCopy, newSlug: (wanted) => keepSlug(postgres, wanted), searchText });
  const trust = createTrust(parts);
  const checker = createChecker({ ...parts, auditLog, teams, agreements, signin, saml, trust });
  // One a line, so that two changes at once fit together.
  return {
    trust,
    checker,
    audit,
    auditLog,
    teams,
    groups,
    agreements,
    account,
    services,
    sharing,
    membership,
    invitations,
    factors,
    signin,
    oidc,
    saml,
    scim,
    actors,
    jobs,
    databases,
    imports,
    previews,
    columnar,
    queries,
    rules,
    exports,
    attachments,
    reports,
    drawing,
    gallery,
    portability,
  };
}

/** Once an hour, on one node: what has expired, and what a kill between two steps left, is removed. */
async function keepUp(queue: Queue, rooms: ReturnType<typeof createRooms>): Promise<void> {
  const swept = [
    rooms.factors,
    rooms.signin,
    rooms.oidc,
    rooms.account,
    rooms.saml,
    rooms.invitations,
    rooms.jobs,
    rooms.imports,
    rooms.previews,
    rooms.databases,
    rooms.columnar,
    rooms.attachments,
  ];
  await queue.work("upkeep", { concurrency: 1 }, async () => {
    for (const room of swept) await room.sweep();
  });
  await queue.schedule("upkeep", "17 * * * *", {});
}

/** The routes as declared, with nothing behind them: for the API's description. */
export function describeRoutes(): Route[] {
  return collectRoutes({} as AppParts, {} as ReturnType<typeof createRooms>);
}

function collectRoutes(parts: AppParts, rooms: ReturnType<typeof createRooms>): Route[] {
  const { postgres, config, blobs, files, mail } = parts;
  const {
    teams,
    groups,
    agreements,
    account,
    services,
    sharing,
    membership,
    invitations,
    factors,
    signin,
    oidc,
    saml,
    scim,
    jobs,
    databases,
    imports,
    queries,
    rules,
    exports,
    attachments,
    reports,
    drawing,
    gallery,
    portability,
    trust,
  } = rooms;
  const routes: Route[] = [
    ...auditRoutes({ postgres, auditLog: rooms.auditLog }),
    ...teamsRoutes({ teams }),
    ...agreementsRoutes({ agreements, postgres, files }),
    ...factorsRoutes({ factors, standing: signin?.standing }),
    ...groupsRoutes({ groups }),
    ...signinRoutes({ signin, factors, teams, agreements, postgres, config }),
    ...accountRoutes({ account, config }),
    ...servicesRoutes({ services }),
    ...sharingRoutes({ sharing }),
    ...membershipRoutes({ membership }),
    ...invitationsRoutes({ invitations, config }),
    ...oidcRoutes({ oidc, config }),
    ...samlRoutes({ saml, config }),
    ...scimRoutes({ ...parts, scim, groups }),
    ...jobsRoutes({ jobs }),
    ...databasesRoutes({ databases, imports, blobs, config, rules }),
    ...previewRoutes({ previews: rooms.previews, databases, config, rules }),
    ...columnarRoutes({ columnar: rooms.columnar, databases, rules }),
    ...queriesRoutes({ queries, databases, rules }),
    ...rulesRoutes({ rules }),
    ...exportsRoutes({ exports, databases, rules }),
    ...chartsRoutes({ databases, queries, rules }),
    ...attachmentsRoutes({ attachments }),
    ...reportsRoutes({ reports, queries, drawing, attachments, config }),
    ...galleryRoutes({ gallery, attachments, config, files }),
    ...portabilityRoutes({ portability }),
    ...subprocessorsRoutes({ subprocessors: createSubprocessors({ config }), files }),
    ...trustRoutes({ trust, sandbox: () => parts.pools.query, files }),
    ...mailboxRoutes({ mail, config, files }),
    ...statusRoutes(statusOf(parts)),
    ...docsRoutes({ routes: () => routes, config, files }),
    ...descriptionRoutes({ routes: () => routes, ready: () => postgres.ping() }),
  ];
  return routes;
}

function statusOf({ postgres, blobs, pools, clock, files, config }: AppParts): StatusParts {
  return {
    clock, files,
    environment: () => config.environment,
    metadata: async () => (await postgres.pool.query<{ server_version: string }>("show server_version")).rows[0]?.server_version.split(" ")[0] ?? "",
    objects: () => blobs.head("status/nothing"),
    queries: (signal) => pools.query.run("probe", null, { timeoutMs: probeMs, signal }),
    sandbox: () => pools.query,
    versions: { Kliv: about.version, "Node.js": process.versions.node, SQLite: String(process.versions["sqlite"]) },
  };
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

