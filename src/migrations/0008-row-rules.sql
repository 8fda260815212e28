-- Who sees which rows of a hosted database: the whole set of a database's rules at once, numbered with each change.
create table row_rules (
  database_id text primary key references databases on delete cascade,
  team_id text not null references teams on delete cascade,
  number integer not null,
  rules jsonb not null,
  updated_by text references users on delete set null,
  updated_at timestamptz not null
);
alter table row_rules enable row level security;
create policy team on row_rules using (reaches_team(team_id)) with check (reaches_team(team_id));
grant select, insert, update, delete on row_rules to kliv_app;
