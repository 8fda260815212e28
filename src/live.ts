import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPeople, describeRoutes } from "./app.ts";
import type { Blobs } from "./base/blobs/blobs.ts";
import type { Clock } from "./base/clock.ts";
import type { Config } from "./base/config.ts";
import { newId } from "./base/ids.ts";
import type { Postgres } from "./base/postgres/postgres.ts";
import { describeApi } from "./http/openapi.ts";
import type { Doer } from "./rooms/audit/audit.ts";
import { outboundOf } from "./rooms/trust/outbound.ts";
import { createOutsider } from "./rooms/trust/outsider.ts";
import { listeningPorts } from "./rooms/trust/ports.ts";
import type { CheckContext, LiveSystem, Probe } from "./rooms/trust/promise.ts";
import { rawDirectory } from "./rooms/trust/rawstore.ts";
import { listPublicSlugs } from "./rooms/trust/store.ts";
import about from "../package.json" with { type: "json" };

export interface LiveParts {
  config: Config;
  postgres: Postgres;
  people: ReturnType<typeof createPeople>;
  blobs: Blobs;
  clock: Clock;
  /** The process whose tree serves. */
  serverPid: number;
}

const by: Doer = { kind: "system", user: null };

/** What the promises' checks use: the running server from outside, and what it alone can say from inside. */
export function createCheckContext(parts: LiveParts): { context: CheckContext; close(): void } {
  const { config, clock } = parts;
  const ca = config.certificate ? Buffer.alloc(0) : readFileSync(join(config.home, "ca.pem"));
  const { signal } = new AbortController();
  const outsider = createOutsider({ origin: config.origin, ca, signal });
  return { context: { origin: config.origin, ca, clock, signal, request: outsider.request, live: createLive(parts) }, close: outsider.close };
}

function createLive({ config, postgres, people, blobs, clock, serverPid }: LiveParts): LiveSystem {
  const host = config.host === "localhost" ? "127.0.0.1" : config.host;
  return {
    environment: config.environment,
    isPublicHost: config.isPublicHost,
    blobs,
    listeners: () => [
      { host, port: config.port, kind: "https" },
      ...(config.redirectPort === null ? [] : [{ host, port: config.redirectPort, kind: "redirect" as const }]),
    ],
    ports: () => listeningPorts(serverPid),
    outbound: () => outboundOf(config, { verifiesByDefault: config.verifiesByDefault }),
    probeActor: (teammate) => makeProbe({ config, postgres, people, blobs, clock }, teammate),
    ...(blobs.kind === "directory" ? { rawStore: rawDirectory(config.blobsUrl.replace(/^dir:/, "")) } : {}),
    openapi: () => JSON.parse(JSON.stringify(describeApi(describeRoutes(), about.version))) as unknown,
    publicSlugs: () => postgres.transaction({}, listPublicSlugs),
  };
}

/** A person and a team that exist for one check only. */
async function makeProbe(parts: Omit<LiveParts, "serverPid">, teammate: Probe | undefined): Promise<Probe> {
  const { config, postgres, people, blobs, clock } = parts;
  const { teams, signin } = people;
  const name = teammate ? teammate.user.userName : newId("probe", clock);
  const user = teammate
    ? await postgres.transaction({}, async (tx) => await teams.findUser(tx, teammate.user.id))
    : await postgres.transaction({}, (tx) => teams.createUser(tx, { email: `${name}@probe.invalid`, name }));
  if (!user) throw new Error("the probe's account is gone");
  const team = await teams.createTeam({ name, plan: "enterprise", owner: user.id, by });
  const { token } = await signin.createToken({ user: user.id, team: team.id, name: "probe", scope: "all", by });
  return {
    user: { id: user.id, email: user.email, userName: user.user_name },
    team: team.id,
    token,
    async passwordLink() {
      const link = await postgres.transaction({}, (tx) => signin.createLink(tx, user, config.origin));
      return new URL(link).searchParams.get("link") ?? "";
    },
    async dispose() {
      const { items } = await blobs.list(`versions/${team.id}/`, { limit: 1_000 });
      await teams.deleteTeam({ team: team.id, by });
      for (const { key } of items) await blobs.delete(key);
      if ((await teams.teamsOf(user.id)).length === 0) await teams.deleteUser({ user: user.id, by });
    },
  };
}
