import type { App } from "./app.ts";
import type { Config } from "./base/config.ts";
import type { Log } from "./base/log.ts";
import { describeError } from "./base/log.ts";
import type { Clock } from "./base/clock.ts";

const firstEmail = "owner@localhost";

/** While nobody can sign in: the account that owns what the first start made, and a link to create its password. */
export async function firstLink({ app, config }: { app: App; config: Config }): Promise<string | null> {
  const { signin } = app.rooms;
  if (await signin.hasAccounts()) return null;
  return await app.postgres.transaction({ operator: true }, async (tx) => await signin.createLink(tx, await firstOwner(app, tx), config.origin));
}

async function firstOwner({ rooms: { teams, audit } }: App, tx: Parameters<Parameters<App["postgres"]["transaction"]>[1]>[0]) {
  const known = await teams.findUserByEmail(tx, firstEmail);
  if (known) return known;
  const made = await teams.createUser(tx, { email: firstEmail, name: "Owner" });
  await audit.record(tx, { team: null, action: "user:create", by: { kind: "system", user: null }, resource: { kind: "user", id: made.id } });
  return made;
}

export interface Sampling {
  /** Resolves to whether the sample was made just now; never rejects: a sample that fails is tried again at the next start. */
  done: Promise<boolean>;
  /** Stops between two steps, and waits for the one under way. */
  stop(): Promise<void>;
}

/** Makes the sample beside the running server, where the first start was with one: nobody waits for it. */
export function startSample({ app, clock, log }: { app: App; clock: Clock; log: Log }): Sampling {
  const ending = new AbortController();
  const make = async (): Promise<boolean> => {
    const { teams, signin } = app.rooms;
    const owner = await app.postgres.transaction({ operator: true }, (tx) => teams.findUserByEmail(tx, firstEmail));
    // An installation that people already use gets none, unless a start was cut off while making it.
    if (!owner || ((await signin.hasAccounts()) && (await teams.teamsOf(owner.id)).length === 0)) return false;
    // Loaded for this once only.
    const { makeSample } = await import("./sample/sample.ts");
    return await makeSample({ postgres: app.postgres, clock, ...app.rooms }, { owner: owner.id, signal: ending.signal });
  };
  const done = make().catch((error: unknown) => {
    if (!ending.signal.aborted) log("sample not made", describeError(error));
    return false;
  });
  return {
    done,
    async stop() {
      ending.abort();
      await done;
    },
  };
}
