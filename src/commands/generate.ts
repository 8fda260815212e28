import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeRoutes } from "#src/app.ts";
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
  };
}

function problemsPage(): string {
  const rows = Object.entries(problems).sort(([a], [b]) => (a < b ? -1 : 1));
  const sections = rows.map(
    ([code, { status, title, detail }]) => `## ${code}\n\nStatus ${status}. ${title.en} / ${title.ja}\n\n- ${detail.en}\n- ${detail.ja}\n`,
  );
  return `# Problems\n\nEvery error that the API answers, as \`application/problem+json\` with this \`code\`. Made by \`bin/kliv generate\` from \`src/base/problems/\`.\n\n${sections.join("\n")}`;
}

export const generateCommand: Command = {
  noun: "generate",
  verb: "",
  summary: "Write openapi.json and docs/problems.md from the code; with `check`, only say whether they are current",
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
