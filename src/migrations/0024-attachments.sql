-- Pictures and documents of a team, for its reports. The bytes are objects: what is served, and a small copy for pictures
-- of reports. An imported one waits for its bytes without a key.
create table attachments (
  id text primary key,
  team_id text not null references teams on delete cascade,
  name text not null,
  format text not null check (format in ('png', 'jpeg', 'svg', 'pdf')),
  size_bytes bigint not null,
  sha256 text not null,
  width integer,
  height integer,
  pages integer,
  notes jsonb not null,
  blob_key text not null,
  small_key text,
  created_by text references users on delete set null,
  created_at timestamptz not null,
  -- What an imported workspace calls it.
  portable_id text
);
create index attachments_team on attachments (team_id, id desc);
alter table attachments enable row level security;
create policy team on attachments using (reaches_team(team_id)) with check (reaches_team(team_id));
grant select, insert, update, delete on attachments to kliv_app;

-- What a publication shows of them, frozen as its definition is.
alter table publications add column attachments jsonb not null default '{}';
