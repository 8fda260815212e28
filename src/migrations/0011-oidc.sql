-- Sign-in with another provider's account (OpenID Connect). Like all of an account, this belongs to no team and is guarded
-- by its keys: hashes of secrets, and the subject that a provider has signed for.

-- A sign-in that is under way at a provider. The state and the browser's secret are kept as hashes; what else the flow needs
-- (nonce, PKCE verifier) is made from that secret and stored nowhere.
create table oidc_requests (
  state_hash text primary key,
  browser_hash text not null,
  provider text not null,
  -- Where the person goes afterwards: a path of our own.
  path text not null,
  -- Who connects the provider's account to their own; null for a sign-in.
  user_id text references users on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  -- What the provider has proven, where it waits for the proof of an account that is there already.
  proven jsonb
);
create index oidc_requests_browser on oidc_requests (browser_hash);
create index oidc_requests_expires on oidc_requests (expires_at);

create table oidc_identities (
  id text primary key,
  user_id text not null references users on delete cascade,
  issuer text not null,
  subject text not null,
  -- The operator's name for it and the address, both as of the linking: for people to tell one from another.
  provider text not null,
  email text not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  unique (issuer, subject)
);
create index oidc_identities_user on oidc_identities (user_id, id desc);

grant select, insert, update, delete on oidc_requests, oidc_identities to kliv_app;
