-- Each event has a salt of its own beside it, so that its leaf in the tree tells nothing of what it says; and a seal that only
-- the program can make, so that a row which something else wrote is not taken into the tree. Events from before have no seal.
alter table audit_events add column salt bytea not null default decode(replace(gen_random_uuid()::text, '-', ''), 'hex');
alter table audit_events add column seal bytea;
-- An event outlives what it tells of. Only the trees of a promise's check go with its throw-away team.
alter table audit_events drop constraint audit_events_team_id_fkey;
create index audit_events_at on audit_events (team_id, at);

-- One tree (RFC 6962) a team, and one of the installation itself for what belongs to no team.
create table audit_leaves (
  tree text not null,
  position bigint not null,
  event_id text not null unique,
  leaf_hash bytea not null,
  primary key (tree, position)
);
create table audit_checkpoints (
  -- Over all trees, without gaps: who keeps a copy elsewhere asks for what comes after the last one.
  number bigint primary key,
  tree text not null,
  size bigint not null,
  root bytea not null,
  -- The roots of the full subtrees, largest first: all that adding a leaf needs.
  frontier bytea not null,
  at timestamptz not null,
  note text not null,
  unique (tree, size)
);
create table audit_pending (event_id text primary key, tree text not null);

-- Whoever adds an event, in the same transaction: none is ever outside both the tree and this list.
create function audit_event_added() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into audit_pending (event_id, tree) values (new.id, coalesce(new.team_id, 'installation'));
  return null;
end $$;
create trigger added after insert on audit_events for each row execute function audit_event_added();
insert into audit_pending (event_id, tree) select id, coalesce(team_id, 'installation') from audit_events;

create function audit_probe_deleted() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if starts_with(old.id, 'probe_') then
    -- The sequencer's lock: it must not put events into a tree that is just being removed.
    perform pg_advisory_xact_lock(74740076);
    delete from audit_pending where tree = old.id;
    delete from audit_leaves where tree = old.id;
    delete from audit_checkpoints where tree = old.id;
    delete from audit_events where team_id = old.id;
  end if;
  return null;
end $$;
create trigger probe_deleted after delete on teams for each row execute function audit_probe_deleted();

-- Whose signature the checkpoints have: a server with another key would make a log that nobody can verify.
create table audit_key (verifier text not null, one boolean primary key default true check (one));

do $$
declare name text;
begin
  foreach name in array array['audit_leaves', 'audit_checkpoints', 'audit_pending'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy team on %I using (reaches_team(tree)) with check (reaches_team(tree))', name);
  end loop;
end $$;
grant select, insert on audit_leaves, audit_checkpoints, audit_key to kliv_app;
grant select, delete on audit_pending to kliv_app;
