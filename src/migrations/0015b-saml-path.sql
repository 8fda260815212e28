-- Where a person goes on after signing in may hold the secret of a mailed link, so it is sealed with what only their
-- browser and the provider bring back. Sign-ins under way begin anew.
delete from saml_requests;
alter table saml_requests drop column path;
alter table saml_requests add column sealed_path text;
