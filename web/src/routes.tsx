import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { meData, queryClient } from "./api/data.ts";
import type { Engine } from "./api/types.ts";
import { HomePage } from "./shell/HomePage.tsx";
import { Inside } from "./shell/Inside.tsx";
import { NotFound, Broken, Pending } from "./shell/Fallbacks.tsx";
import { Outside } from "./shell/Outside.tsx";
import { EmailLinkPage } from "./account/EmailLinkPage.tsx";
import { InvitationPage } from "./account/InvitationPage.tsx";
import type { Filters } from "./audit/audit.ts";
import { PasswordPage } from "./account/PasswordPage.tsx";
import { SignInPage } from "./account/SignInPage.tsx";
import { SignUpPage } from "./account/SignUpPage.tsx";

const root = createRootRoute({ notFoundComponent: NotFound, errorComponent: Broken });

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const outside = createRoute({ getParentRoute: () => root, id: "outside", component: Outside });
const signUp = createRoute({
  getParentRoute: () => outside, path: "/signup", component: SignUpPage,
  validateSearch: (search): { forgot?: true } => (search["forgot"] ? { forgot: true } : {}),
});
const signIn = createRoute({
  getParentRoute: () => outside, path: "/signin", component: SignInPage,
  validateSearch: (search): { to?: string; problem?: string } => ({ to: text(search["to"]), problem: text(search["problem"]) }),
});
const password = createRoute({
  getParentRoute: () => outside, path: "/password", component: PasswordPage,
  validateSearch: (search): { link?: string } => ({ link: text(search["link"]) }),
});

const invitation = createRoute({
  getParentRoute: () => outside, path: "/invitation", component: InvitationPage,
  validateSearch: (search): { link?: string } => ({ link: text(search["link"]) }),
});

const emailLink = createRoute({
  getParentRoute: () => outside, path: "/email", component: EmailLinkPage,
  validateSearch: (search): { link?: string } => ({ link: text(search["link"]) }),
});

const inside = createRoute({
  getParentRoute: () => root, id: "inside", component: Inside,
  async beforeLoad({ location }) {
    const me = await queryClient.ensureQueryData(meData);
    if (!me) throw redirect({ to: "/signin", search: location.href === "/" ? {} : { to: location.href } });
  },
});
const home = createRoute({ getParentRoute: () => inside, path: "/", component: HomePage });
const databases = createRoute({ getParentRoute: () => inside, path: "/databases", component: lazyRouteComponent(() => import("./databases/DatabasesPage.tsx"), "DatabasesPage") });
const newDatabase = createRoute({ getParentRoute: () => inside, path: "/databases/new", component: lazyRouteComponent(() => import("./databases/NewDatabasePage.tsx"), "NewDatabasePage") });
const database = createRoute({
  getParentRoute: () => inside, path: "/databases/$database", component: lazyRouteComponent(() => import("./databases/DatabasePage.tsx"), "DatabasePage"),
  validateSearch: (search): { table?: string } => ({ table: text(search["table"]) }),
});
const query = createRoute({
  getParentRoute: () => inside, path: "/databases/$database/query", component: lazyRouteComponent(() => import("./queries/QueryPage.tsx"), "QueryPage"),
  validateSearch: (search): { sql?: string; engine?: Engine; chart?: string; saved?: string; title?: string } =>
    ({ engine: search["engine"] === "duckdb" ? "duckdb" : undefined, sql: text(search["sql"]), chart: text(search["chart"]), saved: text(search["saved"]), title: text(search["title"]) }),
});
const reports = createRoute({ getParentRoute: () => inside, path: "/reports", component: lazyRouteComponent(() => import("./reports/ReportsPage.tsx"), "ReportsPage") });
/** Values of a report's parameters: whatever stands in the address, as texts. */
const values = (search: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value)).map(([name, value]) => [name, String(value)]));
const report = createRoute({
  getParentRoute: () => inside, path: "/reports/$report", component: lazyRouteComponent(() => import("./reports/ReportPage.tsx"), "ReportPage"), validateSearch: values,
});
const reportVersion = createRoute({
  getParentRoute: () => inside, path: "/reports/$report/versions/$version", component: lazyRouteComponent(() => import("./reports/ReportPage.tsx"), "ReportVersionPage"), validateSearch: values,
});
const editReport = createRoute({ getParentRoute: () => inside, path: "/reports/$report/edit", component: lazyRouteComponent(() => import("./editor/EditReportPage.tsx"), "EditReportPage") });
const tokens = createRoute({ getParentRoute: () => inside, path: "/tokens", component: lazyRouteComponent(() => import("./account/TokensPage.tsx"), "TokensPage") });
const team = createRoute({ getParentRoute: () => inside, path: "/team", component: lazyRouteComponent(() => import("./team/TeamPage.tsx"), "TeamPage") });
const sso = createRoute({ getParentRoute: () => inside, path: "/team/sso", component: lazyRouteComponent(() => import("./sso/SsoPage.tsx"), "SsoPage") });
const audit = createRoute({
  getParentRoute: () => inside, path: "/audit", component: lazyRouteComponent(() => import("./audit/AuditPage.tsx"), "AuditPage"),
  validateSearch: (search): Filters => ({ q: text(search["q"]), action: text(search["action"]), actor: text(search["actor"]), since: text(search["since"]), until: text(search["until"]) }),
});
const permissionsPage = createRoute({ getParentRoute: () => inside, path: "/team/permissions", component: lazyRouteComponent(() => import("./team/PermissionsPage.tsx"), "PermissionsPage") });
const account = createRoute({
  getParentRoute: () => inside, path: "/account", component: lazyRouteComponent(() => import("./account/AccountPage.tsx"), "AccountPage"),
  validateSearch: (search): { connected?: true; problem?: string } => ({ ...(search["connected"] ? { connected: true } : {}), problem: text(search["problem"]) }),
});
const connect = createRoute({
  getParentRoute: () => inside, path: "/connect", component: lazyRouteComponent(() => import("./account/ConnectPage.tsx"), "ConnectPage"),
  validateSearch: (search): { to?: string } => ({ to: text(search["to"]) }),
});

export const router = createRouter({
  routeTree: root.addChildren([
    outside.addChildren([signUp, signIn, password, invitation, emailLink]),
    inside.addChildren([
      home, databases, newDatabase, database, query, reports, report, reportVersion, editReport, tokens,
      team,
      permissionsPage,
      sso,
      audit,
      account,
      connect,
    ]),
  ]),
  defaultPreload: "intent",
  defaultPendingComponent: Pending,
  defaultErrorComponent: Broken,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
