import { Type } from "typebox";
import type { RowRules } from "#src/access/rows.ts";
import { route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import type { Columnar } from "./columnar.ts";

const Copy = Type.Object({
  version: Type.String(),
  /** `closed`: rules hide some of the rows from the reader. */
  state: Type.Union([Type.Literal("none"), Type.Literal("asked"), Type.Literal("ready"), Type.Literal("failed"), Type.Literal("closed")]),
  /** Of all its files; null until it is ready. */
  sizeBytes: Type.Union([Type.Integer(), Type.Null()]),
  tables: Type.Array(
    Type.Object({
      name: Type.String(),
      rows: Type.Integer(),
      /** `unclean`: why SQLite may answer otherwise about this column. */
      columns: Type.Array(Type.Object({ name: Type.String(), type: Type.String(), unclean: Type.Union([Type.String(), Type.Null()]) })),
    }),
  ),
});

export function columnarRoutes({ columnar, databases, rules }: { columnar: Columnar; databases: Databases; rules: RowRules }): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/databases/:id/columnar",
      summary: "The columnar copy of the current version, from which DuckDB answers",
      tag: "databases",
      access: { action: "database:query", of: "database", param: "id" },
      params: Type.Object({ id: Type.String() }),
      responses: { 200: Copy },
      async handler({ actor, resource: { team, id } }) {
        const version = await databases.currentVersion(team, id);
        const nothing = { version: version.id, sizeBytes: null, tables: [] };
        if ((await rules.accessOf(actor, { id, team })) !== null) return { ...nothing, state: "closed" as const };
        const { state, tables } = await columnar.stateOf(version);
        if (state !== "ready") return { ...nothing, state };
        return {
          version: version.id, state, sizeBytes: tables.reduce((sum, table) => sum + table.sizeBytes, 0), tables: tables.map(({ name, rows, columns }) => ({ name, rows, columns })),
        };
      },
    }),
  ];
}
