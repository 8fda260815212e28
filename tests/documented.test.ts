import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { root } from "./sources.ts";
import { startTestServer } from "./server.ts";
import type { TestServer } from "./server.ts";

const skip = spawnSync("curl", ["--version"]).status === 0 ? false : "curl is not installed";

/** The commands of a document's shell blocks that speak to a running server, as they stand. */
function commandsOf(path: string): string[] {
  const blocks = [...readFileSync(join(root, path), "utf8").matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  return blocks.flatMap((block) => block.replaceAll("\\\n", " ").split("\n")).map((line) => line.trim().replaceAll(/ {2,}/g, " ")).filter((line) => /curl|bin\/kliv (?!start)/.test(line));
}

/** The report that a document shows whole. */
function reportOf(path: string): string {
  return /```json\n([\s\S]*?)```/.exec(readFileSync(join(root, path), "utf8"))?.[1] ?? assert.fail(`${path} shows no report`);
}

describe("the commands of the documents", { skip }, () => {
  let kliv: TestServer;
  let folder: string;
  // What a reader puts in the place of the words in capitals.
  const words = new Map<string, string>();
  let token = "";
  before(async () => {
    kliv = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), "kliv-documented-"));
    writeFileSync(join(folder, "cities.csv"), "city,people\nTokyo,14\nOsaka,3\n");
    writeFileSync(join(folder, ".curlrc"), "silent\nshow-error\nfail-with-body\n");
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await kliv.stop();
  });

  async function run(line: string): Promise<string> {
    let text = line.replaceAll("bin/kliv", join(root, "bin/kliv")).replaceAll(".kliv/ca.pem", join(kliv.config.home, "ca.pem")).replaceAll("https://localhost:8443", kliv.config.origin);
    for (const [word, value] of words) text = text.replaceAll(new RegExp(`\\b${word}\\b(?!=)`, "g"), value);
    if (line.startsWith("TOKEN=")) text += '\nprintf %s "$TOKEN"';
    // Not spawnSync: the server that answers lives in this process.
    const child = spawn("sh", ["-ec", text], { cwd: folder, env: { ...process.env, KLIV_HOME: kliv.config.home, CURL_HOME: folder, TOKEN: token } });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    const status = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(status, 0, `${line}\n${out}${err}`);
    return out;
  }

  it("work as they stand, in the order in which they stand", async () => {
    const other = await kliv.makeTeam("other");
    words.set("OTHER", other.team);
    let count = 0;
    let own = "";
    for (const path of ["README.md", "docs/uploading.md", "docs/asking.md", "docs/exports.md", "docs/reports.md", "docs/api.md", "docs/audit.md"]) {
      for (const line of commandsOf(path)) {
        count += 1;
        // An import needs a token of the team that it goes into.
        token = /\/teams\/\w+\/import/.test(line) ? other.token : own;
        if (line.includes("@map.svg")) writeFileSync(join(folder, "map.svg"), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>');
        if (line.includes("@report.json")) writeFileSync(join(folder, "report.json"), reportOf(path).replaceAll("DATABASE", words.get("DATABASE") as string));
        const out = await run(line);
        if (line.includes("respond-async")) words.set("JOB", (JSON.parse(out) as { job: string }).job);
        if (line.includes("/previews\"")) words.set("PREVIEW", (JSON.parse(out) as { id: string }).id);
        if (line.includes("/jobs/")) assert.match(out, /"state":"done"/);
        if (line.endsWith("@report.json")) words.set("REPORT", (JSON.parse(out) as { id: string }).id);
        if (line.includes("/publication") && !line.includes("DELETE")) assert.match(out, /"visibility":"public"/);
        if (line.includes("screenshot.png")) assert.equal(readFileSync(join(folder, "report.png")).subarray(1, 4).toString(), "PNG");
        if (line.includes("team create")) words.set("TEAM", (JSON.parse(out) as { id: string }).id);
        if (line.startsWith("TOKEN=")) own = out;
        if (line.includes("/databases?name=cities")) words.set("DATABASE", (JSON.parse(out) as { id: string }).id);
        if (line.includes("/query\"")) assert.deepEqual((JSON.parse(out) as { rows: unknown[][] }).rows, path === "README.md" ? [[2]] : [["Tokyo"]]);
      }
    }
    assert.ok(count >= 18, `${count} commands`);
  });

  it("are the same in both languages", () => {
    assert.deepEqual(commandsOf("README.ja.md"), commandsOf("README.md"));
    for (const page of ["uploading", "asking", "exports", "reports"]) assert.deepEqual(commandsOf(`docs/ja/${page}.md`), commandsOf(`docs/${page}.md`));
    assert.equal(reportOf("docs/ja/reports.md"), reportOf("docs/reports.md"));
  });
});
