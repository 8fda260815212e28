import { METHODS, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import multipart from "@fastify/multipart";
import fastify from "fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { can, sees } from "#src/access/access.ts";
import type { Actor, Resource } from "#src/access/access.ts";
import type { Config } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import type { Made } from "#src/base/once.ts";
import { confine } from "#src/base/postgres/confine.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { Problem, problemBody } from "#src/base/problems/problem.ts";
import type { Certificate } from "#src/base/tls.ts";
import { tlsSettings } from "#src/base/tls.ts";
import { complaintOf } from "./complaint.ts";
import type { SchemaError } from "./complaint.ts";
import type { FileAnswer } from "./files.ts";
import { keyOf } from "./idempotency.ts";
import type { Idempotency, Remembered } from "./idempotency.ts";
import { languageOf } from "./language.ts";
import type { Rates } from "./rates.ts";
import { answer, isAnswer } from "./routes.ts";
import type { Answer, Context, Route } from "./routes.ts";
import { createUnderWay } from "./underway.ts";
import type { UnderWay } from "./underway.ts";
import { holdHost, holdSite, securityHeaders } from "./walls.ts";

export interface ServerOptions {
  config: Config;
  certificate: Certificate;
  routes: Route[];
  log: Log;
  /** The actor of a request, from its cookie or bearer token; null for nobody. Throws SIGNIN_NEEDED on a bad token. */
  authenticate(request: FastifyRequest): Promise<Actor | null> | Actor | null;
  /** By kind of resource: the one with this id, within the actor's reach, or null. */
  resolvers: Record<string, (id: string, actor: Actor) => Promise<Resource | null> | Resource | null>;
  idempotency: Idempotency;
  rates: Rates;
  /** Tells of each change of what actors may do. */
  onChange?(listener: (change: { kind: string; id: string } | null) => void): void;
  /** Answers for an address that no route has: the web app's page, or null for a 404. */
  fallback(request: FastifyRequest): FileAnswer | null;
}

const jsonBytesMax = 4 * 1024 ** 2;
const requestTimeoutMs = 60_000;
const idleTimeoutMs = 72_000;

/** The HTTPS server with every route behind its access. Refuses a route that declares no access or no response. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { config, log } = options;
  holdRoutes(options);
  const nextId = requestIds();
  const headers = { page: securityHeaders(config, "page"), data: securityHeaders(config, "data") };
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): unknown => {
    // An address that cannot be read, an id longer than any, a method that HTTP has not: no route and no hook has seen it.
    const isUnseen = !reply.hasHeader("x-request-id");
    if (isUnseen) reply.headers(headers.data).header("x-request-id", request.id);
    const sent = sendProblem({ error, request, reply, log });
    if (isUnseen) log("request", { request: request.id, method: methodOf(request), route: "none", status: reply.statusCode });
    return sent;
  };
  const app = fastify({
    http2: true,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    https: { allowHTTP1: true, ...options.certificate, ...tlsSettings },
    bodyLimit: jsonBytesMax,
    logger: false,
    // Our own, always: one from outside could be another request's, or a secret.
    genReqId: nextId,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    forceCloseConnections: true,
    clientErrorHandler: (error: BrokenError, socket: Socket) => answerBroken({ error, socket, log, id: nextId() }),
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => fail(error, request, reply),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false, strict: false, discriminator: true } },
  } as never) as unknown as FastifyInstance;
  const server = app.server as unknown as { headersTimeout: number; requestTimeout: number; keepAliveTimeout: number; on(event: string, listener: () => void): void };
  // Slow headers are an attack; a slow body is an upload on a thin line, which has its own progress rule.
  server.headersTimeout = requestTimeoutMs;
  server.requestTimeout = 0;
  // Longer than a load balancer or a client keeps an idle connection: who closes first must not be the server, or a
  // request that is just being sent is lost.
  server.keepAliveTimeout = idleTimeoutMs;
  // Declared, so that every request has the same shape from its start.
  app.decorateRequest("startedMs", 0);
  app.decorateRequest("actor", null);
  app.decorateRequest("resource", null);
  app.decorateRequest("problem", null);
  app.addHook("onRequest", (request, reply, done) => {
    (request as Timed).startedMs = performance.now();
    reply.headers(request.url.startsWith("/api/v1/") ? headers.data : headers.page).header("x-request-id", request.id);
    try {
      holdHost(request, config);
      holdSite(request);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook("onResponse", (request, reply, done) => {
    const { startedMs, actor, resource, problem } = request as Admitted;
    log("request", {
      request: request.id, method: methodOf(request), route: request.routeOptions.url ?? "none", status: reply.statusCode, ...(problem ? { code: problem } : {}),
      durationMs: Math.round((performance.now() - startedMs) * 100) / 100, user: actor?.user, team: resource?.team,
    });
    done();
  });
  app.setErrorHandler(fail);
  app.setNotFoundHandler((request, reply) => {
    const page = request.method === "GET" || request.method === "HEAD" ? options.fallback(request) : null;
    if (!page) return fail(new Problem("NOT_FOUND"), request, reply);
    for (const [name, value] of Object.entries(page.headers)) reply.header(name, value);
    return reply.code(page.status).send(page.body);
  });
  const underWay = createUnderWay({ onChange: (listener) => options.onChange?.(listener) });
  app.addHook("onClose", (_app, done) => (underWay.close(), done()));
  await addRoutes(app, options, underWay);
  return app;
}

type BrokenError = Error & { code?: string };

/** What cannot be read as a request at all, or ends within one. There is no request to take a language from. */
function answerBroken({ error, socket, log, id }: { error: BrokenError; socket: Socket; log: Log; id: string }): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return;
  const code = error.code === "HPE_INVALID_EOF_STATE" ? "UPLOAD_CUT_SHORT" : error.code === "HPE_HEADER_OVERFLOW" ? "HEADERS_TOO_LARGE" : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "REQUEST_TIMEOUT" : "REQUEST_MALFORMED";
  const problem = new Problem(code);
  log("broken request", { request: id, code, status: problem.status });
  const body = JSON.stringify(problemBody(problem, "en"));
  const head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nCache-Control: no-store\r\nX-Request-Id: ${id}\r\nConnection: close\r\n\r\n`;
  socket.end(head + body);
}

// Unique over restarts by its start, within one by the count; making one for each request costs nothing.
function requestIds(): () => string {
  const start = newId("req");
  let count = 0;
  return () => `${start}-${++count}`;
}

/** What HTTP/2 sends as its method can be anything, which has no place in a log. */
const methods = new Set(METHODS);
const methodOf = ({ method }: FastifyRequest): string => (methods.has(method) ? method : "other");

type Timed = FastifyRequest & { startedMs: number; actor: Actor | null; problem: string | null };

function holdRoutes({ routes, resolvers }: ServerOptions): void {
  for (const route of routes) {
    if (!route.access || Object.keys(route.responses ?? {}).length === 0) {
      throw new Error(`${route.method} ${route.url} declares no access or no response: it is not served`);
    }
    if ("of" in route.access && !resolvers[route.access.of]) throw new Error(`${route.url}: nothing resolves a ${route.access.of}`);
  }
}

async function addRoutes(app: FastifyInstance, options: ServerOptions, underWay: UnderWay): Promise<void> {
  for (const route of options.routes.filter((one) => one.body !== "stream")) addRoute(app, { route, options, underWay });
  // Uploads read their bytes themselves, whatever type they claim to be.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The path in a name is kept, so that one that leads out of its folder is seen and refused.
    await scope.register(multipart, { preservePath: true });
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    for (const route of options.routes.filter((one) => one.body === "stream")) addRoute(scope as unknown as FastifyInstance, { route, options, underWay });
  });
}

function addRoute(app: FastifyInstance, { route, options, underWay }: { route: Route; options: ServerOptions; underWay: UnderWay }): void {
  // What takes its time ends when its actor may no longer do it.
  const keep: Keep = (request, reply) => {
    if (request.actor && !("public" in route.access)) underWay.hold(reply.raw, () => admit({ request, route, options }));
  };
  const response: Record<string, unknown> = {};
  for (const [status, shape] of Object.entries(route.responses)) if (shape !== null && typeof shape === "object") response[status] = shape;
  app.route({
    method: route.method,
    url: route.url,
    config: { isCrossSite: route.isCrossSite === true },
    schema: {
      ...(route.params ? { params: route.params } : {}),
      ...(route.query ? { querystring: route.query } : {}),
      ...(route.body && route.body !== "stream" ? { body: route.body } : {}),
      response,
    },
    ...(route.body === "stream" ? { bodyLimit: options.config.limits.uploadBytesMax } : route.bodyBytesMax ? { bodyLimit: route.bodyBytesMax } : {}),
    // Access comes before validation: a stranger learns nothing of a resource from a complaint about the body.
    // Known tokens and resources are admitted at once: nothing is awaited that need not be.
    onRequest: (request, _reply, done) => {
      try {
        const admitted = admit({ request: request as Admitted, route, options });
        if (admitted) admitted.then(() => done(), done);
        else done();
      } catch (error) {
        done(error as Error);
      }
    },
    handler: async (request, reply) => {
      const { actor, resource } = request as Admitted;
      if (route.body === "stream") keep(request as Admitted, reply);
      const key = actor && resource ? keyOf(request, route) : null;
      const context = new RequestContext(request as Admitted, reply, keep);
      const work = (): unknown => (actor && resource ? confine(actor.teams, () => route.handler(context)) : route.handler(context));
      const result = actor && resource && key !== null ? await onceFor({ options, key, route, request, actor, resource, work, contextOf: (asked) => new RequestContext(asked, reply, keep) }) : await work();
      if (reply.sent) return reply;
      if (isAnswer(result) && result.stream) keep(request as Admitted, reply);
      return send(reply, result, route);
    },
  });
}

interface Once {
  options: ServerOptions;
  key: string;
  route: Route;
  request: FastifyRequest;
  actor: Actor;
  resource: Resource;
  work(): unknown;
  contextOf(request: Admitted): Context<never, never, never>;
}

async function onceFor({ options, route, work, ...rest }: Once): Promise<Answer> {
  const { status, body } = await options.idempotency.once({
    ...rest,
    async work() {
      const result = await work();
      const usual = Number(Object.keys(route.responses)[0]);
      return isAnswer(result) ? { status: result.status ?? usual, body: result.body } : { status: usual, body: result };
    },
    recall: (made) => recall({ options, route, made, ...rest }),
  });
  return answer({ status, body });
}

/** A creation answers what reading the new thing answers, or the number of a job: so it can be answered again after a crash. */
async function recall({ options, route, request, actor, made, contextOf }: Omit<Once, "work" | "key" | "resource"> & { made: Made }): Promise<Remembered | null> {
  if (made.kind === "job" && "202" in route.responses) return { status: 202, body: { job: made.id } };
  const reading = options.routes.find(({ method, url, access, responses }) =>
    method === "GET" && "of" in access && access.of === made.kind && url.endsWith(`/:${access.param}`) && responses[200] === route.responses[201]);
  const resource = await options.resolvers[made.kind]?.(made.id, actor);
  if (!reading || !("of" in reading.access) || !resource || !can(actor, reading.access.action, resource)) return null;
  const asked = Object.create(request, { params: { value: { [reading.access.param]: made.id } }, query: { value: {} }, resource: { value: resource } }) as Admitted;
  const body = await reading.handler(contextOf(asked));
  return { status: 201, body: isAnswer(body) ? body.body : body };
}

type Admitted = Timed & { resource: Resource | null };
type Keep = (request: Admitted, reply: FastifyReply) => void;

interface Admission {
  request: Admitted;
  route: Route;
  options: ServerOptions;
}

function admit(admission: Admission): Promise<void> | void {
  const found = admission.options.authenticate(admission.request);
  return found instanceof Promise ? found.then((actor) => admitActor(admission, actor)) : admitActor(admission, found);
}

function admitActor(admission: Admission, actor: Actor | null): Promise<void> | void {
  const { request, route: { access, perHourMax }, options } = admission;
  request.actor = actor;
  if (perHourMax !== undefined) options.rates.hold({ route: admission.route.url, address: request.ip, perHourMax });
  if ("public" in access) return;
  if (!actor) throw new Problem("SIGNIN_NEEDED");
  if ("signedIn" in access) return;
  const id = (request.params as Record<string, string>)[access.param] ?? "";
  const resolved = options.resolvers[access.of]?.(id, actor) ?? null;
  const hold = (resource: Resource | null): Promise<void> | void => {
    if (!resource || !sees(actor, resource)) return refuseUnknown({ actor, id, resolve: options.resolvers[access.of] });
    if (!can(actor, access.action, resource)) throw new Problem("FORBIDDEN", { values: { action: access.action } });
    request.resource = resource;
  };
  return resolved instanceof Promise ? resolved.then(hold) : hold(resolved);
}

/** Not there, for this actor; or there, in a team of theirs that is kept from this session: then it says what to do. */
async function refuseUnknown({ actor, id, resolve }: { actor: Actor; id: string; resolve: ServerOptions["resolvers"][string] | undefined }): Promise<never> {
  if (actor.withheld && (await resolve?.(id, { ...actor, teams: actor.withheld }))) throw new Problem("FACTOR_REQUIRED");
  throw new Problem("NOT_FOUND");
}

const noResource: Resource = { kind: "none", id: "", team: "" };

/** A class, because an object literal with a getter costs every request more than all the rest of its context. */
class RequestContext implements Context<never, never, never> {
  readonly params: never;
  readonly query: never;
  readonly body: never;
  readonly actor: Actor | null;
  readonly resource: Resource;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly #keep: Keep;
  #controller: AbortController | null = null;

  constructor(request: Admitted, reply: FastifyReply, keep: Keep) {
    this.#keep = keep;
    this.params = request.params as never;
    this.query = request.query as never;
    this.body = request.body as never;
    this.actor = request.actor;
    this.resource = request.resource ?? noResource;
    this.request = request;
    this.reply = reply;
  }

  get language(): Language {
    return languageOf(this.request);
  }

  get requestId(): string {
    return this.request.id;
  }

  get address(): string {
    return this.request.ip;
  }

  // Made only for handlers that ask for it: most are done before a client can go away.
  get signal(): AbortSignal {
    if (!this.#controller) {
      const controller = (this.#controller = new AbortController());
      const { raw } = this.reply;
      this.#keep(this.request as Admitted, this.reply);
      raw.once("close", () => {
        if (!raw.writableFinished) controller.abort();
      });
    }
    return this.#controller.signal;
  }
}

function send(reply: FastifyReply, result: unknown, route: Route): unknown {
  if (!isAnswer(result)) {
    const status = Number(Object.keys(route.responses)[0]);
    return reply.code(status).send(status === 204 ? undefined : result);
  }
  const { status, headers, body, stream }: Answer = result;
  reply.code(status ?? Number(Object.keys(route.responses)[0]));
  for (const name in headers) reply.header(name, headers[name]);
  return reply.send(stream ?? body);
}

interface FastifyProblem {
  code?: string;
  statusCode?: number;
  validation?: SchemaError[];
  validationContext?: string;
  message?: string;
  /** Of PostgreSQL's errors. */
  detail?: string;
}

/** What PostgreSQL says of a text with a zero byte, of JSON with one, and of JSON with half a surrogate pair. */
const isUnstorable = ({ code, detail }: FastifyProblem): boolean => code === "22021" || code === "22P05" || (code === "22P02" && /surrogate/.test(detail ?? ""));

/** Whatever went wrong, as one shape. What is not a Problem already is either a fault of the request or ours. */
export function asProblem(error: unknown, requestId: string): Problem {
  if (error instanceof Problem) return error;
  const { code, statusCode, validation, validationContext, message } = error as FastifyProblem;
  if (validation) return new Problem("REQUEST_INVALID", { values: complaintOf(validation, validationContext ?? "body") });
  if (statusCode === 413 || code === "FST_ERR_CTP_BODY_TOO_LARGE" || code === "FST_REQ_FILE_TOO_LARGE") return new Problem("BODY_TOO_LARGE", { values: { bytesMax: jsonBytesMax } });
  if (statusCode === 404 || code === "FST_ERR_MAX_PARAM_LENGTH") return new Problem("NOT_FOUND");
  if (isUnstorable(error as FastifyProblem)) return new Problem("REQUEST_INVALID", { values: { reason: "a text holds a character that cannot be stored: U+0000, or half of a surrogate pair", reasonJa: "保存できない文字（U+0000、または片方だけのサロゲート）が含まれています" }, cause: error });
  if (statusCode === 415) return new Problem("MEDIA_TYPE_UNSUPPORTED");
  if (statusCode === 405) return new Problem("METHOD_NOT_ALLOWED");
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new Problem("REQUEST_INVALID", { values: { reason: message ?? "malformed" } });
  return new Problem("INTERNAL", { values: { request: requestId }, cause: error });
}

function sendProblem({ error, request, reply, log }: { error: unknown; request: FastifyRequest; reply: FastifyReply; log: Log }): unknown {
  const problem = asProblem(error, request.id);
  (request as Timed).problem = problem.code;
  if (problem.status >= 500) log("failure", { request: request.id, code: problem.code, ...describeError(problem.options.cause ?? error) });
  if (reply.raw.headersSent) return reply.raw.destroy();
  if (problem.options.retryAfterSeconds !== undefined) reply.header("retry-after", String(problem.options.retryAfterSeconds));
  reply.headers(problem.options.headers ?? {});
  if (problem.code === "SIGNIN_NEEDED") reply.header("www-authenticate", 'Bearer realm="Kliv"');
  reply.code(problem.status).header("content-type", "application/problem+json; charset=utf-8").header("cache-control", "no-store");
  return reply.serializer((body: unknown) => JSON.stringify(body)).send({ ...problemBody(problem, languageOf(request)), ...(problem.status >= 500 ? { request: request.id } : {}) });
}
