import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import type { Queries, Sight } from "#src/rooms/queries/queries.ts";
import { profile } from "./profile.ts";
import { catalogLimits } from "./schema.ts";
import type { Description, Profile } from "./schema.ts";
import * as store from "./store.ts";

/** What is known about the tables and columns of hosted databases beyond their names and types. */
export interface Catalog {
  descriptions(team: string, database: string): Promise<Description[]>;
  /** Sets those that are named; without words one is gone. Throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND, DESCRIPTIONS_TOO_MANY. */
  describe(options: { team: string; database: string; items: Description[]; by: Doer }): Promise<Description[]>;
  /** What stands in a column. Throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND and what a question throws. */
  profile(options: { version: Sight; table: string; column: string; signal?: AbortSignal }): Promise<Profile>;
}

interface Parts {
  postgres: Postgres;
  audit: Audit;
  databases: Databases;
  queries: Pick<Queries, "result">;
}

interface KnownTable {
  name: string;
  kind: string;
  rows: number | null;
  columns: { name: string; primaryKey: boolean }[];
}

const namesTold = 20;

export function createCatalog({ postgres, audit, databases, queries }: Parts): Catalog {
  const within = <T>(team: string, work: (tx: Tx) => Promise<T>): Promise<T> => postgres.transaction({ teams: [team] }, work);
  return {
    descriptions: (team, database) => within(team, async (tx) => (await store.listDescriptions(tx, database)).map(show)),
    async describe({ team, database, items, by }) {
      const { tables } = await databases.get(team, database);
      for (const { table, column } of items) {
        const found = tables.find((one) => one.name === table) ?? noTable(table, tables);
        if (column !== undefined && !found.columns.some((one) => one.name === column)) noColumn(column, found);
      }
      return await within(team, async (tx) => {
        if (!(await store.lockDatabase(tx, database))) throw new Problem("NOT_FOUND");
        for (const { table, column = "", words } of items) {
          const row = { database_id: database, team_id: team, table_name: table, column_name: column, words: words.trim() };
          if (row.words === "") await store.deleteDescription(tx, row);
          else await store.putDescription(tx, row);
        }
        const all = await store.listDescriptions(tx, database);
        if (all.length > catalogLimits.descriptionsMax) throw new Problem("DESCRIPTIONS_TOO_MANY", { values: { max: catalogLimits.descriptionsMax } });
        await audit.record(tx, { team, action: "database:describe", by, resource: { kind: "database", id: database }, facts: { items: items.length } });
        return all.map(show);
      });
    },
    async profile({ version, table, column, signal }) {
      const tables = (await databases.describe(version)).tables as unknown as KnownTable[];
      const found = tables.find((one) => one.name === table) ?? noTable(table, tables);
      if (!found.columns.some((one) => one.name === column)) noColumn(column, found);
      // A key that is no number may be the table's own order: then its rows have no other number.
      const hasRowid = found.kind === "table" && !found.columns.some((one) => one.name.toLowerCase() === "rowid");
      const asked = { version, table, column, rows: version.rows === null ? found.rows : null, hasRowid, signal };
      try {
        return await profile(queries, asked);
      } catch (error) {
        if (!hasRowid || !(error instanceof Problem) || error.code !== "QUERY_INVALID") throw error;
        return await profile(queries, { ...asked, hasRowid: false });
      }
    },
  };
}

const show = ({ table_name: table, column_name: column, words }: { table_name: string; column_name: string; words: string }): Description => ({ table, ...(column === "" ? {} : { column }), words });

const told = (items: { name: string }[]): string => `${items.slice(0, namesTold).map(({ name }) => name).join(", ")}${items.length > namesTold ? ", …" : ""}`;

function noTable(table: string, tables: { name: string }[]): never {
  throw new Problem("TABLE_NOT_FOUND", { values: { table: table.slice(0, 200), tables: told(tables) } });
}

function noColumn(column: string, table: { name: string; columns: { name: string }[] }): never {
  throw new Problem("COLUMN_NOT_FOUND", { values: { column: column.slice(0, 200), table: table.name.slice(0, 200), columns: told(table.columns) } });
}
