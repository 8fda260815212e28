import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";
import { describeRoutes } from "#src/routes.ts";
import { agreementCommands } from "#src/commands/agreements.ts";
import { auditCommands } from "#src/commands/audit.ts";
import { databaseCommands } from "#src/commands/databases.ts";
import { domainCommands } from "#src/commands/domains.ts";
import { logCommands } from "#src/commands/logs.ts";
import { peopleCommands } from "#src/commands/people.ts";
import { promiseCommands } from "#src/commands/promises.ts";
import { sandboxCommands } from "#src/commands/sandbox.ts";
import { subprocessorCommands } from "#src/commands/subprocessors.ts";
import { sampleReports } from "#src/sample/reports.ts";
import { allPromises } from "#promises/all.ts";
import { root, sources } from "./sources.ts";

const inWords = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
  "twenty-one", "twenty-two", "twenty-three", "twenty-four", "twenty-five"];
const documents = sources(["."], [".md"]);
/** The addresses of a document's headings, as the pages that show it make them. */
const anchorsOf = (text: string): string[] => [...text.replaceAll(/```[\s\S]*?```/g, "").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
const all = documents.map(({ text }) => text).join("\n");

describe("the documents", () => {
  it("are there", () => {
    for (const path of ["README.md", "README.ja.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/README.md", "docs/operating.md"]) {
      assert.ok(documents.some((document) => document.path === path), path);
    }
    assert.match(readFileSync(join(root, "LICENSE"), "utf8"), /Apache License\s+Version 2\.0/);
  });

  it("link to what is there", () => {
    const dead: string[] = [];
    let seen = 0;
    for (const { path, text } of documents) {
      for (const [, target = ""] of text.replaceAll(/```[\s\S]*?```/g, "").matchAll(/\]\(([^)\s]+)\)/g)) {
        // In the texts that the server shows, an address without a host is one of its own pages; their room's test holds those.
        if (/^(https?:|mailto:)/.test(target) || (path.startsWith("src/") && target.startsWith("/"))) continue;
        seen += 1;
        const [file = "", anchor] = target.split("#");
        const place = file === "" ? path : normalize(join(dirname(path), file));
        const there = anchor === undefined || anchorsOf(documents.find((document) => document.path === place)?.text ?? "").includes(anchor);
        if (!existsSync(join(root, place)) || !there) dead.push(`${path}: ${target}`);
      }
    }
    assert.ok(seen > 40, `${seen} links`);
    assert.deepEqual(dead, []);
  });

  it("name the settings that there are, all of them", () => {
    const code = readFileSync(join(root, "src/base/config.ts"), "utf8");
    const limits = [...(/const defaultLimits: Limits = \{([^}]*)\}/.exec(code)?.[1] ?? "").matchAll(/(\w+):/g)].map(([, name = ""]) => `KLIV_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`);
    const read = new Set([...[...code.matchAll(/variables\.((?:KLIV_|DATABASE_)\w+)/g)].map(([, name]) => name), ...limits]);
    assert.ok(read.size > 20, `${read.size} settings`);
    const operating = documents.find(({ path }) => path === "docs/operating.md")!.text;
    const named = new Set([...operating.matchAll(/`((?:KLIV_|DATABASE_)\w+)`/g)].map(([, name]) => name));
    assert.deepEqual([...read].filter((name) => !named.has(name)), [], "not in docs/operating.md");
    const known = new Set([...read, "KLIV_OIDC_GOOGLE_CLIENT_ID", "KLIV_OIDC_GOOGLE_CLIENT_SECRET", "KLIV_CORPORA", "KLIV_GOLDENS"]);
    assert.deepEqual([...new Set([...all.matchAll(/\b(KLIV_\w+[A-Z])\b/g)].map(([, name]) => name))].filter((name) => !known.has(name)), [], "named, and read nowhere");
  });

  it("name commands that there are", () => {
    const commands = new Set([...peopleCommands, ...agreementCommands, ...logCommands, ...subprocessorCommands, ...promiseCommands, ...auditCommands, ...domainCommands, ...sandboxCommands, ...databaseCommands].map(({ noun, verb }) => `${noun} ${verb}`));
    const named = [...all.matchAll(/bin\/kliv ([a-z]+)(?: ([a-z-]+))?/g)].map(([, noun = "", verb = ""]) => (["start", "help", "generate"].includes(noun) ? noun : `${noun} ${verb}`));
    assert.ok(named.length > 8, `${named.length} commands`);
    assert.deepEqual([...new Set(named)].filter((name) => !commands.has(name) && !["start", "help", "generate"].includes(name)), []);
  });

  it("count what there is", () => {
    const text = (path: string): string => documents.find((document) => document.path === path)!.text;
    const open = allPromises.filter((promise) => !promise.check && !promise.isAbsence).length;
    const checked = allPromises.filter((promise) => promise.check).length;
    for (const [path, sentence] of [
      ["README.md", `${open} of the ${allPromises.length} promises have no check yet`], ["README.ja.md", `${allPromises.length} の約束のうち ${open} には検査がなく`],
      ["README.md", `${inWords[sampleReports.length]} published reports`], ["README.ja.md", `公開済みの ${sampleReports.length} つのレポート`],
      ["CHANGELOG.md", `${allPromises.length} promises of the security page with their true state, ${inWords[checked]} of them with running checks`],
      ["CHANGELOG.md", `a sample team with ${inWords[sampleReports.length]} reports`], ["docs/promises.md", `says it ${allPromises.length} times`],
    ] as const) assert.ok(text(path).includes(sentence), `${path} does not say: ${sentence}`);
  });

  it("name addresses of the API that there are", () => {
    const routes = describeRoutes().map(({ url }) => new RegExp(`^${url.replace(/:\w+/g, "[^/]+")}$`));
    const named = [...new Set([...all.matchAll(/\/api\/v1\/[\w./-]*\w/g)].map(([address]) => address))];
    assert.ok(named.length > 10, `${named.length} addresses`);
    assert.deepEqual(named.filter((address) => !routes.some((route) => route.test(address))), []);
  });
});
