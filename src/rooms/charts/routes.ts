import { Type } from "typebox";
import type { Static } from "typebox";
import type { RowRules } from "#src/access/rows.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import type { Queries } from "#src/rooms/queries/queries.ts";
import { chartSchema, suggestCharts } from "./charts.ts";

// Enough rows to tell a category from an id, and quick on a table of any size.
const sampleRows = 1_000;
const suggestionsMax = 6;
const tablesMax = 20;

const SuggestionShape = Type.Object({
  title: Type.String(),
  table: Type.String(),
  sql: Type.String(),
  chart: Type.Record(Type.String(), Type.Unknown()),
  score: Type.Number(),
});

interface Described {
  name: string;
  rows: number | null;
  columns: { name: string; type: string; primaryKey: boolean }[];
  foreignKeys?: { columns?: string[] }[];
}

// A number that points to another row is nothing to add up.
const isKey = (table: Described, column: string): boolean =>
  table.columns.some((one) => one.name === column && one.primaryKey) || (table.foreignKeys ?? []).some((key) => key.columns?.includes(column));

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

// Of two tables the one with more rows has more to tell.
const bonus = (rows: number | null): number => Math.min(Math.log10((rows ?? 0) + 1) * 8, 40);

/** A table that is closed to the reader suggests nothing. */
function passClosed(error: unknown): unknown[][] {
  if (error instanceof Problem && error.code === "QUERY_DENIED") return [];
  throw error;
}

export function chartsRoutes({ databases, queries, rules }: { databases: Databases; queries: Queries; rules: RowRules }): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/schemas/chart.json",
      summary: "The JSON schema of a chart: an allow-listed subset of Vega-Lite",
      tag: "operation",
      access: { public: "the interface is documented for everyone" },
      responses: { 200: "application/schema+json" },
      handler: () => answer({ headers: { "content-type": "application/schema+json" }, body: JSON.stringify(chartSchema()) }),
    }),
    route({
      method: "GET",
      url: "/api/v1/databases/:id/suggestions",
      summary: "First charts that the columns suggest, best first",
      tag: "databases",
      access: { action: "database:query", of: "database", param: "id" },
      params: Type.Object({ id: Type.String() }),
      query: Type.Object({ table: Type.Optional(Type.String({ maxLength: 500 })) }),
      responses: { 200: Type.Object({ items: Type.Array(SuggestionShape), nextCursor: Type.Null() }) },
      async handler({ resource, query, language, actor, signal }) {
        const { team, id } = resource;
        const version = await databases.currentVersion(team, id);
        const rows = await rules.accessOf(actor, resource);
        const { tables } = (await databases.describe(version)) as unknown as { tables: Described[] };
        const chosen = tables.filter((table) => query.table === undefined || table.name === query.table).slice(0, tablesMax);
        const items: Static<typeof SuggestionShape>[] = [];
        for (const table of chosen) {
          const columns = table.columns.filter((column) => !isKey(table, column.name));
          if (columns.length === 0) continue;
          const sql = `select ${columns.map((column) => quote(column.name)).join(", ")} from ${quote(table.name)} limit ${sampleRows}`;
          const sample = await queries.result({ version: { ...version, rows }, sql, rowsMax: sampleRows, signal }).then((result) => result.rows, passClosed);
          const found = suggestCharts({ table: table.name, columns, rows: sample, language });
          items.push(...found.map((one) => ({ ...one, chart: one.chart as Record<string, unknown>, title: one.title[language], table: table.name, score: one.score + bonus(rows === null ? table.rows : null) })));
        }
        items.sort((a, b) => b.score - a.score);
        return { items: items.slice(0, suggestionsMax), nextCursor: null };
      },
    }),
  ];
}
