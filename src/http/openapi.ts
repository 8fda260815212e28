import type { TSchema } from "typebox";
import { permissions } from "#src/access/permissions.ts";
import type { Route } from "./routes.ts";

/** The API's description, OpenAPI 3.1, from the very objects that serve it. `version` is the product's. */
export function describeApi(routes: Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  const shown = routes.filter((route) => !route.isPage).sort((a, b) => (a.url < b.url ? -1 : a.url > b.url ? 1 : a.method < b.method ? -1 : 1));
  for (const route of shown) {
    const path = route.url.replace(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = describeRoute(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Kliv",
      version,
      description:
        "Everything of Kliv as JSON and SQLite. Errors are application/problem+json (RFC 9457). What belongs to another team and what does not exist both answer 404. Lists take limit and cursor and answer {items, nextCursor}. Every answer has X-Request-Id, an id of ours; say it when you ask about a failure.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }, { session: [] }],
    tags: [...new Set(shown.map((route) => route.tag))].sort().map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token of a member, for one team, with a scope." },
        session: { type: "apiKey", in: "cookie", name: "__Host-kliv", description: "A browser's session." },
      },
      schemas: { Problem: problemShape },
    },
  };
}

const problemShape = {
  type: "object",
  required: ["type", "title", "status", "code", "detail"],
  properties: {
    type: { type: "string", format: "uri" }, title: { type: "string" }, status: { type: "integer" }, code: { type: "string" }, detail: { type: "string" },
    file: { type: "string" }, line: { type: "integer" }, column: { type: "integer" },
    request: { type: "string", description: "Of a failure on our side: the id of the request, as in X-Request-Id" },
  },
};

function describeRoute(route: Route): Record<string, unknown> {
  const { access } = route;
  const rule = "of" in access ? permissions[access.action] : null;
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.tag],
    ...("public" in access ? { security: [] } : {}),
    // What the permission table says, for readers and for tests that hold the routes against it.
    "x-access": "public" in access ? { public: access.public } : "signedIn" in access ? { signedIn: true } : { action: access.action, of: access.of, roles: rule?.roles, scope: rule?.scope },
    parameters: [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query")],
    ...(route.body ? { requestBody: bodyOf(route.body) } : {}),
    responses: responsesOf(route),
  };
}

function operationId(route: Route): string {
  const words = route.url.replace(/^\/api\/v1\//, "").split("/").map((part) => part.replace(/^:/, "by-").replace(/\W+/g, "-"));
  return [route.method.toLowerCase(), ...words].join("-");
}

function parametersOf(shape: TSchema | undefined, place: "path" | "query") {
  const { properties = {}, required = [] } = (shape ?? {}) as { properties?: Record<string, unknown>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: place, required: place === "path" || required.includes(name), schema }));
}

function bodyOf(body: TSchema | "stream") {
  if (body !== "stream") return { required: true, content: { "application/json": { schema: body } } };
  const file = { type: "string", format: "binary" };
  return { required: true, content: { "application/octet-stream": { schema: file }, "multipart/form-data": { schema: { type: "object", properties: { file, files: { type: "array", items: file } } } } } };
}

function responsesOf(route: Route): Record<string, unknown> {
  const responses: Record<string, unknown> = {};
  for (const [status, shape] of Object.entries(route.responses)) {
    const description = descriptions[status] ?? "Done";
    if (shape === null) responses[status] = { description };
    else if (typeof shape === "string") responses[status] = { description, content: { [shape]: { schema: { type: "string", format: "binary" } } } };
    else responses[status] = { description, content: { "application/json": { schema: shape } } };
  }
  responses.default = { description: "A problem", content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } };
  return responses;
}

const descriptions: Record<string, string> = {
  200: "Done", 201: "Made", 202: "Accepted; the work goes on", 204: "Done; nothing to say", 206: "A part", 304: "Not changed",
};
