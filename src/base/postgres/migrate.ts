import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { Problem } from "../problems/problem.ts";
import { unreachable } from "./postgres.ts";

/** Brings something up to date that keeps its own versions; run after the migrations whenever one of its packages changed. */
type Finish = { name: string; run(): Promise<void> };

// Any number will do as long as all nodes use the same: one migrates, the others wait.
const migrationLock = 74_740_074;

/**
 * Brings the schema up to date, as its owner: `src/migrations/NNNN-name.sql` in order, each in a transaction of its own.
 * Refuses, before anything is read, a database that was made for another environment.
 */
export async function migrate(options: { ownerUrl: string; folder: string; environment: string; appRole: string; finish: Finish }): Promise<void> {
  const client = new pg.Client({ connectionString: options.ownerUrl });
  try {
    await client.connect();
  } catch (error) {
    throw unreachable(error);
  }
  try {
    await client.query("select pg_advisory_lock($1)", [migrationLock]);
    await client.query("create table if not exists installation (environment text not null, one boolean primary key default true check (one))");
    await holdEnvironment(client, options.environment);
    await client.query("create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())");
    await ensureRole(client, options.appRole);
    const { rows } = await client.query<{ name: string }>("select name from migrations");
    const applied = new Set(rows.map((row) => row.name));
    const own = readdirSync(options.folder).filter((file) => file.endsWith(".sql")).sort();
    // An older program would read and write a schema that it does not know.
    const unknown = [...applied].find((name) => /^\d{4}.*\.sql$/.test(name) && !own.includes(name));
    if (unknown) throw new Problem("SCHEMA_NEWER", { values: { migration: unknown } });
    for (const name of own) {
      if (!applied.has(name)) await apply(client, { name, text: readFileSync(join(options.folder, name), "utf8"), appRole: options.appRole });
    }
    if (!applied.has(options.finish.name)) {
      await options.finish.run();
      await client.query("insert into migrations (name) values ($1)", [options.finish.name]);
    }
  } finally {
    await client.end();
  }
}

async function holdEnvironment(client: pg.Client, environment: string): Promise<void> {
  await client.query("insert into installation (environment) values ($1) on conflict do nothing", [environment]);
  const { rows } = await client.query<{ environment: string }>("select environment from installation");
  const found = rows[0]?.environment;
  if (found !== environment) throw new Problem("ENVIRONMENT_MISMATCH", { values: { environment, found: found ?? "?" } });
}

// With DATABASE_URL the role may not exist yet; the owner then makes it and can become it.
async function ensureRole(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query("select 1 from pg_roles where rolname = $1", [role]);
  if (rows.length === 0) {
    await client.query(`create role ${pg.escapeIdentifier(role)} nologin nosuperuser nobypassrls`);
    await client.query(`grant ${pg.escapeIdentifier(role)} to current_user`);
  }
}

async function apply(client: pg.Client, migration: { name: string; text: string; appRole: string }): Promise<void> {
  await client.query("begin");
  try {
    await client.query(migration.text);
    await client.query(`grant usage on schema public to ${pg.escapeIdentifier(migration.appRole)}`);
    await client.query("insert into migrations (name) values ($1)", [migration.name]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw new Error(`Migration ${migration.name} failed`, { cause: error });
  }
}
