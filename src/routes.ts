import { descriptionRoutes } from "./http/description.ts";
import { docsRoutes } from "./http/docs.ts";
import { mailboxRoutes } from "./http/mailbox.ts";
import type { Route } from "./http/routes.ts";
import { statusRoutes } from "./http/status.ts";
import type { StatusParts } from "./http/status.ts";
import { accountRoutes } from "./rooms/account/routes.ts";
import { agreementsRoutes } from "./rooms/agreements/routes.ts";
import { attachmentsRoutes } from "./rooms/attachments/routes.ts";
import { auditRoutes } from "./rooms/audit/routes.ts";
import { columnarRoutes } from "./rooms/columnar/routes.ts";
import { catalogRoutes } from "./rooms/catalog/routes.ts";
import { chartsRoutes } from "./rooms/charts/routes.ts";
import { arrivalsRoutes } from "./rooms/databases/arrivals.ts";
import { versionsRoutes } from "./rooms/databases/versionroutes.ts";
import { databasesRoutes } from "./rooms/databases/routes.ts";
import { exportsRoutes } from "./rooms/exports/routes.ts";
import { factorsRoutes } from "./rooms/factors/routes.ts";
import { galleryRoutes } from "./rooms/gallery/routes.ts";
import { groupsRoutes } from "./rooms/groups/routes.ts";
import { indexesRoutes } from "./rooms/indexes/routes.ts";
import { invitationsRoutes } from "./rooms/invitations/routes.ts";
import { jobsRoutes } from "./rooms/jobs/routes.ts";
import { membershipRoutes } from "./rooms/membership/routes.ts";
import { oidcRoutes } from "./rooms/oidc/routes.ts";
import { publicDatabasesRoutes } from "./rooms/publicdatabases/routes.ts";
import { queriesRoutes } from "./rooms/queries/routes.ts";
import { portabilityRoutes } from "./rooms/portability/routes.ts";
import { questionsRoutes } from "./rooms/questions/routes.ts";
import { rulesRoutes } from "./rooms/rules/routes.ts";
import { reportsRoutes } from "./rooms/reports/routes.ts";
import { signinRoutes } from "./rooms/signin/routes.ts";
import { servicesRoutes } from "./rooms/services/routes.ts";
import { sharingRoutes } from "./rooms/sharing/routes.ts";
import { scimRoutes } from "./rooms/scim/routes.ts";
import { subprocessorsRoutes } from "./rooms/subprocessors/routes.ts";
import { createSubprocessors } from "./rooms/subprocessors/subprocessors.ts";
import { samlRoutes } from "./rooms/saml/routes.ts";
import { trustRoutes } from "./rooms/trust/routes.ts";
import { teamsRoutes } from "./rooms/teams/routes.ts";
import about from "../package.json" with { type: "json" };
import type { AppParts, Rooms } from "./rooms.ts";

const probeMs = 5_000;

/** The routes as declared, with nothing behind them: for the API's description. */
export function describeRoutes(): Route[] {
  return collectRoutes({} as AppParts, {} as Rooms);
}

/** Of all rooms, as they are served. */
export function collectRoutes(parts: AppParts, rooms: Rooms): Route[] {
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
    ...versionsRoutes({ versions: rooms.versions, comparisons: rooms.comparisons, databases, rules }),
    ...databasesRoutes({ databases, imports, blobs, config, rules }),
    ...arrivalsRoutes({ ...parts, arrivals: rooms.arrivals, databases, rules }),
    ...columnarRoutes({ columnar: rooms.columnar, databases, rules }),
    ...queriesRoutes({ queries, databases, rules, questions }),
    ...rulesRoutes({ rules }),
    ...questionsRoutes({ questions, databases, rules }),
    ...catalogRoutes({ catalog, databases, rules }),
    ...indexesRoutes({ indexes, rules }),
    ...exportsRoutes({ exports, databases, rules }),
    ...chartsRoutes({ databases, queries, rules }),
    ...attachmentsRoutes({ attachments }),
    ...reportsRoutes({ reports, queries, drawing, attachments, config }),
    ...galleryRoutes({ gallery, attachments, config, files }),
    ...publicDatabasesRoutes({ ...parts, publicDatabases, queries, databases, exports }),
    ...portabilityRoutes({ portability }),
    ...subprocessorsRoutes({ subprocessors: createSubprocessors({ config }), files }),
    ...trustRoutes({ trust, sandbox: async () => (await parts.pools.query.warm().catch(() => {}), parts.pools.query), files }),
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
