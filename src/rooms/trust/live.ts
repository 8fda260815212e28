import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { isLogPrivate, searchLog } from "#src/base/logsearch.ts";
import { attemptAllWays } from "#src/base/outbound/attempts.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Config } from "#src/base/config.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Agreements } from "#src/rooms/agreements/agreements.ts";
import type { AuditLog, Doer } from "#src/rooms/audit/audit.ts";
import { sessionCookie } from "#src/rooms/signin/cookies.ts";
import type { Saml } from "#src/rooms/saml/saml.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import { probeDomain } from "#src/rooms/teams/teams.ts";
import type { Teams } from "#src/rooms/teams/teams.ts";
import { findPlaces } from "./found.ts";
import { describeRole, storedRows } from "./inside.ts";
import { outboundOf } from "./outbound.ts";
import { createOutsider } from "./outsider.ts";
import { listeningPorts } from "./ports.ts";
import type { CheckContext, Listener, LiveSystem, Member, Probe } from "./promise.ts";
import { rawDirectory } from "./rawstore.ts";
import * as store from "./store.ts";

export interface LiveParts {
  auditLog: Pick<AuditLog, "verifyAll">;
  config: Config;
  elsewhere: Pick<LiveSystem, "openAs">;
  postgres: Postgres;
  blobs: Blobs;
  durability: { run(options: { team: string; isAll: boolean; signal: AbortSignal }): Promise<{ found: Awaited<ReturnType<LiveSystem["auditObjects"]>> }>; summary: LiveSystem["durability"] };
  clock: Clock;
  saml: Pick<Saml, "domains">;
  teams: Pick<Teams, "findUserByEmail" | "createProbe" | "listProbes" | "deleteProbe" | "addMember">;
  signin: Pick<Signin, "createLink" | "createToken" | "letIn">;
  agreements: Pick<Agreements, "publishProbe" | "note">;
}

const by: Doer = { kind: "system", user: null };
const probeName = "Promise check";
/** Refusing takes no time; what is under way after this was not refused. */
const attemptMs = 2_000;
const pageObjects = 1_000;
/** Where objects of a team lie. */
const teamFolders = ["versions", "uploads", "previews", "columnar", "attachments"];
/** Of objects that a check stores itself. */
export const checkFolder = "promises/";

/** What the checks use: the running server from outside, and what this process alone can say of it from inside. */
export function createCheckContext(parts: LiveParts, signal: AbortSignal): { context: CheckContext; close(): void } {
  const { config, clock } = parts;
  const ca = config.certificate ? Buffer.alloc(0) : readFileSync(join(config.home, "ca.pem"));
  const outsider = createOutsider({ origin: config.origin, ca, signal });
  return { context: { origin: config.origin, ca, clock, signal, request: outsider.request, live: createLive(parts, signal) }, close: outsider.close };
}

function createLive(parts: LiveParts, signal: AbortSignal): LiveSystem {
  const { config, postgres, blobs } = parts;
  return {
    environment: config.environment,
    placesFound: () => findPlaces(parts),
    openAs: (environment) => parts.elsewhere.openAs(environment),
    isPublicHost: config.isPublicHost,
    blobs,
    listeners: () => listenersOf(config),
    // Every process of this installation on this machine is this one or comes from it.
    ports: () => listeningPorts(process.pid),
    outbound: () => outboundOf(config, { verifiesByDefault: config.verifiesByDefault }),
    readLog: async (options) => ({ ...(await searchLog(config.home, options)), daysKept: config.logDays, isPrivate: isLogPrivate(config.home) }),
    attemptOutbound: (host) => attemptAllWays({ host, signal: AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]) }),
    probeActor: (teammate) => makeProbe(parts, teammate),
    probeMember: (owner, role) => makeMember(parts, owner, role),
    storedRows: ({ user }) => storedRows(postgres, user.id),
    databaseRole: () => describeRole(postgres),
    ...(config.blobsUrl.startsWith("dir:") ? { rawStore: rawDirectory(config.blobsUrl.slice("dir:".length)) } : {}),
    auditObjects: async (team) => (await parts.durability.run({ team, isAll: true, signal })).found,
    durability: () => parts.durability.summary(),
    verifyLogs: (signal) => parts.auditLog.verifyAll(signal),
    publicSlugs: () => postgres.transaction({}, store.listPublicSlugs),
    agreements: {
      publish: ({ team }, effectiveAt) => parts.agreements.publishProbe({ team, by, ...(effectiveAt ? { effectiveAt } : {}) }),
      note: async ({ team }, title) => void (await parts.agreements.note({ team, title, reference: probeName, agreedOn: parts.clock.date().toISOString().slice(0, 10), by })),
    },
  };
}

