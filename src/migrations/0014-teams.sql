-- Groups of a team's people: for sharing, and for rules on rows.
create table groups (
  id text primary key,
  team_id text not null references teams on delete cascade,
  name text not null,
  created_at timestamptz not null,
  unique (team_id, id)
);
create unique index groups_name on groups (team_id, lower(name));
create table group_members (
  group_id text not null,
  team_id text not null,
  user_id text not null,
  created_at timestamptz not null,
  primary key (group_id, user_id),
  foreign key (team_id, group_id) references groups (team_id, id) on delete cascade,
  -- Who leaves the team leaves its groups: who is added again later begins without them.
  foreign key (team_id, user_id) references members (team_id, user_id) on delete cascade
);
create index group_members_user on group_members (user_id);
create index group_members_member on group_members (team_id, user_id);

-- An invitation is one mailed link for one address. It is gone once it is accepted, declined, withdrawn or too old.
create table invitations (
  id text primary key,
  team_id text not null references teams on delete cascade,
  link_hash text not null unique,
  email text not null,
  role text not null check (role in ('owner', 'admin', 'editor', 'viewer')),
  group_ids text[] not null default '{}',
  invited_by text references users on delete set null,
  created_at timestamptz not null,
  mailed_at timestamptz not null,
  expires_at timestamptz not null
);
create unique index invitations_email on invitations (team_id, lower(email));

-- A member that is no person: it belongs to the team, whoever made it.
create table service_accounts (
  id text primary key,
  team_id text not null references teams on delete cascade,
  name text not null,
  role text not null check (role in ('admin', 'editor', 'viewer')),
  created_by text references users on delete set null,
  created_at timestamptz not null,
  unique (team_id, id)
);
create unique index service_accounts_name on service_accounts (team_id, lower(name));
alter table tokens alter column user_id drop not null;
alter table tokens add column service_id text;
alter table tokens add constraint tokens_service foreign key (team_id, service_id) references service_accounts (team_id, id) on delete cascade;
alter table tokens add constraint tokens_one_bearer check (num_nonnulls(user_id, service_id) = 1);
create index tokens_service on tokens (service_id);

-- Everyone in the team may see a database or a report, by their role, unless it is restricted: then those whom a share names.
alter table databases add column is_restricted boolean not null default false;
alter table reports add column is_restricted boolean not null default false;
create table shares (
  team_id text not null references teams on delete cascade,
  database_id text references databases on delete cascade,
  report_id text references reports on delete cascade,
  user_id text,
  group_id text,
  service_id text,
  role text check (role in ('editor', 'viewer')),
  level text not null check (level in ('view', 'edit')),
  created_at timestamptz not null,
  foreign key (team_id, user_id) references members (team_id, user_id) on delete cascade,
  foreign key (team_id, group_id) references groups (team_id, id) on delete cascade,
  foreign key (team_id, service_id) references service_accounts (team_id, id) on delete cascade,
  check (num_nonnulls(database_id, report_id) = 1),
  check (num_nonnulls(user_id, group_id, service_id, role) = 1)
);
create unique index shares_once on shares (coalesce(database_id, report_id), coalesce(user_id, group_id, service_id, role));
create index shares_database on shares (database_id);
create index shares_report on shares (report_id);

-- A new address counts once both mailboxes have agreed; the old one may take it back for a while.
create table email_changes (
  id text primary key,
  user_id text not null references users on delete cascade,
  old_email text not null,
  new_email text not null,
  old_hash text not null unique,
  new_hash text not null unique,
  -- Made when the change is done.
  revert_hash text unique,
  old_confirmed_at timestamptz,
  new_confirmed_at timestamptz,
  done_at timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index email_changes_user on email_changes (user_id);

do $$
declare name text;
begin
  foreach name in array array['groups', 'group_members', 'invitations', 'service_accounts', 'shares'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy team on %I using (reaches_team(team_id)) with check (reaches_team(team_id))', name);
  end loop;
end $$;
create policy self on group_members for select using (reaches_user(user_id));
-- Whoever holds the mailed link finds the invitation, and with it whose it is.
create policy bearer on invitations for select using (link_hash = current_setting('kliv.slug', true));

grant select, insert, update, delete on groups, group_members, invitations, service_accounts, shares, email_changes to kliv_app;
