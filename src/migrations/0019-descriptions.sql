-- What tables and columns of a hosted database mean, in its people's words. They belong to the database and not to one of
-- its versions: a new file with the same columns means the same.
create table descriptions (
  database_id text not null references databases on delete cascade,
  team_id text not null references teams on delete cascade,
  table_name text not null,
  -- Empty for the table itself.
  column_name text not null,
  words text not null,
  primary key (database_id, table_name, column_name)
);
alter table descriptions enable row level security;
create policy team on descriptions using (reaches_team(team_id)) with check (reaches_team(team_id));
grant select, insert, update, delete on descriptions to kliv_app;
