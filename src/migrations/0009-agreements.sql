-- The operator's privacy policy and terms: each version is written once and never changed.
create table agreements (
  kind text not null,
  version integer not null check (version > 0),
  -- Null for everybody. With a team, a document that exists for one check of a promise, for that team alone.
  team_id text references teams on delete cascade,
  text_en text not null,
  text_ja text not null,
  changes_en text,
  changes_ja text,
  sha256 text not null,
  effective_at timestamptz not null,
  published_at timestamptz not null,
  primary key (kind, version),
  check (case when team_id is null then kind in ('privacy', 'terms') else kind = team_id end)
);
create table agreement_acceptances (
  user_id text not null references users on delete cascade,
  kind text not null,
  version integer not null,
  accepted_at timestamptz not null,
  address text,
  language text not null check (language in ('en', 'ja')),
  method text not null check (method in ('sign-up', 'asked')),
  primary key (user_id, kind, version),
  foreign key (kind, version) references agreements on delete cascade
);
-- What an imported workspace's people accepted where it came from: told on, and counted here for nothing.
create table agreement_history (
  team_id text not null references teams on delete cascade,
  email text not null,
  kind text not null,
  version integer not null,
  sha256 text not null,
  accepted_at timestamptz not null,
  language text not null,
  method text not null,
  primary key (team_id, email, kind, version, sha256, accepted_at)
);
-- A team's own agreement with the operator: noted, not kept here.
create table team_agreements (
  id text primary key,
  team_id text not null references teams on delete cascade,
  title text not null,
  reference text not null,
  agreed_on date not null,
  noted_at timestamptz not null,
  is_imported boolean not null
);
create index team_agreements_team on team_agreements (team_id, id desc);

alter table agreements enable row level security;
create policy read on agreements for select using (team_id is null or reaches_team(team_id));
create policy publish on agreements for insert with check (current_setting('kliv.operator', true) = 'on');
alter table agreement_acceptances enable row level security;
create policy read on agreement_acceptances for select using (reaches_user(user_id)
  or exists (select from members where members.user_id = agreement_acceptances.user_id and reaches_team(members.team_id)));
-- Who has just made an account is reached by the team that was made with it.
create policy accept on agreement_acceptances for insert with check (reaches_user(user_id)
  or exists (select from members where members.user_id = agreement_acceptances.user_id and reaches_team(members.team_id)));
alter table agreement_history enable row level security;
create policy team on agreement_history using (reaches_team(team_id)) with check (reaches_team(team_id));
alter table team_agreements enable row level security;
create policy read on team_agreements for select using (reaches_team(team_id));
-- Only the operator notes one; what an import brings is marked as that.
create policy note on team_agreements for insert with check (reaches_team(team_id) and (is_imported or current_setting('kliv.operator', true) = 'on'));

grant select, insert on agreements, agreement_acceptances, agreement_history, team_agreements to kliv_app;
