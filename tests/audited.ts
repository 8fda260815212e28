/** By route: what the events of a call that succeeds are, and, where they are not one, why. */
export const expected: Record<string, { events: string[]; why?: string }> = {};
const one = (route: string, action: string): void => void (expected[route] = { events: [action] });
const other = (route: string, events: string[], why: string): void => void (expected[route] = { events, why });

one("PATCH /api/v1/teams/:team", "team:update");
one("POST /api/v1/teams", "team:create");
one("POST /api/v1/teams/:team/import", "team:import");
one("GET /api/v1/teams/:team/export", "team:export");
one("GET /api/v1/teams/:team/audit-events/export", "audit:export");
one("PATCH /api/v1/teams/:team/members/:user", "member:update");
one("DELETE /api/v1/teams/:team/members/:user", "member:delete");
one("POST /api/v1/teams/:team/leave", "member:delete");
one("POST /api/v1/teams/:team/ownership", "owner:change");
one("POST /api/v1/teams/:team/tokens", "token:create");
one("DELETE /api/v1/teams/:team/tokens/:id", "token:revoke");
one("POST /api/v1/teams/:team/databases", "database:create");
one("PATCH /api/v1/databases/:id", "database:update");
one("PUT /api/v1/databases/:id/contents", "database:update");
one("POST /api/v1/databases/:id/tables/:table/rows", "database:update");
one("PATCH /api/v1/databases/:id/versions/:version", "database:update");
one("POST /api/v1/databases/:id/versions/:version/restoration", "database:update");
one("PUT /api/v1/databases/:id/retention", "database:update");
one("GET /api/v1/databases/:id/download", "database:download");
one("POST /api/v1/teams/:team/previews", "preview:create");
one("POST /api/v1/teams/:team/previews/url", "preview:fetch");
one("PUT /api/v1/databases/:id/source", "source:update");
one("POST /api/v1/databases/:id/source/refreshes", "source:refresh");
one("DELETE /api/v1/databases/:id/source", "source:delete");
one("PATCH /api/v1/previews/:id", "preview:update");
one("DELETE /api/v1/previews/:id", "preview:delete");
other("POST /api/v1/previews/:id/import", ["preview:import"], "what the job makes has an event of its own, when it is there");
one("GET /api/v1/databases/:id/tables/:table/export", "database:export");
one("POST /api/v1/databases/:id/query/export", "database:export");
other("POST /api/v1/databases/:id/question/sql", [], "it only writes SQL");
one("POST /api/v1/databases/:id/publication", "database:publish");
one("DELETE /api/v1/databases/:id/publication", "database:withdraw");
one("GET /api/v1/public/databases/:slug/download", "database:download");
one("GET /api/v1/public/databases/:slug/tables/:table/export", "database:export");
other("POST /api/v1/public/databases/:slug/query", [], "a question changes nothing, as of the team's own");
other("POST /api/v1/databases/:id/query", [], "a question changes nothing; downloads and exports are what is recorded of reading");
one("DELETE /api/v1/databases/:id", "database:delete");
other("POST /api/v1/databases/:id/index-advice", [], "a copy is measured, and goes");
one("POST /api/v1/databases/:id/indexes", "database:update");
one("PUT /api/v1/databases/:id/descriptions", "database:describe");
one("PUT /api/v1/databases/:id/rules", "rule:update");
other("POST /api/v1/databases/:id/rules/preview", [], "rules are tried only");
one("DELETE /api/v1/jobs/:job", "job:cancel");
one("POST /api/v1/teams/:team/queries", "query:create");
one("PUT /api/v1/queries/:id", "query:update");
one("DELETE /api/v1/queries/:id", "query:delete");
one("POST /api/v1/teams/:team/attachments", "attachment:create");
one("DELETE /api/v1/attachments/:id", "attachment:delete");
one("POST /api/v1/teams/:team/reports", "report:create");
one("PUT /api/v1/reports/:id", "report:update");
one("GET /api/v1/reports/:id/screenshot.png", "report:download");
one("POST /api/v1/reports/:id/publication", "report:publish");
one("DELETE /api/v1/reports/:id/publication", "report:withdraw");
one("DELETE /api/v1/reports/:id", "report:delete");
one("POST /api/v1/teams/:team/groups", "group:create");
one("PATCH /api/v1/teams/:team/groups/:group", "group:update");
one("PUT /api/v1/teams/:team/groups/:group/members/:user", "group:add");
one("DELETE /api/v1/teams/:team/groups/:group/members/:user", "group:remove");
one("DELETE /api/v1/teams/:team/groups/:group", "group:delete");
one("POST /api/v1/teams/:team/invitations", "invitation:create");
one("POST /api/v1/teams/:team/invitations/:invitation/mail", "invitation:renew");
one("DELETE /api/v1/teams/:team/invitations/:invitation", "invitation:delete");
other("POST /api/v1/invitations/view", [], "POST because the link is a secret; it is looked at only");
one("POST /api/v1/invitations/decline", "invitation:decline");
other("POST /api/v1/invitations/accept", ["user:create", "member:create"], "an account begins, which is no team's, and joins a team");
one("POST /api/v1/password-links", "password:request");
other("POST /api/v1/passwords/account", [], "POST because the link is a secret; it is looked at only");
other("POST /api/v1/passwords", ["team:create", "password:create"], "an account begins, which is no team's, and so does its first team");
one("POST /api/v1/teams/:team/services", "service:create");
one("POST /api/v1/teams/:team/services/:service/tokens", "token:create");
one("DELETE /api/v1/teams/:team/services/:service", "service:delete");
one("PUT /api/v1/databases/:id/sharing", "database:share");
one("PUT /api/v1/reports/:id/sharing", "report:share");
one("POST /api/v1/me/single-logout", "session:delete");
one("PATCH /api/v1/me", "user:update");
one("PUT /api/v1/me/user-name", "user:update");
other("PUT /api/v1/me/password", ["password:update", "session:delete"], "the person's other sessions end with it");
one("POST /api/v1/me/email", "email:request");
one("DELETE /api/v1/me/email", "email:cancel");
other("POST /api/v1/email-links/view", [], "POST because the link is a secret; it is looked at only");
other("POST /api/v1/email-links", ["email:update", "session:delete"], "the person's sessions end with the old address; the first of the two confirmations changes nothing yet");
one("DELETE /api/v1/me/sessions", "session:delete");
one("POST /api/v1/me/agreements", "agreement:accept");
one("POST /api/v1/sessions", "session:create");
one("DELETE /api/v1/me/sessions/:id", "session:delete");
one("DELETE /api/v1/sessions/current", "session:delete");
const challenge = "a question that is answered or forgotten within minutes; what the answer does is recorded";
for (const route of ["me/factors/totp/setup", "me/factors/passkeys/options", "me/proofs/options", "passkey-sessions/options", "sessions/second-factor/options"]) other(`POST /api/v1/${route}`, [], challenge);
other("POST /api/v1/me/proofs", [], "the session is trusted for ten minutes; what is done with it is recorded");
one("POST /api/v1/me/factors/totp", "factor:create");
other("DELETE /api/v1/me/factors/totp", ["factor:delete", "session:delete"], "the person's other sessions end with it");
one("POST /api/v1/me/factors/passkeys", "factor:create");
one("PATCH /api/v1/me/factors/passkeys/:id", "factor:update");
other("DELETE /api/v1/me/factors/passkeys/:id", ["factor:delete", "session:delete"], "the person's other sessions end with it");
one("POST /api/v1/me/factors/recovery-codes", "recovery-code:create");
one("POST /api/v1/sessions/second-factor", "session:create");
one("POST /api/v1/passkey-sessions", "session:create");

