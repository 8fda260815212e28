import { can } from "./access/access.ts";
import type { Actor } from "./access/access.ts";
import type { Blobs } from "./base/blobs/blobs.ts";
import type { Clock } from "./base/clock.ts";
import type { Config } from "./base/config.ts";
import type { Log } from "./base/log.ts";
import type { Mail } from "./base/mail.ts";
import type { Outbound } from "./base/outbound/outbound.ts";
import type { Postgres } from "./base/postgres/postgres.ts";
import type { Queue } from "./base/queue.ts";
import { SandboxPool } from "./base/sandbox/pool.ts";
import { homeKey } from "./base/secrets.ts";
import type { Work } from "./base/work.ts";
import type { PageFiles } from "./http/page.ts";
import type { Rates } from "./http/rates.ts";
import { createElsewhere } from "./elsewhere.ts";
import { createAccount } from "./rooms/account/account.ts";
import { createAgreements } from "./rooms/agreements/agreements.ts";
import { createAttachments } from "./rooms/attachments/attachments.ts";
import { createAudit, createAuditLog, openAuditKeys } from "./rooms/audit/audit.ts";
import { createCatalog } from "./rooms/catalog/catalog.ts";
import { createColumnar } from "./rooms/columnar/columnar.ts";
import { createArrivals } from "./rooms/databases/arrivals.ts";
import { createComparisons } from "./rooms/databases/comparisons.ts";
import { createDurability } from "./rooms/databases/durability.ts";
import { createDatabases } from "./rooms/databases/databases.ts";
import { createImports } from "./rooms/databases/imports.ts";
import { showDatabase } from "./rooms/databases/routes.ts";
import { createVersions } from "./rooms/databases/versions.ts";
import { createExports } from "./rooms/exports/exports.ts";
import { createFactors } from "./rooms/factors/factors.ts";
import { createGallery } from "./rooms/gallery/gallery.ts";
import { createGroups } from "./rooms/groups/groups.ts";
import { createIndexes } from "./rooms/indexes/indexes.ts";
import { createInvitations } from "./rooms/invitations/invitations.ts";
import { createJobs } from "./rooms/jobs/jobs.ts";
import { createMembership } from "./rooms/membership/membership.ts";
import { createOidc } from "./rooms/oidc/oidc.ts";
import { createPublicDatabases } from "./rooms/publicdatabases/publicdatabases.ts";
import { createQueries } from "./rooms/queries/queries.ts";
import { createPortability } from "./rooms/portability/portability.ts";
import { createDrawing } from "./rooms/reports/picture.ts";
import { createQuestions } from "./rooms/questions/questions.ts";
import { createRules } from "./rooms/rules/rules.ts";
import { createReports, keepSlug, publishedVersions, searchText } from "./rooms/reports/reports.ts";
import { createActors } from "./rooms/signin/actors.ts";
import { createServices } from "./rooms/services/services.ts";
import { createSharing } from "./rooms/sharing/sharing.ts";
import { createScim } from "./rooms/scim/scim.ts";
import { createSignin } from "./rooms/signin/signin.ts";
import { createDomains, createSaml } from "./rooms/saml/saml.ts";
import { createChecker } from "./rooms/trust/checker.ts";
import { createTrust } from "./rooms/trust/trust.ts";
import type { Plans } from "./rooms/teams/plans.ts";
import { createTeams } from "./rooms/teams/teams.ts";

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

/** Every room, each with the rooms that stand before it. */
export function createRooms(parts: AppParts) {
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
  const versions = createVersions({ ...parts, audit, published: publishedVersions });
  const databases = createDatabases({ ...parts, audit, limits: config.limits, pool: pools.query });
  const comparisons = createComparisons({ databases, pool: pools.query });
  const durability = createDurability({ ...parts, audit, databases });
  const imports = createImports({ postgres, databases, jobs, queue, plans: parts.plans, blobs, clock, log: parts.log, show: showDatabase });
  const arrivals = createArrivals({ ...parts, audit, teams, limits: config.limits, jobs, databases, imports });
  const columnar = createColumnar({ ...parts, databases, limits: config.limits });
  const questions = createQuestions({ ...parts, databases, columnar });
  const queries = createQueries({ ...parts, audit, databases, columnar, questions, pool: pools.query, columnarPool: pools.columnar, limits: config.limits });
  const rules = createRules({ ...parts, audit, databases, queries });
  const catalog = createCatalog({ postgres, audit, databases, queries });
  const indexes = createIndexes({ ...parts, databases, queries, limits: config.limits });
  const exports = createExports({ ...parts, audit, databases, queries, pool: pools.export, limits: config.limits });
  const attachments = createAttachments({ ...parts, audit, limits: config.limits });
  const reports = createReports({ ...parts, audit, databases, queries, questions, rules, attachments });
  const drawing = createDrawing({ pool: pools.draw });
  const gallery = createGallery({ ...parts, queries, drawing, attachments });
  const publicDatabases = createPublicDatabases({ ...parts, audit, queries });
  const mayCopy = async (actor: Actor, id: string): Promise<boolean> => {
    const database = await databases.find(actor, id);
    return database !== null && can(actor, "database:download", database) && (await rules.accessOf(actor, database)) === null;
  };
  const portability = createPortability({ ...parts, audit, mayCopy, newSlug: (wanted) => keepSlug(postgres, wanted), searchText });
  const trust = createTrust(parts);
  const elsewhere = createElsewhere(config);
  const checker = createChecker({ ...parts, durability, elsewhere, auditLog, teams, agreements, signin, saml, trust });
  // One a line, so that two changes at once fit together.
  return {
    trust,
    elsewhere,
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
    versions,
    databases,
    comparisons,
    durability,
    imports,
    arrivals,
    columnar,
    queries,
    rules,
    questions,
    catalog,
    indexes,
    exports,
    attachments,
    reports,
    drawing,
    gallery,
    publicDatabases,
    portability,
  };
}

export type Rooms = ReturnType<typeof createRooms>;
