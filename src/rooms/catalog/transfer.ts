import type { Tx } from "#src/base/postgres/postgres.ts";
import type { Description } from "./schema.ts";
import * as store from "./store.ts";

/** The descriptions of one database in a workspace's export. */
export interface PortableDescriptions {
  database: string;
  items: Description[];
}

/** In the order of their databases' names in the export. */
export async function exportDescriptions(tx: Tx, { team, databases }: { team: string; databases: ReadonlyMap<string, string> }): Promise<PortableDescriptions[]> {
  const found = new Map<string, Description[]>();
  for (const { database_id, table_name: table, column_name: column, words } of await store.listOfTeam(tx, team)) {
    const name = databases.get(database_id) ?? database_id;
    found.set(name, [...(found.get(name) ?? []), { table, ...(column === "" ? {} : { column }), words }]);
  }
  const key = ({ table, column = "" }: Description): string => JSON.stringify([table, column]);
  return [...found].map(([database, items]) => ({ database, items: items.sort((a, b) => (key(a) < key(b) ? -1 : 1)) })).sort((a, b) => (a.database < b.database ? -1 : 1));
}

export async function importDescriptions(tx: Tx, { team, descriptions, databases }: { team: string; descriptions: PortableDescriptions[]; databases: ReadonlyMap<string, string> }): Promise<void> {
  for (const one of descriptions) {
    const database = databases.get(one.database);
    if (database === undefined) continue;
    for (const { table, column = "", words } of one.items) await store.putDescription(tx, { database_id: database, team_id: team, table_name: table, column_name: column, words });
  }
}
