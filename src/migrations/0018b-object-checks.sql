-- When each stored object of a version was last read bit by bit, and how it was.
create table object_checks (
  blob_key text primary key,
  team_id text not null references teams on delete cascade,
  checked_at timestamptz not null,
  state text not null check (state in ('sound', 'repaired', 'damaged'))
);
create index object_checks_damaged on object_checks (team_id) where state = 'damaged';
alter table object_checks enable row level security;
create policy team on object_checks using (reaches_team(team_id)) with check (reaches_team(team_id));
grant select, insert, update, delete on object_checks to kliv_app;