function listenersOf({ host, port, redirectPort }: Config): Listener[] {
  const reached = host === "localhost" || host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return [{ host: reached, port, kind: "https" }, ...(redirectPort === null ? [] : [{ host: reached, port: redirectPort, kind: "redirect" as const }])];
}

async function makeProbe(parts: LiveParts, teammate?: Probe): Promise<Probe> {
  const { config, postgres, teams, signin, saml: { domains } } = parts;
  const { team, user } = await teams.createProbe({ name: probeName, by, ...(teammate ? { owner: teammate.user.id } : {}) });
  const { token } = await signin.createToken({ user: user.id, team, name: probeName, scope: "all", expiresInDays: 1, by });
  return {
    user: { id: user.id, email: user.email, userName: user.user_name },
    team,
    token,
    async passwordLink(email) {
      const link = await postgres.transaction({}, async (tx) => {
        const owner = email === undefined ? user : await teams.findUserByEmail(tx, email);
        if (!owner) throw new Error("nobody has this address");
        return await signin.createLink(tx, owner, config.origin);
      });
      return new URL(link).searchParams.get("link") ?? "";
    },
    async claimDomain() {
      const { domain } = await domains.add({ team, domain: `${team.replace("_", "-")}.${probeDomain}`, by });
      return (await domains.verify({ team, domain, isByOperator: true, by })).domain;
    },
    async comeFromProvider() {
      const { secret } = await postgres.transaction({ user: user.id }, (tx) => signin.letIn(tx, { user, method: "oidc", hasFactor: true, agent: probeName, by }));
      return `${sessionCookie}=${secret}`;
    },
    dispose: () => disposeProbe(parts, team),
  };
}

async function makeMember(parts: LiveParts, owner: Probe, role: "admin" | "editor" | "viewer"): Promise<Member> {
  const { teams, signin } = parts;
  const probe = await makeProbe(parts);
  await teams.addMember({ team: owner.team, email: probe.user.email, role, by, mayMakeOwners: false });
  const tokenOf = async (scope: "all" | "read"): Promise<string> => (await signin.createToken({ user: probe.user.id, team: owner.team, name: probeName, scope, expiresInDays: 1, by })).token;
  return { probe, token: await tokenOf("all"), readToken: await tokenOf("read") };
}

/** Removes all that checks of a process that was killed have left. Only for who knows that no check is running. */
export async function clearProbes(parts: LiveParts): Promise<number> {
  const left = await parts.teams.listProbes();
  for (const team of left) await disposeProbe(parts, team);
  await deleteUnder(parts.blobs, checkFolder);
  return left.length;
}

async function disposeProbe({ teams, blobs }: LiveParts, team: string): Promise<void> {
  // The objects first: once the team is gone, nothing tells of them any more.
  for (const folder of teamFolders) await deleteUnder(blobs, `${folder}/${team}/`);
  await teams.deleteProbe({ team, by }).catch((error: unknown) => {
    if (!(error instanceof Problem && error.code === "NOT_FOUND")) throw error;
  });
  // An import that was under way when the check gave up may have stored one meanwhile.
  for (const folder of teamFolders) await deleteUnder(blobs, `${folder}/${team}/`);
}

async function deleteUnder(blobs: Blobs, prefix: string): Promise<void> {
  for (;;) {
    const { items, next } = await blobs.list(prefix, { limit: pageObjects });
    for (const { key } of items) await blobs.delete(key);
    if (next === null) return;
  }
}
