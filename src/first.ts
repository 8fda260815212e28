import type { App } from "./app.ts";
import type { Config } from "./base/config.ts";

const firstEmail = "owner@localhost";

/** While nobody can sign in: the account that owns what the first start made, and a link to create its password. */
export async function firstLink({ app, config }: { app: App; config: Config }): Promise<string | null> {
  const { signin, teams, audit } = app.rooms;
  if (await signin.hasAccounts()) return null;
  return await app.postgres.transaction({ operator: true }, async (tx) => {
    const known = await teams.findUserByEmail(tx, firstEmail);
    const user = known ?? (await teams.createUser(tx, { email: firstEmail, name: "Owner" }));
    if (!known) await audit.record(tx, { team: null, action: "user:create", by: { kind: "system", user: null }, resource: { kind: "user", id: user.id } });
    return await signin.createLink(tx, user, config.origin);
  });
}