one("POST /api/v1/teams/:team/sso-connections", "sso:create");
one("PATCH /api/v1/teams/:team/sso-connections/:connection", "sso:update");
one("POST /api/v1/teams/:team/sso-connections/:connection/key-steps", "sso:update");
one("POST /api/v1/teams/:team/sso-connections/:connection/directory", "sso:update");
one("DELETE /api/v1/teams/:team/sso-connections/:connection/directory", "sso:update");
other("POST /scim/v2/:connection/Users", ["user:create", "member:create"], "an account begins, which is no team's, and joins a team");
one("PATCH /scim/v2/:connection/Users/:id", "user:update");
one("PUT /scim/v2/:connection/Users/:id", "user:update");
one("DELETE /scim/v2/:connection/Users/:id", "member:delete");
other("POST /scim/v2/:connection/Groups", ["group:create", "group:add"], "a group begins, with one person in it");
one("PATCH /scim/v2/:connection/Groups/:id", "group:update");
one("PUT /scim/v2/:connection/Groups/:id", "group:remove");
one("DELETE /scim/v2/:connection/Groups/:id", "group:delete");
one("DELETE /api/v1/teams/:team/sso-connections/:connection", "sso:delete");
one("POST /api/v1/teams/:team/sso-connections/:connection/directory", "sso:update");
one("DELETE /api/v1/teams/:team/sso-connections/:connection/directory", "sso:update");
one("POST /api/v1/me/single-logout", "session:delete");
one("POST /api/v1/teams/:team/domains", "domain:create");
one("PATCH /api/v1/teams/:team/domains/:domain", "domain:update");
one("DELETE /api/v1/teams/:team/domains/:domain", "domain:delete");
one("PUT /api/v1/teams/:team/sso", "sso:update");
one("POST /api/v1/teams/:team/sso-connections/:connection/directory", "sso:update");
one("DELETE /api/v1/teams/:team/sso-connections/:connection/directory", "sso:update");
other("POST /api/v1/sso-lookups", [], "POST because of the address; where one signs in is looked up only");

/** What needs a peer that answers on the network is not called here; its refusals are. */
export const elsewhere: Record<string, string> = {
  "POST /api/v1/me/identities": "a provider of OpenID Connect",
  "DELETE /api/v1/me/identities/:id": "a provider of OpenID Connect",
  "POST /api/v1/me/sign-in-providers/:provider/links": "a provider of OpenID Connect",
  "POST /api/v1/teams/:team/sso-connections/:connection/readings": "a provider of SAML at a public address",
  "POST /api/v1/teams/:team/domains/:domain/verification": "a record in the DNS",
  "POST /saml/:connection/acs": "a provider of SAML",
  "POST /saml/:connection/unasked": "a provider of SAML",
};
