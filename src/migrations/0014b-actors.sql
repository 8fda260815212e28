-- Whom a secret stands for, in one statement: a request that this node has not seen before waits for it. They run as
-- the owner, past row-level security, because nothing is known of the team before; whoever has the secret's hash learns
-- what it opens and nothing else. The time of the last use is written once a minute at most.
create function session_actor(secret_hash text, moment timestamptz) returns jsonb language sql volatile security definer set search_path = public, pg_temp as $$
  with used as (
    update sessions set last_used_at = moment where session_hash = secret_hash and expires_at > moment and last_used_at <= moment - interval '1 minute'
  )
  select jsonb_build_object(
    'id', s.id, 'user', s.user_id, 'hasFactor', s.has_factor,
    'memberships', (select coalesce(jsonb_agg(jsonb_build_object('team', m.team_id, 'role', m.role, 'factorRequired', t.factor_required)), '[]')
      from members m join teams t on t.id = m.team_id where m.user_id = s.user_id),
    'groups', (select coalesce(jsonb_agg(g.group_id), '[]') from group_members g where g.user_id = s.user_id))
  from sessions s where s.session_hash = secret_hash and s.expires_at > moment
$$;

-- A token ends with its person's membership.
create function token_actor(secret_hash text, moment timestamptz) returns jsonb language sql volatile security definer set search_path = public, pg_temp as $$
  with used as (
    update tokens set last_used_at = moment where token_hash = secret_hash and (expires_at is null or expires_at > moment)
      and (last_used_at is null or last_used_at <= moment - interval '1 minute')
  )
  select jsonb_build_object(
    'id', t.id, 'user', t.user_id, 'scope', t.scope, 'memberships', jsonb_build_array(jsonb_build_object('team', t.team_id, 'role', m.role)),
    'groups', (select coalesce(jsonb_agg(g.group_id), '[]') from group_members g where g.user_id = t.user_id and g.team_id = t.team_id))
  from tokens t join members m on m.team_id = t.team_id and m.user_id = t.user_id
  where t.token_hash = secret_hash and (t.expires_at is null or t.expires_at > moment)
$$;

revoke all on function session_actor(text, timestamptz), token_actor(text, timestamptz) from public;
grant execute on function session_actor(text, timestamptz), token_actor(text, timestamptz) to kliv_app;

-- So nothing else needs to see a token or a session before it is known whose it is.
drop policy bearer on tokens;
alter table sessions enable row level security;
create policy self on sessions using (reaches_user(user_id)) with check (reaches_user(user_id));
