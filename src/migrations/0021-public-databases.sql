-- Databases that a team opened to everyone: schema, rows, download and reading SQL.
create table public_databases (
  database_id text primary key references databases on delete cascade,
  team_id text not null references teams on delete cascade,
  slug text not null unique,
  published_by text references users on delete set null,
  published_at timestamptz not null
);
create index public_databases_team on public_databases (team_id);
alter table public_databases enable row level security;
create policy team on public_databases using (reaches_team(team_id)) with check (reaches_team(team_id));
grant select, insert, update, delete on public_databases to kliv_app;

-- What a stranger may know, and nothing else: it runs as the owner, because a stranger reaches no team. A database that was
-- restricted since, that has rules on its rows, or whose bytes are not here, is not shown, whatever stands in the table.
create function open_databases(wanted text) returns table (
  database_id text, team_id text, slug text, published_at timestamptz, name text, description text, version_id text, version_at timestamptz,
  blob_key text, sha256 text, size_bytes bigint, tables jsonb
) language sql stable security definer set search_path = public, pg_temp as $$
  select d.id, d.team_id, p.slug, p.published_at, d.name, d.description, v.id, v.created_at, v.blob_key, v.sha256, v.size_bytes, v.tables
  from public_databases p join databases d on d.id = p.database_id join versions v on v.id = d.version_id
  where (wanted is null or p.slug = wanted) and not d.is_restricted and v.blob_key <> ''
    and not exists (select 1 from row_rules r where r.database_id = d.id and jsonb_array_length(r.rules) > 0)
$$;
revoke all on function open_databases(text) from public;
grant execute on function open_databases(text) to kliv_app;
