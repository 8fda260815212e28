import type { Action } from "./permissions.ts";
import { permissions } from "./permissions.ts";

export type Role = "owner" | "admin" | "editor" | "viewer";
export type Scope = "all" | "read";

/** Who asks. A token speaks for one person in one team; a session for a person in all of their teams. */
export interface Actor {
  kind: "session" | "token";
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
}

export type { Action } from "./permissions.ts";

/** The one question about permission. The default is no: an action that is not in the table is nobody's. */
export function can(actor: Actor | null, action: Action, resource: Resource): boolean {
  const role = actor?.teams.get(resource.team);
  if (!actor || !role) return false;
  const rule = permissions[action];
  return rule !== undefined && (rule.roles as readonly Role[]).includes(role) && (actor.scope === "all" || rule.scope === "read");
}

/** Whether the actor belongs to the resource's team at all: if not, the resource does not exist for them. */
export function isMember(actor: Actor | null, resource: Resource): boolean {
  return actor?.teams.has(resource.team) ?? false;
}
