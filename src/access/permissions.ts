const everyone = ["owner", "admin", "editor", "viewer"] as const;
const editors = ["owner", "admin", "editor"] as const;
const admins = ["owner", "admin"] as const;
const owners = ["owner"] as const;

/**
 * The one table of permissions: which roles of the resource's team may do what, and whether a read-only token may.
 * Code, interface, docs and tests read this; what is not here nobody may.
 */
export const permissions = {
  "team:read": { roles: everyone, scope: "read" },
  "team:update": { roles: admins, scope: "all" },
  "team:export": { roles: admins, scope: "read" },
  "team:import": { roles: owners, scope: "all" },
  "member:list": { roles: everyone, scope: "read" },
  "invitation:list": { roles: admins, scope: "read" },
  "invitation:create": { roles: admins, scope: "all" },
  "invitation:delete": { roles: admins, scope: "all" },
  "member:update": { roles: admins, scope: "all" },
  "member:delete": { roles: admins, scope: "all" },
  "member:leave": { roles: everyone, scope: "all" },
  "owner:change": { roles: owners, scope: "all" },
  "group:list": { roles: everyone, scope: "read" },
  "group:create": { roles: admins, scope: "all" },
  "group:update": { roles: admins, scope: "all" },
  "group:delete": { roles: admins, scope: "all" },
  "sso:read": { roles: admins, scope: "read" },
  "sso:update": { roles: admins, scope: "all" },
  "agreement:read": { roles: admins, scope: "read" },
  "audit:read": { roles: admins, scope: "read" },
  "audit:export": { roles: admins, scope: "read" },
  "service:list": { roles: admins, scope: "read" },
  "service:create": { roles: admins, scope: "all" },
  "service:update": { roles: admins, scope: "all" },
  "service:delete": { roles: admins, scope: "all" },
  "token:list": { roles: everyone, scope: "read" },
  "token:create": { roles: everyone, scope: "all" },
  "token:revoke": { roles: everyone, scope: "all" },
  "database:list": { roles: everyone, scope: "read" },
  "database:read": { roles: everyone, scope: "read" },
  "database:query": { roles: everyone, scope: "read" },
  "database:download": { roles: everyone, scope: "read" },
  "database:create": { roles: editors, scope: "all" },
  "database:update": { roles: editors, scope: "all" },
  "database:delete": { roles: editors, scope: "all" },
  "preview:read": { roles: editors, scope: "all" },
  "preview:update": { roles: editors, scope: "all" },
  "preview:import": { roles: editors, scope: "all" },
  "preview:delete": { roles: editors, scope: "all" },
  "rule:read": { roles: admins, scope: "read" },
  "rule:update": { roles: admins, scope: "all" },
  "database:share": { roles: editors, scope: "all" },
  "job:read": { roles: everyone, scope: "read" },
  "job:cancel": { roles: editors, scope: "all" },
  "query:list": { roles: everyone, scope: "read" },
  "query:read": { roles: everyone, scope: "read" },
  "query:create": { roles: editors, scope: "all" },
  "query:update": { roles: editors, scope: "all" },
  "query:delete": { roles: editors, scope: "all" },
  "report:list": { roles: everyone, scope: "read" },
  "report:read": { roles: everyone, scope: "read" },
  "report:create": { roles: editors, scope: "all" },
  "report:update": { roles: editors, scope: "all" },
  "report:delete": { roles: editors, scope: "all" },
  "report:share": { roles: editors, scope: "all" },
  "report:publish": { roles: editors, scope: "all" },
} as const satisfies Record<string, { roles: readonly string[]; scope: "read" | "all" }>;

export type Action = keyof typeof permissions;
