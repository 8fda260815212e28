-- A directory that keeps a team's people: one for each connection, known by the hash of its token.
create table scim_directories (
  connection_id text primary key,
  team_id text not null,
  token_hash text not null unique,
  created_at timestamptz not null,
  last_used_at timestamptz,
  foreign key (team_id, connection_id) references saml_connections (team_id, id) on delete cascade
);
-- The people it speaks of; who is not active is in the team no more, and is not let in by the provider either.
create table scim_users (
  connection_id text not null,
  team_id text not null,
  user_id text not null references users on delete cascade,
  external_id text,
  is_active boolean not null,
  -- Gone for the directory; kept so that the provider does not let them in again on its own.
  is_deleted boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (connection_id, user_id),
  foreign key (team_id, connection_id) references saml_connections (team_id, id) on delete cascade
);
create index scim_users_user on scim_users (team_id, user_id);
-- The team's groups that it keeps.
create table scim_groups (
  connection_id text not null,
  team_id text not null,
  group_id text not null,
  external_id text,
  created_at timestamptz not null,
  primary key (connection_id, group_id),
  foreign key (team_id, connection_id) references saml_connections (team_id, id) on delete cascade,
  foreign key (team_id, group_id) references groups (team_id, id) on delete cascade
);
do $$
declare name text;
begin
  foreach name in array array['scim_directories', 'scim_users', 'scim_groups'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy team on %I using (reaches_team(team_id)) with check (reaches_team(team_id))', name);
  end loop;
end $$;
create policy bearer on scim_directories for select using (token_hash = current_setting('kliv.slug', true));
grant select, insert, update, delete on scim_directories, scim_users, scim_groups to kliv_app;
