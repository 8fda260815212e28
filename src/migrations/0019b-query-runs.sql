-- Which questions a database was really asked, and how long they took: what advice on indexes is made of. Of those that
-- took no time, and of readers from whom rows are hidden, nothing is kept.
create table query_runs (
  database_id text not null references databases on delete cascade,
  team_id text not null references teams on delete cascade,
  sql_hash text not null,
  sql text not null,
  -- Of the last time.
  parameters jsonb not null,
  runs bigint not null,
  total_ms double precision not null,
  last_at timestamptz not null,
  primary key (database_id, sql_hash)
);
create index query_runs_age on query_runs (last_at);
alter table query_runs enable row level security;
create policy team on query_runs using (reaches_team(team_id)) with check (reaches_team(team_id));
grant select, insert, update, delete on query_runs to kliv_app;
