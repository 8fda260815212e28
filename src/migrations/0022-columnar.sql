-- The columnar copy of a version: derived, so it may be missing at any time and is made again.
create table columnar_copies (
  version_id text primary key references versions on delete cascade,
  database_id text not null references databases on delete cascade,
  team_id text not null references teams on delete cascade,
  format integer not null,
  state text not null check (state in ('asked', 'ready', 'failed')),
  -- With the object of each table's file.
  tables jsonb not null default '[]',
  reason text,
  asked_at timestamptz not null,
  made_at timestamptz
);
create index columnar_copies_database on columnar_copies (database_id);
alter table columnar_copies enable row level security;
create policy team on columnar_copies using (reaches_team(team_id)) with check (reaches_team(team_id));
grant select, insert, update, delete on columnar_copies to kliv_app;
