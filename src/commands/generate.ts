import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeRoutes } from "#src/routes.ts";
import { permissions } from "#src/access/permissions.ts";
import { problems } from "#src/base/problems/registry.ts";
import { describeApi } from "#src/http/openapi.ts";
import about from "../../package.json" with { type: "json" };
import type { Command } from "./command.ts";

const root = join(import.meta.dirname, "../..");

/** The committed files that follow from the code, and what they must hold. */
function generated(): Record<string, string> {
  return {
    "openapi.json": `${JSON.stringify(describeApi(describeRoutes(), about.version), null, 2)}\n`,
    "docs/problems.md": problemsPage(),
    "docs/permissions.md": permissionsPage(),
  };
}

function problemsPage(): string {
  const rows = Object.entries(problems).sort(([a], [b]) => (a < b ? -1 : 1));
  const sections = rows.map(
    ([code, { status, title, detail }]) => `## ${code}\n\nStatus ${status}. ${title.en} / ${title.ja}\n\n- ${detail.en}\n- ${detail.ja}\n`,
  );
  return `# Problems\n\nEvery error that the API answers, as \`application/problem+json\` with this \`code\`. Made by \`bin/kliv generate\` from \`src/base/problems/\`.\n\n${sections.join("\n")}`;
}

function permissionsPage(): string {
  const roles = ["owner", "admin", "editor", "viewer"] as const;
  const mark = (isAllowed: boolean): string => (isAllowed ? "yes" : "");
  const rows = Object.entries(permissions).map(([action, rule]) =>
    `| \`${action}\` | ${roles.map((role) => mark((rule.roles as readonly string[]).includes(role))).join(" | ")} | ${mark(rule.scope === "read")} |`);
  return `# Permissions

Which roles of a team may do what, and whether a read-only token may. This is the one table that the server asks on every request, that the app shows under Team, and that the tests hold every call of the API against; what is not in it, nobody may. Made by \`bin/kliv generate\` from \`src/access/permissions.ts\`.

- A service account has a role like a member, and is never an owner.
- A database or a report that is restricted exists only for owners, administrators and those whom a share names: with the level *view* they may what a read-only token may, with *edit* all that their role may. A share never gives more than the role.
- What belongs to another team, or is not shared, is answered like what does not exist: 404. Behind the table stands PostgreSQL's row-level security, which knows the asker's teams by itself.

| Action | Owner | Administrator | Editor | Viewer | Read-only token |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

export const generateCommand: Command = {
  noun: "generate",
  verb: "",
  summary: "Write openapi.json, docs/problems.md and docs/permissions.md from the code; with `check`, only say whether they are current",
  flags: {},
  words: "check",
  async run({ words }) {
    const stale: string[] = [];
    for (const [name, text] of Object.entries(generated())) {
      const file = join(root, name);
      if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
      stale.push(name);
      if (!words.includes("check")) writeFileSync(file, text);
    }
    if (words.includes("check") && stale.length > 0) {
      process.stderr.write(`Not current: ${stale.join(", ")}. Run bin/kliv generate.\n`);
      return 1;
    }
    process.stdout.write(stale.length > 0 ? `Written: ${stale.join(", ")}\n` : "Current\n");
    return 0;
  },
};
