-- A token speaks for a person who is a member, or for a service account of the team.
create or replace function token_actor(secret_hash text, moment timestamptz) returns jsonb language sql volatile security definer set search_path = public, pg_temp as $$
  with used as (
    update tokens set last_used_at = moment where token_hash = secret_hash and (expires_at is null or expires_at > moment)
      and (last_used_at is null or last_used_at <= moment - interval '1 minute')
  )
  select jsonb_build_object(
    'id', t.id, 'kind', case when t.service_id is null then 'token' else 'service' end, 'user', coalesce(t.user_id, t.service_id), 'scope', t.scope,
    'memberships', jsonb_build_array(jsonb_build_object('team', t.team_id, 'role', coalesce(m.role, a.role))),
    'groups', (select coalesce(jsonb_agg(g.group_id), '[]') from group_members g where g.user_id = t.user_id and g.team_id = t.team_id))
  from tokens t
    left join members m on m.team_id = t.team_id and m.user_id = t.user_id
    left join service_accounts a on a.team_id = t.team_id and a.id = t.service_id
  where t.token_hash = secret_hash and (t.expires_at is null or t.expires_at > moment) and coalesce(m.role, a.role) is not null
$$;
