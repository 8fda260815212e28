import { Readable } from "node:stream";
import { Type } from "typebox";
import type { Static } from "typebox";
import type { RowRules } from "#src/access/rows.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import type { Queries, QuestionSql } from "./queries.ts";
import { QueryAnswer, QueryBody, SavedQuery, StoredQuery } from "./schema.ts";
import type { QueryRow } from "./store.ts";

const IdParams = Type.Object({ id: Type.String() });
const TeamParams = Type.Object({ team: Type.String() });
const jsonHeaders = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };

export interface QueriesRoutesParts {
  queries: Queries;
  databases: Databases;
  rules: RowRules;
  questions: QuestionSql;
}

export function queriesRoutes(parts: QueriesRoutesParts): Route[] {
  return [askRoute(parts), ...savedRoutes(parts.queries)];
}

function askRoute({ queries, databases, rules, questions }: QueriesRoutesParts): Route {
  return route({
    method: "POST",
    url: "/api/v1/databases/:id/query",
    summary: "Ask one question, in SQL or without; it is cancelled when the client goes away",
    tag: "queries",
    access: { action: "database:query", of: "database", param: "id" },
    params: IdParams,
    body: QueryBody,
    // The text comes ready from the sandbox, which writes exactly this shape; it is not parsed and written again.
    responses: { 200: QueryAnswer },
    async handler(context) {
      const { team, id } = context.resource;
      const { rowsMax, version, engine } = context.body;
      holdOne(context.body);
      const found = version ? await databases.getVersion({ team, database: id, version }) : await databases.currentVersion(team, id);
      const rows = rules.accessOf(context.actor, { id, team });
      const sight = { ...found, rows: rows instanceof Promise ? await rows : rows };
      const asked = context.body.question ? await questions.prepare({ version: sight, question: context.body.question, parameters: context.body.parameters, engine }) : { sql: context.body.sql!, parameters: context.body.parameters, engine };
      const question = { version: sight, ...asked, rowsMax };
      // Only what has to be waited for needs to know when the client goes away.
      const body = queries.peek(question) ?? (await queries.run({ ...question, signal: context.signal }));
      if (Buffer.isBuffer(body)) return answer({ status: 200, headers: jsonHeaders, body });
      return answer({ status: 200, headers: jsonHeaders, stream: Readable.from(body, { objectMode: false, highWaterMark: 1024 ** 2 }) });
    },
  });
}

function holdOne({ sql, question }: Static<typeof QueryBody>): void {
  if ((sql === undefined) === (question === undefined)) {
    throw new Problem("REQUEST_INVALID", { values: { reason: "body must have either sql or question", reasonJa: "body に sql と question のどちらか一方を指定してください" } });
  }
}

function show(row: QueryRow) {
  return {
    id: row.id, team: row.team_id, name: row.name, database: row.database_id, ...row.definition,
    createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString(),
  };
}

function savedRoutes(queries: Queries): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/teams/:team/queries",
      summary: "The saved queries of a team",
      tag: "queries",
      access: { action: "query:list", of: "team", param: "team" },
      params: TeamParams,
      query: PageQuery,
      responses: { 200: Page(StoredQuery) },
      async handler({ params, query, actor }) {
        const limit = pageLimit(query);
        const { rows, nextCursor } = pageOf(await queries.list({ team: params.team, ...(actor ? { reader: actor } : {}), before: query.cursor, limit: limit + 1 }), limit);
        return { items: rows.map(show), nextCursor };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/teams/:team/queries",
      summary: "Save a query",
      tag: "queries",
      access: { action: "query:create", of: "team", param: "team" },
      params: TeamParams,
      body: SavedQuery,
      responses: { 201: StoredQuery },
      handler: async (context) => show(await queries.create({ team: context.params.team, query: context.body, reader: context.actor, by: doerOf(context) })),
    }),
    route({
      method: "GET",
      url: "/api/v1/queries/:id",
      summary: "A saved query",
      tag: "queries",
      access: { action: "query:read", of: "query", param: "id" },
      params: IdParams,
      responses: { 200: StoredQuery },
      handler: async ({ resource }) => show(await queries.get(resource.team, resource.id)),
    }),
    route({
      method: "PUT",
      url: "/api/v1/queries/:id",
      summary: "Change a saved query",
      tag: "queries",
      access: { action: "query:update", of: "query", param: "id" },
      params: IdParams,
      body: SavedQuery,
      responses: { 200: StoredQuery },
      handler: async (context) => show(await queries.update({ team: context.resource.team, id: context.params.id, query: context.body, reader: context.actor, by: doerOf(context) })),
    }),
    route({
      method: "DELETE",
      url: "/api/v1/queries/:id",
      summary: "Delete a saved query",
      tag: "queries",
      access: { action: "query:delete", of: "query", param: "id" },
      params: IdParams,
      responses: { 204: null },
      handler: (context) => queries.delete({ team: context.resource.team, id: context.params.id, by: doerOf(context) }),
    }),
  ];
}
