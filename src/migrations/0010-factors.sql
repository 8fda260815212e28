-- Second factors of people. They belong to an account and to no team, so they are reached by the person alone.
create table totp_factors (
  user_id text primary key references users on delete cascade,
  -- Sealed with a key of this home.
  secret text not null,
  -- The time step of the newest code that was taken: neither that one nor an older one is taken again.
  last_step bigint not null,
  created_at timestamptz not null
);
-- A secret that was shown and of which no right code has come yet.
create table totp_setups (
  user_id text primary key references users on delete cascade,
  secret text not null,
  expires_at timestamptz not null
);
create table passkeys (
  id text primary key,
  user_id text not null references users on delete cascade,
  credential_id text not null unique,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkeys_user on passkeys (user_id, id);
create table recovery_codes (
  user_id text not null references users on delete cascade,
  code_hash text not null,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (user_id, code_hash)
);

-- What an authenticator is asked to sign. Found by its hash alone: before the answer is checked, nobody is known.
create table passkey_challenges (
  challenge_hash text primary key,
  purpose text not null check (purpose in ('register', 'second', 'first', 'proof')),
  user_id text references users on delete cascade,
  expires_at timestamptz not null
);
create index passkey_challenges_expiry on passkey_challenges (expires_at);

-- A right password of an account with a factor: what is between the first and the second step of signing in.
create table signin_steps (
  step_hash text primary key,
  user_id text not null references users on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index signin_steps_expiry on signin_steps (expires_at);

-- When the person behind a session last proved who they are.
alter table sessions add column proven_at timestamptz;
update sessions set proven_at = created_at;
alter table sessions alter column proven_at set not null;

alter table teams add column factor_required boolean not null default false;

do $$
declare name text;
begin
  foreach name in array array['totp_factors', 'totp_setups', 'passkeys', 'recovery_codes'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy person on %I using (reaches_user(user_id)) with check (reaches_user(user_id))', name);
  end loop;
end $$;

grant select, insert, update, delete on totp_factors, totp_setups, passkeys, recovery_codes, passkey_challenges, signin_steps to kliv_app;
