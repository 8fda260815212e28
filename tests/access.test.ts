/* Every route, called by everyone who matters, answers what the one table of permissions says. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { can } from "#src/access/access.ts";
import type { Role } from "#src/access/access.ts";
import { permissions } from "#src/access/permissions.ts";
import { operator } from "#src/commands/command.ts";
import type { Route } from "#src/http/routes.ts";
import openapi from "../openapi.json" with { type: "json" };
import { onePixel } from "./png.ts";
import { startTestServer } from "./server.ts";
import type { Answered, TestServer } from "./server.ts";

const csv = Buffer.from("a,b\n1,2\n");
const roles: Role[] = ["owner", "admin", "editor", "viewer"];

interface Caller {
  name: string;
  /** Of an API token, or the cookie of a session. */
  token?: string;
  cookie?: string;
  /** In the team whose things are asked for; null for a stranger. */
  role: Role | null;
  scope: "all" | "read";
}

let kliv: TestServer;
let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
let callers: Caller[];
let expired: string;

before(async () => {
  kliv = await startTestServer();
  mine = await kliv.makeTeam("matrix");
  expired = await kliv.makeSession(mine.email);
  kliv.clock.move(31 * 86_400_000);
  const { token } = await kliv.makeTeam("stranger");
  callers = [{ name: "another team's owner", token, role: null, scope: "all" }];
  for (const role of roles) {
    const user = role === "owner" ? mine.user : (await kliv.makeTeam(role)).user;
    const { teams } = kliv.running.app.rooms;
    if (role !== "owner") await teams.addMember({ team: mine.team, email: `${role}@example.com`, role, by: operator, mayMakeOwners: true });
    for (const scope of ["all", "read"] as const) callers.push({ name: `${role} with a token to ${scope === "all" ? "do all" : "read"}`, token: await kliv.makeToken({ user, team: mine.team, scope }), role, scope });
  }
  const { services, signin } = kliv.running.app.rooms;
  callers.push({ name: "a viewer who is signed in", cookie: await kliv.makeSession("viewer@example.com"), role: "viewer", scope: "all" });
  const service = await services.create({ team: mine.team, name: "matrix", role: "editor", by: operator });
  const made = await signin.createToken({ user: null, service: service.id, team: mine.team, name: "matrix", scope: "all", by: operator });
  callers.push({ name: "a service account that edits", token: made.token, role: "editor", scope: "all" });
});
after(() => kliv.stop());

