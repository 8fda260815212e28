import { readdirSync } from "node:fs";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Config } from "#src/base/config.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { workRoots } from "#src/base/work.ts";
import type { Place } from "./places.ts";

export type FoundPlace = Pick<Place, "kind" | "name">;

/** What there is in the running installation, by the names that the map uses. Names only; nothing is opened. */
export async function findPlaces({ config, postgres, blobs }: { config: Config; postgres: Postgres; blobs: Blobs }): Promise<FoundPlace[]> {
  const [tables, objects] = [await findTables(postgres), await findPrefixes(blobs)];
  const home = readdirSync(config.home).map((name) => (name.endsWith(".new") ? name.slice(0, -".new".length) : name));
  const roots = Object.values(workRoots({ home: config.home, diskDir: config.cacheDir }));
  const work = roots.flatMap((root) => list(root).map((name) => (name.startsWith("job-") ? "job" : /^[0-9a-f-]{82}\.sqlite(\.|$)/.test(name) ? "copy" : name)));
  const of = (kind: Place["kind"], names: string[]): FoundPlace[] => [...new Set(names)].map((name) => ({ kind, name }));
  return [...of("table", tables), ...of("objects", objects), ...of("home", home), ...of("work", work)];
}

async function findTables(postgres: Postgres): Promise<string[]> {
  // The catalog tells everyone of every table.
  const { rows } = await postgres.pool.query<{ schema: string; name: string }>(
    "select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^(pg_|information_schema$)'",
  );
  return rows.map(({ schema, name }) => (schema === "public" ? name : `${schema}.*`));
}

/** The first parts of all keys: after one of them, all that begin with it are passed over. */
async function findPrefixes(blobs: Blobs): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | undefined; ; ) {
    const { items } = await blobs.list("", { limit: 1, ...(after === undefined ? {} : { after }) });
    const [item] = items;
    if (!item) return found;
    const [first = "", ...rest] = item.key.split("/");
    found.push(rest.length > 0 ? `${first}/` : first);
    // The next character after the slash.
    after = rest.length > 0 ? `${first}0` : first;
  }
}

function list(folder: string | null): string[] {
  try {
    return folder === null ? [] : readdirSync(folder);
  } catch {
    return [];
  }
}
