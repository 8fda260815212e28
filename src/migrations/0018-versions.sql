-- What a person calls a version; one with a label is never removed by itself.
alter table versions add column label text not null default '';
alter table versions add column note text not null default '';
-- A restored version points to the object of the one with this number.
alter table versions add column restored_from integer;
-- Several versions can point to one object: it goes with the last of them.
create index versions_object on versions (blob_key);
-- The last so many versions, and those of the last so many days, are kept; without both, all are.
alter table databases add column keep_versions integer check (keep_versions >= 1);
alter table databases add column keep_days integer check (keep_days >= 1);
-- So that whoever asks for a version that was removed is told so.
create table removed_versions (
  id text primary key,
  database_id text not null references databases on delete cascade,
  team_id text not null references teams on delete cascade,
  number integer not null,
  removed_at timestamptz not null
);
create index removed_versions_database on removed_versions (database_id);
alter table removed_versions enable row level security;
create policy team on removed_versions using (reaches_team(team_id)) with check (reaches_team(team_id));
grant select, insert, update, delete on removed_versions to kliv_app;