async function make(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<any> {
  const made = await kliv.api(method, path, { token: mine.token, body, headers });
  assert.ok(made.status < 300, made.bytes.toString());
  return made.json;
}

/** Something of each kind of the team's, new for each call that may take it away. */
const makers: Record<string, () => Promise<string>> = {
  team: async () => mine.team,
  database: async () => (await make("POST", `/api/v1/teams/${mine.team}/databases?name=m`, csv, { "x-filename": "m.csv" })).id,
  query: async () => (await make("POST", `/api/v1/teams/${mine.team}/queries`, { name: "m", database: await makeOnce("database"), sql: "select 1" })).id,
  report: async () => (await make("POST", `/api/v1/teams/${mine.team}/reports`, { schema: 1, title: "m", language: "en", parameters: [], blocks: [] })).id,
  preview: async () => (await make("POST", `/api/v1/teams/${mine.team}/previews`, csv, { "x-filename": "p.csv" })).id,
  attachment: async () => (await make("POST", `/api/v1/teams/${mine.team}/attachments`, onePixel, { "x-filename": "m.png" })).id,
  job: async () => (await make("POST", `/api/v1/teams/${mine.team}/databases?name=j`, csv, { prefer: "respond-async", "x-filename": "j.csv" })).job,
};
const kept = new Map<string, Promise<string>>();
const makeOnce = (kind: string): Promise<string> => {
  if (!kept.has(kind)) kept.set(kind, makers[kind]?.() ?? assert.fail(`nothing makes a ${kind}`));
  return kept.get(kind) as Promise<string>;
};

/** Asks with nothing in the body: who is admitted is told what is missing, who is not learns nothing. */
function ask(route: Route, { id, ...as }: { id: string; token?: string; cookie?: string }): Promise<Answered> {
  const param = "param" in route.access ? route.access.param : "";
  const path = route.url.replace(/:(\w+)/g, (_, name: string) => (name === param ? id : "1"));
  const body = route.method === "GET" || route.method === "DELETE" ? undefined : route.body === "stream" ? Buffer.from("[") : {};
  return kliv.api(route.method, path, { ...as, body });
}

const describeAnswer = ({ status, bytes }: Answered): string => `${status} ${bytes.toString().slice(0, 200)}`;

function expectAdmitted(answered: Answered, route: Route, who: string): void {
  const { status } = answered;
  const label = `${route.method} ${route.url} as ${who}: ${describeAnswer(answered)}`;
  // What is only for a person says so to a token that its role admits.
  const isForPeople = status === 403 && answered.json?.code === "SESSION_NEEDED";
  assert.ok(status < 500 && status !== 401 && (status !== 403 || isForPeople), label);
  // Beside the thing that access is about, an address may name another one, which is not there.
  const names = route.url.match(/:\w+/g)?.length ?? 0;
  const optional = answered.json?.code !== "NOT_FOUND" || names > 1 || !("param" in route.access);
  assert.ok(optional, label);
}

async function holdMember(route: Route): Promise<void> {
  if (!("of" in route.access)) return;
  const { action, of, param } = route.access;
  const id = await makeOnce(of);
  const anonymous = await ask(route, { id, token: "" });
  assert.deepEqual([anonymous.status, anonymous.json?.code], [401, "SIGNIN_NEEDED"], `${route.method} ${route.url} as nobody: ${describeAnswer(anonymous)}`);
  const late = await ask(route, { id, cookie: expired });
  assert.deepEqual([late.status, late.json?.code], [401, "SIGNIN_NEEDED"], `${route.method} ${route.url} with an expired session: ${describeAnswer(late)}`);
  for (const { name, role, scope, ...as } of callers) {
    const rule = permissions[action];
    const isAllowed = role !== null && (rule.roles as readonly string[]).includes(role) && (scope === "all" || rule.scope === "read");
    const actor = { kind: "token", user: "u", id: "t", scope, teams: new Map(role ? [[mine.team, role]] : []) } as const;
    assert.equal(can(actor, action, { kind: of, id, team: mine.team }), isAllowed);
    // Whoever leaves is gone for all calls after it.
    if (as.cookie && route.url.endsWith("/leave")) continue;
    const isTaken = (isAllowed && route.method === "DELETE" && route.url.endsWith(`:${param}`)) || (of === "preview" && role === "owner");
    const target = isTaken ? ((await makers[of]?.()) ?? id) : id;
    const answered = await ask(route, { id: target, ...as });
    // It is there for its uploader alone: for all others it does not exist, whatever their role.
    if (of === "preview" && role !== "owner") assert.deepEqual([answered.status, answered.json?.code], [404, "NOT_FOUND"], `${route.method} ${route.url} as ${name}`);
    else if (isAllowed) expectAdmitted(answered, route, name);
    else assert.deepEqual([answered.status, answered.json?.code], role === null ? [404, "NOT_FOUND"] : [403, "FORBIDDEN"], `${route.method} ${route.url} as ${name}: ${describeAnswer(answered)}`);
  }
}

describe("access", () => {
  it("the matrix has every call that the interface describes", () => {
    const described = Object.entries(openapi.paths as Record<string, object>).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    const kinds = kliv.running.app.routes.filter((route) => !route.isPage).map((route) => {
      assert.equal(["of", "signedIn", "public"].filter((kind) => kind in route.access).length, 1, route.url);
      return `${route.method} ${route.url.replace(/:(\w+)/g, "{$1}")}`;
    });
    assert.deepEqual(kinds.toSorted(), described.toSorted());
  });

  it("each route with a rule answers each caller what the table says", async () => {
    const routes = kliv.running.app.routes.filter((route) => "of" in route.access);
    assert.ok(routes.length > 30, `${routes.length} routes`);
    for (const route of routes) await holdMember(route);
  });

  it("each permission is asked for by a route, or by a room itself", () => {
    const asked = new Set(kliv.running.app.routes.flatMap((route) => ("of" in route.access ? [route.access.action as string] : [])));
    const asks = Object.keys(permissions).filter((action) => !asked.has(action));
    assert.deepEqual(asks, []);
  });

  it("what asks only for a person refuses nobody else", async () => {
    // Ending the session of the caller comes last.
    const routes = kliv.running.app.routes.filter((route) => "signedIn" in route.access);
    assert.ok(routes.length >= 5, `${routes.length} routes`);
    for (const route of routes) {
      const refused = await ask(route, { id: "1", token: "" });
      assert.deepEqual([refused.status, refused.json?.code], [401, "SIGNIN_NEEDED"], `${route.method} ${route.url}: ${describeAnswer(refused)}`);
      const admitted = await ask(route, { id: "1", token: mine.token });
      assert.ok(admitted.status < 500 && admitted.status !== 401, `${route.method} ${route.url}: ${describeAnswer(admitted)}`);
    }
  });

  it("what is public asks for nobody, and nothing else is", async () => {
    const routes = kliv.running.app.routes.filter((route) => "public" in route.access);
    // A directory's token is asked for by its routes themselves.
    for (const route of routes.filter((one) => one.url.startsWith("/scim/"))) assert.equal((await ask(route, { id: "1", token: "" })).status, 401, route.url);
    for (const route of routes.filter((one) => !one.url.startsWith("/scim/"))) {
      const answered = await ask(route, { id: "1", token: "" });
      // Signing in answers 401 to a wrong password, which an empty body is not.
      assert.ok(answered.status < 500 && answered.status !== 401 && answered.status !== 403, `${route.method} ${route.url}: ${describeAnswer(answered)}`);
    }
    const open = routes.filter((route) => !route.isPage).map((route) => `${route.method} ${route.url}`);
    const known = [
      /^GET \/(healthz|readyz)$/,
      /^GET \/api\/v1\/(openapi\.json|schemas\/\w+\.json|problems\/:code)$/,
      /^GET \/api\/v1\/(gallery|places|promises|subprocessors)$/,
      /^GET \/api\/v1\/public\/databases(\/:slug(\/download|\/tables\/:table\/export)?)?$/,
      /^POST \/api\/v1\/public\/databases\/:slug\/query$/,
      /^GET \/api\/v1\/agreements(\/:kind)?$/,
      /^GET \/api\/v1\/sign-in-providers$/,
      /^POST \/api\/v1\/(password-links|passwords|passwords\/account|sessions(\/second-factor(\/options)?)?|passkey-sessions(\/options)?)$/,
      /^POST \/api\/v1\/email-links(\/view)?$/,
      /^POST \/api\/v1\/sso-lookups$/,
      /^POST \/api\/v1\/invitations\/(view|accept|decline)$/,
    ];
    assert.deepEqual(open.filter((one) => !known.some((pattern) => pattern.test(one))), []);
  });
});
