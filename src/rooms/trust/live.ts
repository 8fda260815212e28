import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Config } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import type { Teams } from "#src/rooms/teams/teams.ts";
import { outboundOf } from "./outbound.ts";
import { listeningPorts } from "./ports.ts";
import type { Listener, LiveSystem, Probe } from "./promise.ts";
import { rawDirectory } from "./rawstore.ts";
import * as store from "./store.ts";

export interface LiveParts {
  config: Config;
  postgres: Postgres;
  blobs: Blobs;
  clock: Clock;
  teams: Pick<Teams, "createUser" | "createTeam" | "deleteTeam">;
  signin: Pick<Signin, "createLink" | "createToken">;
  databases: Pick<Databases, "list" | "delete">;
  openapi(): unknown;
  /** Every process of this installation on this machine is this one or comes from it. */
  rootPid: number;
  /** False in a process that was told to trust every certificate. */
  verifiesByDefault: boolean;
}

const by: Doer = { kind: "system", user: null };
const probeName = "Promise check";
const pageRows = 100;

/** The live system as the checks may see it from inside. */
export function createLive(parts: LiveParts): LiveSystem {
  const { config, postgres, blobs } = parts;
  return {
    environment: config.environment,
    isPublicHost: config.isPublicHost,
    blobs,
    listeners: () => listenersOf(config),
    ports: () => listeningPorts(parts.rootPid),
    outbound: () => outboundOf(config, { verifiesByDefault: parts.verifiesByDefault }),
    probeActor: (teammate) => makeProbe(parts, teammate),
    ...(config.blobsUrl.startsWith("dir:") ? { rawStore: rawDirectory(config.blobsUrl.slice(4)) } : {}),
    openapi: () => parts.openapi(),
    publicSlugs: () => postgres.transaction({}, (tx) => store.listPublicSlugs(tx)),
  };
}

function listenersOf(config: Config): Listener[] {
  const { host, port, redirectPort } = config;
  return [{ host, port, kind: "https" }, ...(redirectPort === null ? [] : [{ host, port: redirectPort, kind: "redirect" as const }])];
}

async function makeProbe(parts: LiveParts, teammate?: Probe): Promise<Probe> {
  const { config, postgres, teams, signin, clock } = parts;
  const user = teammate?.user ?? (await makeUser(parts));
  const made = await teams.createTeam({ name: probeName, plan: "enterprise", owner: user.id, by });
  const team = made.id;
  const { token } = await signin.createToken({ user: user.id, team, name: probeName, scope: "all", expiresInDays: 1, by });
  return {
    user, team, token,
    passwordLink: async () => {
      const url = await postgres.transaction({}, async (tx) => {
        // createLink asks for an address and an id only.
        const row = { id: user.id, email: user.email, name: probeName, user_name: user.userName, password_hash: null, language: "en" as const, created_at: clock.date() };
        return await signin.createLink(tx, row, config.origin);
      });
      return new URL(url).searchParams.get("link") ?? "";
    },
    dispose: async () => {
      await clearTeam(parts, team);
      await teams.deleteTeam({ team, by });
      // The account belongs to the first probe, whose teammates are gone by then.
      if (!teammate) await postgres.transaction({ operator: true }, (tx) => store.deleteProbeUser(tx, user.id));
    },
  };
}

async function makeUser({ postgres, teams, clock }: LiveParts): Promise<Probe["user"]> {
  // A domain that never receives mail (RFC 2606).
  const name = newId("check", clock);
  const row = await postgres.transaction({}, (tx) => teams.createUser(tx, { email: `${name}@${store.probeDomain}`, name }));
  return { id: row.id, email: row.email, userName: row.user_name };
}

// A team's rows go with it, its objects do not: each database is deleted as a person would.
async function clearTeam({ databases }: LiveParts, team: string): Promise<void> {
  for (;;) {
    const rows = await databases.list({ team, limit: pageRows });
    for (const { id } of rows) await databases.delete({ team, id, by });
    if (rows.length < pageRows) return;
  }
}
