import type { Action } from "./permissions.ts";
import { permissions } from "./permissions.ts";

export type Role = "owner" | "admin" | "editor" | "viewer";
export type Scope = "all" | "read";

/** Who asks. A token speaks for one person, or for one service account, in one team; a session for a person in all of their teams. */
export interface Actor {
  kind: "session" | "token" | "service";
  /** The person's id, or the service account's. */
  user: string;
  /** The session's or the token's id. */
  id: string;
  scope: Scope;
  /** Role by team. */
  teams: ReadonlyMap<string, Role>;
  /** The ids of the groups, of all teams, that the person is in. */
  groups?: ReadonlySet<string>;
  /** A second factor was shown for this session, or what was shown stands for two. */
  hasFactor?: boolean;
  /** Teams of the person's that are kept from this session until it has shown a second factor: they are not among `teams`. Null for none. */
  withheld?: ReadonlyMap<string, Role> | null;
}

/** What is asked for: something of one team's. */
export interface Resource {
  kind: string;
  id: string;
  team: string;
  /** Whom of the team it is restricted to; null or absent for what is all of the team's. */
  shares?: readonly Share[] | null;
}

/** One subject that something is shared with. */
export interface Share {
  user?: string;
  group?: string;
  service?: string;
  role?: string;
  level: Level;
}

/** `view`: what a read-only token may do; `edit`: all that the role may. */
export type Level = "view" | "edit";

export type { Action } from "./permissions.ts";

/** The one question about permission. The default is no: an action that is not in the table is nobody's. */
export function can(actor: Actor | null, action: Action, resource: Resource): boolean {
  const role = actor?.teams.get(resource.team);
  const level = levelOf(actor, resource);
  if (!actor || !role || level === null) return false;
  const rule = permissions[action];
  return rule !== undefined && (rule.roles as readonly Role[]).includes(role) && ((actor.scope === "all" && level === "edit") || rule.scope === "read");
}

/** How far something is shared with the actor; null where it does not exist for them. A share never gives more than the role. */
export function levelOf(actor: Actor | null, { team, shares }: Resource): Level | null {
  const role = actor?.teams.get(team);
  if (!actor || !role) return null;
  if (!shares || role === "owner" || role === "admin") return "edit";
  const mine = shares.filter((share) => share.user === actor.user || share.service === actor.user || share.role === role || (share.group !== undefined && actor.groups?.has(share.group)));
  return mine.some(({ level }) => level === "edit") ? "edit" : mine.length > 0 ? "view" : null;
}

/** Whether the resource exists for the actor at all: it is their team's, and not restricted to others. */
export function sees(actor: Actor | null, resource: Resource): boolean {
  return levelOf(actor, resource) !== null;
}
