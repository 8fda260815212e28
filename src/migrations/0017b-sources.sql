-- Where a database is refreshed from, on a schedule.
create table sources (
  database_id text primary key references databases on delete cascade,
  team_id text not null references teams on delete cascade,
  kind text not null check (kind in ('url', 's3')),
  -- Address and credentials, sealed; and what of them may be shown.
  sealed text not null,
  shown jsonb not null,
  every text not null check (every in ('hour', 'day', 'week')),
  -- What the other side said of the file that was taken last, and its checksum.
  etag text,
  last_modified text,
  sha256 text,
  -- Null while it is paused.
  next_at timestamptz,
  -- The refresh that is queued or under way: another one, or a late one, is none.
  run_id text,
  run_at timestamptz,
  checked_at timestamptz,
  changed_at timestamptz,
  -- In a row, the newest one's problem in both languages, and whether somebody was told of this row.
  failures integer not null default 0,
  problem jsonb,
  is_told boolean not null default false,
  created_by text references users on delete set null,
  created_at timestamptz not null
);
create index sources_due on sources (next_at) where next_at is not null;
create index sources_team on sources (team_id);
create index sources_created_by on sources (created_by);
alter table sources enable row level security;
create policy team on sources using (reaches_team(team_id)) with check (reaches_team(team_id));
grant select, insert, update, delete on sources to kliv_app;
