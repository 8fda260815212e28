-- Where a person wants to go may hold the secret of a mailed link: it is sealed under a key that only their browser can make.
-- What was under way when this was introduced begins again.
delete from oidc_requests;
alter table oidc_requests drop column path;
alter table oidc_requests add column sealed_path text not null;
