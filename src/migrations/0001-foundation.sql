-- What the current transaction may reach. Set by base/postgres for each transaction; empty means nothing.
create function reaches_team(team text) returns boolean language sql stable parallel safe as
  $$ select team = any (string_to_array(current_setting('kliv.teams', true), ',')) or current_setting('kliv.operator', true) = 'on' $$;
create function reaches_user(person text) returns boolean language sql stable parallel safe as
  $$ select person = nullif(current_setting('kliv.user', true), '') or current_setting('kliv.operator', true) = 'on' $$;

-- People. An account belongs to no team, so it is guarded by its keys (hashes of secrets), not by team.
create table users (
  id text primary key,
  name text not null,
  user_name text not null,
  email text not null,
  password_hash text,
  language text not null default 'en' check (language in ('en', 'ja')),
  created_at timestamptz not null
);
create unique index users_email on users (lower(email));
create unique index users_user_name on users (lower(user_name));

create table password_links (
  link_hash text primary key,
  email text not null,
  user_id text references users on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index password_links_email on password_links (lower(email));

create table sessions (
  id text primary key,
  session_hash text not null unique,
  user_id text not null references users on delete cascade,
  agent text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null
);
create index sessions_user on sessions (user_id);

create table signin_failures (
  account_hash text primary key,
  failures integer not null,
  failed_at timestamptz not null,
  locked_until timestamptz
);

create table teams (
  id text primary key,
  name text not null,
  plan text not null check (plan in ('free', 'business', 'enterprise')),
  created_at timestamptz not null
);
create table members (
  team_id text not null references teams on delete cascade,
  user_id text not null references users on delete cascade,
  role text not null check (role in ('owner', 'admin', 'editor', 'viewer')),
  created_at timestamptz not null,
  primary key (team_id, user_id)
);
create index members_user on members (user_id);

create table tokens (
  id text primary key,
  token_hash text not null unique,
  team_id text not null references teams on delete cascade,
  user_id text not null references users on delete cascade,
  name text not null,
  scope text not null check (scope in ('all', 'read')),
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz
);

create table audit_events (
  id text primary key,
  team_id text references teams on delete cascade,
  at timestamptz not null,
  action text not null,
  actor_kind text not null,
  actor_id text,
  resource_kind text not null,
  resource_id text not null,
  request_id text,
  address text,
  facts jsonb not null default '{}'
);
create index audit_events_team on audit_events (team_id, id desc);

-- Data.
create table databases (
  id text primary key,
  team_id text not null references teams on delete cascade,
  name text not null,
  description text not null default '',
  version_id text,
  created_by text references users on delete set null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index databases_team on databases (team_id, id desc);
create table versions (
  id text primary key,
  database_id text not null references databases on delete cascade,
  team_id text not null references teams on delete cascade,
  number integer not null,
  blob_key text not null,
  size_bytes bigint not null,
  sha256 text not null,
  tables jsonb not null,
  source jsonb not null,
  created_by text references users on delete set null,
  created_at timestamptz not null,
  unique (database_id, number)
);
create table queries (
  id text primary key,
  team_id text not null references teams on delete cascade,
  database_id text not null references databases on delete cascade,
  name text not null,
  definition jsonb not null,
  created_by text references users on delete set null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index queries_team on queries (team_id, id desc);

create table jobs (
  id text primary key,
  team_id text not null references teams on delete cascade,
  user_id text,
  kind text not null,
  input jsonb not null,
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  progress jsonb not null default '{"done":0,"total":null,"unit":"bytes"}',
  result jsonb,
  error jsonb,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index jobs_team on jobs (team_id, id desc);

create table idempotency_keys (
  team_id text not null references teams on delete cascade,
  actor_id text not null,
  idempotency_key text not null,
  request_hash text not null,
  status integer not null,
  body jsonb not null,
  created_at timestamptz not null,
  primary key (team_id, actor_id, idempotency_key)
);

-- Reports.
create table reports (
  id text primary key,
  team_id text not null references teams on delete cascade,
  version integer not null,
  definition jsonb not null,
  created_by text references users on delete set null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index reports_team on reports (team_id, id desc);
create table report_versions (
  report_id text not null references reports on delete cascade,
  team_id text not null references teams on delete cascade,
  version integer not null,
  definition jsonb not null,
  created_by text references users on delete set null,
  created_at timestamptz not null,
  primary key (report_id, version)
);
-- A publication holds all that a reader is shown, frozen: the definition and the version of each database.
create table publications (
  report_id text primary key references reports on delete cascade,
  team_id text not null references teams on delete cascade,
  slug text not null unique,
  visibility text not null check (visibility in ('team', 'link', 'public')),
  report_version integer not null,
  revision integer not null,
  definition jsonb not null,
  pins jsonb not null,
  search text not null,
  tags text[] not null,
  views bigint not null default 0,
  published_by text references users on delete set null,
  published_at timestamptz not null
);
create index publications_public on publications (published_at desc) where visibility = 'public';

create table promise_results (
  promise_id text primary key,
  state text not null,
  evidence jsonb not null,
  checked_at timestamptz not null
);

-- Row-level security: a second wall behind can(). The application's role owns nothing and cannot pass it.
do $$
declare name text;
begin
  foreach name in array array['databases', 'versions', 'queries', 'jobs', 'idempotency_keys', 'reports', 'report_versions', 'tokens'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy team on %I using (reaches_team(team_id)) with check (reaches_team(team_id))', name);
  end loop;
end $$;
-- A token is found by its hash before anything is known of its team.
create policy bearer on tokens for select using (token_hash = current_setting('kliv.slug', true));
alter table teams enable row level security;
create policy team on teams using (reaches_team(id)) with check (reaches_team(id));
alter table members enable row level security;
create policy team on members using (reaches_team(team_id)) with check (reaches_team(team_id));
create policy self on members for select using (reaches_user(user_id));
create policy mine on teams for select using (exists (select 1 from members where members.team_id = teams.id and members.user_id = current_setting('kliv.user', true)));
alter table audit_events enable row level security;
create policy read on audit_events for select using (reaches_team(team_id));
-- Events are only ever added; no policy allows a change or a deletion.
create policy add on audit_events for insert with check (true);
alter table publications enable row level security;
create policy team on publications using (reaches_team(team_id)) with check (reaches_team(team_id));
create policy open on publications for select using (visibility = 'public');
create policy known on publications for select using (visibility = 'link' and slug = current_setting('kliv.slug', true));

grant select, insert, update, delete on users, password_links, sessions, signin_failures, teams, members, tokens, databases, versions,
  queries, jobs, idempotency_keys, reports, report_versions, publications, promise_results to kliv_app;
grant select, insert on audit_events to kliv_app;
grant select on installation to kliv_app;
