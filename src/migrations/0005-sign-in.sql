-- How somebody came in, and whether a second factor was shown (or what was shown stands for two).
alter table sessions add column method text not null default 'password' check (method in ('password', 'passkey', 'oidc', 'saml'));
alter table sessions add column has_factor boolean not null default false;
