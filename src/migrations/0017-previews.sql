-- A file that was uploaded to be looked at, until it is imported or a day has passed.
create table previews (
  id text primary key,
  team_id text not null references teams on delete cascade,
  -- Whoever uploaded it: a person or a service account. It is there for nobody else.
  user_id text references users on delete cascade,
  service_id text,
  -- Set where it becomes a version of a database.
  database_id text references databases on delete cascade,
  file_name text not null,
  content_type text not null,
  size_bytes bigint not null,
  blob_key text not null unique,
  -- What its uploader decided, and what the import would then make of it.
  choices jsonb not null,
  is_remembered boolean not null,
  looked jsonb not null,
  -- The newest import of it.
  job_id text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  foreign key (team_id, service_id) references service_accounts (team_id, id) on delete cascade,
  check (num_nonnulls(user_id, service_id) = 1)
);
create index previews_team on previews (team_id);
create index previews_expiry on previews (expires_at);
create index previews_user on previews (user_id);
create index previews_service on previews (service_id);
create index previews_database on previews (database_id);
alter table previews enable row level security;
create policy team on previews using (reaches_team(team_id)) with check (reaches_team(team_id));
grant select, insert, update, delete on previews to kliv_app;
