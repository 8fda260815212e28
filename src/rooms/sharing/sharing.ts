import type { Actor, Resource } from "#src/access/access.ts";
import { levelOf } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { NewShare } from "./schema.ts";
import * as store from "./store.ts";
import type { NamedShare, Table } from "./store.ts";

export { sharesOf, visibleTo } from "./store.ts";

export interface SharingState {
  restricted: boolean;
  shares: NamedShare[];
}

/** Who of the team sees a database or a report: everyone by their role, or only those whom a share names. */
export interface Sharing {
  get(resource: Resource): Promise<SharingState>;
  /** Replaces it as a whole. Throws SHARE_SUBJECT_UNKNOWN, SHARE_LOCKS_OUT. */
  set(options: { resource: Resource; restricted: boolean; shares: readonly NewShare[]; actor: Actor | null; by: Doer }): Promise<SharingState>;
}

const tableOf = ({ kind }: Resource): Table => (kind === "report" ? "reports" : "databases");

export function createSharing({ postgres, audit, clock }: { postgres: Postgres; audit: Audit; clock: Clock }): Sharing {
  return {
    get: (resource) => postgres.transaction({ teams: [resource.team] }, async (tx) => (await store.findSharing(tx, tableOf(resource), resource.id)) ?? missing()),
    set: ({ resource, restricted, shares, actor, by }) =>
      postgres.transaction({ teams: [resource.team] }, async (tx) => {
        const { kind, id, team } = resource;
        const table = tableOf(resource);
        if (!(await store.findSharing(tx, table, id))) missing();
        const once = restricted ? [...new Map(shares.map((share) => [`${share.kind} ${share.id}`, share])).values()] : [];
        const known = await store.knownSubjects(tx, team, once.map((share) => share.id));
        const unknown = once.find((share) => !known.has(`${share.kind} ${share.id}`));
        if (unknown) throw new Problem("SHARE_SUBJECT_UNKNOWN", { values: { subject: unknown.id } });
        // Who restricts something keeps it: nobody locks themselves out by mistake.
        const after = { ...resource, shares: restricted ? once.map(({ kind: of, id: subject, level }) => ({ [of]: subject, level })) : null };
        if (actor && levelOf(actor, after) !== "edit") throw new Problem("SHARE_LOCKS_OUT");
        await store.replaceSharing(tx, { table, id, team, restricted, shares: once, now: clock.date() });
        await audit.record(tx, { team, action: `${kind}:share`, by, resource: { kind, id }, facts: { restricted, shares: once.length } });
        await postgres.announce(tx, { kind, id });
        return (await store.findSharing(tx, table, id)) ?? missing();
      }),
  };
}

function missing(): never {
  throw new Problem("NOT_FOUND");
}
