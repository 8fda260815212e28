import { Readable } from "node:stream";
import { Type } from "typebox";
import type { RowRules } from "#src/access/rows.ts";
import { disposition } from "#src/http/disposition.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Answer, Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import type { Engine } from "#src/rooms/queries/queries.ts";
import type { Source } from "#src/rooms/queries/read.ts";
import type { Exports } from "./exports.ts";
import { ExportBody, ExportQuery, formats } from "./schema.ts";
import type { Format, TextOptions } from "./schema.ts";

export interface ExportsRoutesParts {
  exports: Exports;
  databases: Databases;
  rules: RowRules;
}

interface Wanted {
  context: Context;
  source: Source;
  format: Format;
  options: TextOptions;
  engine?: Engine | undefined;
  version: string | undefined;
  /** Of the file, where it is not the database's. */
  name: string | undefined;
}

/** Media types of the answers, for the description. */
const types = "application/octet-stream";

export function exportsRoutes(parts: ExportsRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/databases/:id/tables/:table/export",
      summary: "All rows of a table or view that the reader sees, as a file: csv, tsv, json, ndjson, xlsx, sqlite, parquet",
      tag: "databases",
      access: { action: "database:download", of: "database", param: "id" },
      params: Type.Object({ id: Type.String(), table: Type.String() }),
      query: ExportQuery,
      responses: { 200: types },
      async handler(context) {
        const { format, bom, lineEnd, formulas, version } = context.query;
        const { table } = context.params;
        return await send(parts, { context, source: { table }, format, options: { bom: bom === "true", lineEnd, formulas }, version, name: table });
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/databases/:id/query/export",
      summary: "All rows of the answer to one SQL question, as a file: csv, tsv, json, ndjson, xlsx, sqlite, parquet",
      tag: "databases",
      access: { action: "database:download", of: "database", param: "id" },
      params: Type.Object({ id: Type.String() }),
      body: ExportBody,
      responses: { 200: types },
      async handler(context) {
        const { sql, parameters, engine, format, bom, lineEnd, formulas, version, name } = context.body;
        return await send(parts, { context, source: { sql, ...(parameters ? { parameters } : {}) }, format, options: { bom, lineEnd, formulas }, engine, version, name });
      },
    }),
  ];
}

async function send({ exports, databases, rules }: ExportsRoutesParts, { context, source, format, options, engine, version, name }: Wanted): Promise<Answer> {
  const { team, id } = context.resource;
  const found = version ? await databases.getVersion({ team, database: id, version }) : await databases.currentVersion(team, id);
  const sight = { ...found, rows: await rules.accessOf(context.actor, { id, team }) };
  const called = name ?? (await databases.get(team, id)).name;
  const { contentType, ending } = formats[format];
  const headers = { "content-type": contentType, "content-disposition": disposition(called, ending), "cache-control": "no-store" };
  // What the answer would be called; nothing is made for it.
  if (context.request.method === "HEAD") return answer({ status: 200, headers, stream: Readable.from([]) });
  const { stream, sizeBytes } = await exports.start({ version: sight, source, format, options, engine, title: called, by: doerOf(context), signal: context.signal });
  return answer({ status: 200, headers: { ...headers, ...(sizeBytes === null ? {} : { "content-length": String(sizeBytes) }) }, stream });
}
