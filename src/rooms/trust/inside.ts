import { sql } from "kysely";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import type { DatabaseRole } from "./promise.ts";

/** The rows that PostgreSQL holds of one account, each as text, as somebody would find them who had its files. */
export async function storedRows(postgres: Postgres, user: string): Promise<string[]> {
  return await postgres.transaction({ operator: true, user }, async (tx) => {
    const { rows } = await sql<{ row: string }>`
      select to_jsonb(u)::text as row from users u where id = ${user}
      union all select to_jsonb(l)::text from password_links l where user_id = ${user}
      union all select to_jsonb(s)::text from sessions s where user_id = ${user}
      union all select to_jsonb(t)::text from tokens t where user_id = ${user}`.execute(tx);
    return rows.map(({ row }) => row);
  });
}

/** What the role that this process works as could do beyond what it should. */
export async function describeRole(postgres: Postgres): Promise<DatabaseRole> {
  return await postgres.transaction({}, async (tx) => {
    const role = await sql<{ isPrivileged: boolean; tablesOwned: number }>`select rolsuper or rolbypassrls or rolcreaterole as "isPrivileged",
      (select count(*)::int from pg_tables where tableowner = current_user) as "tablesOwned" from pg_roles where rolname = current_user`.execute(tx);
    // Each table that names a team, by its own columns: one that is added later is held too.
    const tables = await sql<{ name: string; isWalled: boolean }>`select c.relname as name, c.relrowsecurity as "isWalled" from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'team_id'
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and has_table_privilege(c.oid, 'select')`.execute(tx);
    let rowsUnreached = 0;
    // What is public is seen by everyone, whoever's it is.
    for (const { name } of tables.rows.filter((table) => table.name !== "publications")) {
      const { rows } = await sql<{ seen: number }>`select count(*)::int as seen from (select 1 from ${sql.table(name)} where team_id is not null limit 1000) as found`.execute(tx);
      rowsUnreached += rows[0]?.seen ?? 0;
    }
    return {
      isPrivileged: role.rows[0]?.isPrivileged ?? true, tablesOwned: role.rows[0]?.tablesOwned ?? 0, rowsUnreached,
      openTables: tables.rows.filter(({ isWalled }) => !isWalled).map(({ name }) => name).toSorted(),
    };
  });
}
