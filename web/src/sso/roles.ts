import type { GivenRole } from "./data.ts";

/** The table of roles as people write it: `value=role`, one a line. The value may hold equals signs itself. */
export function readRoles(text: string): { roles: Record<string, GivenRole>; wrong: string | null } {
  const entries: [string, GivenRole][] = [];
  for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
    const [, value = "", role = ""] = /^\s*(.+?)\s*=\s*(viewer|editor|admin)\s*$/i.exec(line) ?? [];
    if (value === "") return { roles: {}, wrong: line.trim() };
    entries.push([value, role.toLowerCase() as GivenRole]);
  }
  return { roles: Object.fromEntries(entries), wrong: null };
}

export const writeRoles = (roles: Record<string, GivenRole>): string => Object.entries(roles).map(([value, role]) => `${value}=${role}`).join("\n");
