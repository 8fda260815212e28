-- A domain of mail that a team has shown to be its own. Several may try; one succeeds.
create table domains (
  team_id text not null references teams on delete cascade,
  domain text not null check (domain = lower(domain)),
  -- What the record has to say.
  proof text not null,
  verified_at timestamptz,
  -- People of this domain sign in by the team's identity provider only.
  sso_required boolean not null default false,
  created_at timestamptz not null,
  primary key (team_id, domain),
  check (verified_at is not null or not sso_required)
);
create unique index domains_verified on domains (domain) where verified_at is not null;

-- Per team: the one owner who comes in by password even where single sign-on is required.
create table sso_settings (
  team_id text primary key references teams on delete cascade,
  break_glass_user text references users on delete set null
);

create table saml_connections (
  id text primary key,
  team_id text not null references teams on delete cascade,
  name text not null,
  is_enabled boolean not null default true,
  -- What the provider says of itself, and where that is read again each day.
  metadata text not null,
  metadata_url text,
  metadata_read_at timestamptz not null,
  idp_entity_id text not null,
  sso_url text not null,
  slo_url text,
  slo_response_url text,
  certificates text[] not null,
  signs_requests boolean not null default true,
  idp_initiated boolean not null default false,
  email_attribute text,
  name_attribute text,
  role_attribute text,
  -- An object: value of the attribute to role.
  roles jsonb not null default '{}',
  -- Of who has no value in the table; null lets nobody in without one.
  default_role text check (default_role in ('admin', 'editor', 'viewer')),
  -- Why somebody was refused lately, for the administrator.
  refusal text,
  refused_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (team_id, id)
);
create index saml_connections_team on saml_connections (team_id, id desc);

-- Our own keys towards one provider. `next` is published and decrypts, `current` also signs, `old` only decrypts.
create table saml_keys (
  id text primary key,
  connection_id text not null,
  team_id text not null,
  use text not null check (use in ('signing', 'encryption')),
  state text not null check (state in ('next', 'current', 'old')),
  certificate text not null,
  -- Sealed with a key of this home.
  private_key text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  foreign key (team_id, connection_id) references saml_connections (team_id, id) on delete cascade
);
create index saml_keys_connection on saml_keys (connection_id);

-- Requests of ours that were not answered yet: an answer is taken once, in the browser that asked.
create table saml_requests (
  id text primary key,
  connection_id text not null,
  team_id text not null,
  kind text not null check (kind in ('login', 'logout')),
  relay_hash text not null,
  browser_hash text,
  path text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  foreign key (team_id, connection_id) references saml_connections (team_id, id) on delete cascade
);
create index saml_requests_expiry on saml_requests (expires_at);

-- Assertions that have let somebody in: none does so twice.
create table saml_assertions (
  connection_id text not null,
  team_id text not null,
  assertion_id text not null,
  expires_at timestamptz not null,
  primary key (connection_id, assertion_id),
  foreign key (team_id, connection_id) references saml_connections (team_id, id) on delete cascade
);
create index saml_assertions_expiry on saml_assertions (expires_at);

-- Which sessions a provider may end.
create table saml_sessions (
  session_id text primary key references sessions on delete cascade on update cascade,
  connection_id text not null,
  team_id text not null,
  user_id text not null references users on delete cascade,
  name_id text not null,
  name_id_format text,
  session_index text,
  foreign key (team_id, connection_id) references saml_connections (team_id, id) on delete cascade
);
create index saml_sessions_name on saml_sessions (connection_id, name_id);

do $$
declare name text;
begin
  foreach name in array array['domains', 'sso_settings', 'saml_connections', 'saml_keys', 'saml_requests', 'saml_assertions', 'saml_sessions'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy team on %I using (reaches_team(team_id)) with check (reaches_team(team_id))', name);
  end loop;
end $$;
-- Who signs in is nobody yet: whose a domain is has to be known before that, as does the connection that a provider answers to.
create policy known on domains for select using (verified_at is not null);
create policy known on saml_connections for select using (id = current_setting('kliv.slug', true));
create policy person on saml_sessions for select using (reaches_user(user_id));
-- A guard asks in the name of the person who signs in, who may be in no team of the domain's.
create policy of_verified on sso_settings for select using (exists (select 1 from domains where domains.team_id = sso_settings.team_id and domains.sso_required));

grant select, insert, update, delete on domains, sso_settings, saml_connections, saml_keys, saml_requests, saml_assertions, saml_sessions to kliv_app;
