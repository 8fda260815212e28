import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import type { Action, Actor, Resource } from "#src/access/access.ts";
import type { Language } from "#src/base/problems/problem.ts";

/**
 * Who may call a route. There is no default: a route without it does not compile, and the server does not start with it.
 * `of` names the kind of resource that the parameter `param` identifies; its room resolves it.
 */
export type Access =
  | { public: string /* why anyone may */ }
  | { signedIn: true }
  | { action: Action; of: string; param: string };

export interface Context<P = unknown, Q = unknown, B = unknown> {
  params: P;
  query: Q;
  body: B;
  /** Null only on public routes. */
  actor: Actor | null;
  /** Set on routes with `of`. */
  resource: Resource;
  language: Language;
  requestId: string;
  /** The client's address. */
  address: string;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** What a handler answers besides JSON: bytes or a stream with its type. */
export interface Answer {
  status?: number | undefined;
  headers?: Record<string, string | string[]> | undefined;
  body?: unknown;
  stream?: Readable | undefined;
}

export interface RouteSpec<P extends TSchema, Q extends TSchema, B extends TSchema> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: string;
  /** For the reader of the API's pages. */
  summary: string;
  tag: string;
  access: Access;
  params?: P;
  query?: Q;
  /** A JSON body's shape; or "stream" for a route that reads the raw bytes itself. */
  body?: B | "stream";
  bodyBytesMax?: number;
  /** How often one client address may call it in an hour, on each node. */
  perHourMax?: number;
  /** Response shapes by status; null for an empty one, a media type for one that is not JSON. */
  responses: Record<number, TSchema | null | string>;
  /** The answer holds a secret that is shown once: it is kept under no Idempotency-Key. */
  isSecret?: boolean;
  /** Another site's page may post here: an identity provider does. What is posted is believed for its signature alone. */
  isCrossSite?: boolean;
  /** Pages for people are not part of the API's description. */
  isPage?: boolean;
  handler(context: Context<Static<P>, Static<Q>, Static<B>>): Promise<unknown> | unknown;
}

export type Route = RouteSpec<TSchema, TSchema, TSchema>;

/** A route is one object. This only ties the handler's types to its schemas. */
export function route<P extends TSchema, Q extends TSchema, B extends TSchema>(spec: RouteSpec<P, Q, B>): Route {
  return spec as unknown as Route;
}

/** A class of its own and not a set of marked objects: what a request makes must be forgotten with it, at no cost. */
class Marked implements Answer {
  readonly status?: number | undefined;
  readonly headers?: Record<string, string | string[]> | undefined;
  readonly body?: unknown;
  readonly stream?: Readable | undefined;

  constructor({ status, headers, body, stream }: Answer) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.stream = stream;
  }
}

/** Marks a handler's result as an answer with a status, headers or a body of its own. */
export function answer(value: Answer): Answer {
  return new Marked(value);
}

export function isAnswer(value: unknown): value is Answer {
  return value instanceof Marked;
}
