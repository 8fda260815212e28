import assert from "node:assert/strict";
import { basename, dirname } from "node:path";
import { describe, it } from "node:test";
import { problems } from "#src/base/problems/registry.ts";
import { importsOf, sources } from "./sources.ts";
import type { SourceFile } from "./sources.ts";

/** Dependencies point one way: each may use what stands before it. */
const order = [
  "base",
  "access",
  "http",
  "rooms/audit",
  "rooms/teams",
  "rooms/groups",
  "rooms/agreements",
  "rooms/factors",
  "rooms/signin",
  "rooms/oidc",
  "rooms/account",
  "rooms/services",
  "rooms/sharing",
  "rooms/membership",
  "rooms/saml",
  "rooms/scim",
  "rooms/invitations",
  "rooms/jobs",
  "rooms/databases",
  "rooms/columnar",
  "rooms/queries",
  "rooms/rules",
  "rooms/questions",
  "rooms/catalog",
  "rooms/indexes",
  "rooms/exports",
  "rooms/charts",
  "rooms/attachments",
  "rooms/reports",
  "rooms/gallery",
  "rooms/publicdatabases",
  "rooms/portability",
  "rooms/subprocessors",
  "rooms/trust",
  "app",
  "sample",
  "entries",
];
/** Files of a room that others may use beside its door `<room>.ts` and its `schema.ts`. */
const sideDoors = new Set([
  // Routes of all rooms are collected, and the jobs of the sandboxed children started, by name.
  "routes.ts", "transfer.ts",
  // What a report shows, for its page and its picture.
  "rooms/reports/fill.ts", "rooms/reports/values.ts", "rooms/reports/picture.ts",
  "rooms/databases/imports.ts", "rooms/databases/download.ts", "rooms/databases/upload.ts", "rooms/queries/read.ts", "rooms/queries/duck.ts", "rooms/queries/open.ts", "rooms/queries/run.ts", "rooms/columnar/make.ts", "rooms/signin/actors.ts", "rooms/signin/cookies.ts",
  // What promises are made of.
  "rooms/trust/promise.ts",
]);
const linesMax = 400;

const code = sources(["src", "promises", "tests", "bench", "bin"], [".ts", ".mjs"]);
const web = sources(["web/src"], [".ts", ".tsx"]);
const isTest = ({ path }: SourceFile): boolean => /\.test\.tsx?$|^tests\/|\/testing\.ts$|\/test-worker\.ts$|\/checks\/peer\.ts$|^bench\//.test(path);
const shipped = code.filter((file) => file.path.startsWith("src/") && !isTest(file));

function placeOf(path: string): string | null {
  const [, first = "", second = ""] = path.split("/");
  if (!path.startsWith("src/")) return null;
  if (first === "rooms") return `rooms/${second}`;
  if (["base", "access", "http", "sample"].includes(first)) return first;
  return ["src/app.ts", "src/rooms.ts", "src/routes.ts", "src/metadata.ts", "src/elsewhere.ts"].includes(path) ? "app" : "entries";
}

function list(found: string[]): void {
  assert.deepEqual(found, [], found.join("\n"));
}

describe("tidy", () => {
  it("sees the files", () => {
    assert.ok(shipped.length > 150, `${shipped.length} files in src`);
    assert.ok(web.length > 60, `${web.length} files in web/src`);
    assert.deepEqual(order.filter((place) => place !== "sample" && !shipped.some((file) => placeOf(file.path) === place)), []);
  });

  it("dependencies point one way", () => {
    const wrong: string[] = [];
    let seen = 0;
    for (const file of shipped) {
      for (const { target } of importsOf(file)) {
        const [from, to] = [placeOf(file.path), placeOf(target)];
        if (from === null || to === null) continue;
        seen += 1;
        if (order.indexOf(from) < order.indexOf(to)) wrong.push(`${file.path} imports ${target}: ${from} stands before ${to}`);
      }
    }
    assert.ok(seen > 500, `${seen} imports`);
    list(wrong);
  });

  it("a room is entered by its door", () => {
    const wrong: string[] = [];
    for (const file of [...shipped, ...code.filter((one) => one.path.startsWith("promises/") && !isTest(one))]) {
      if (placeOf(file.path) === "app" || placeOf(file.path) === "entries") continue;
      for (const { target } of importsOf(file)) {
        const room = /^src\/(rooms\/([^/]+))\//.exec(target);
        if (!room || file.path.startsWith(`src/${room[1]}/`)) continue;
        const name = target.slice("src/".length);
        const isDoor = name === `${room[1]}/${room[2]}.ts` || name === `${room[1]}/schema.ts` || sideDoors.has(name) || sideDoors.has(basename(name));
        if (!isDoor) wrong.push(`${file.path} imports ${target}`);
      }
    }
    list(wrong);
  });

  it("no file imports itself by a way round", () => {
    const graph = new Map(shipped.map((file) => [file.path, importsOf(file).filter((one) => !one.isType && !one.isLazy).map((one) => one.target)]));
    const done = new Set<string>();
    const rings: string[] = [];
    const walk = (path: string, way: string[]): void => {
      if (way.includes(path)) rings.push([...way.slice(way.indexOf(path)), path].join(" > "));
      if (done.has(path) || way.includes(path)) return;
      for (const next of graph.get(path) ?? []) walk(next, [...way, path]);
      done.add(path);
    };
    for (const path of graph.keys()) walk(path, []);
    list(rings);
  });

  it("files stay small enough to be one thing", () => {
    list([...code, ...web].filter((file) => file.lines > linesMax).map((file) => `${file.path} has ${file.lines} lines; ${linesMax} at most`));
  });

  it("no folder is called after nothing", () => {
    const vague = /(^|\/)(utils?|lib|common|helpers?|misc|shared|index\.tsx?)(\/|$)/;
    list([...code, ...web].filter((file) => vague.test(file.path)).map((file) => file.path));
  });

  const banned: { what: RegExp; why: string; but?: RegExp; in?: SourceFile[] }[] = [
    { what: /\bDate\.now\(\)|\bnew Date\(\)/, why: "time comes from base/clock.ts", but: /^src\/base\/clock\.ts$/ },
    { what: /\bMath\.random\(/, why: "randomness comes from node:crypto" },
    { what: /\bconsole\.\w+\(/, why: "the log is base/log.ts; the command line writes to stdout itself" },
    { what: /\bprocess\.env\b/, why: "configuration is base/config.ts", but: /^src\/(base\/config\.ts|base\/sandbox\/|worker\.ts|base\/blobs\/(radosgw|s3-address)\.ts)/ },
    {
      what: /from "node:child_process"|import\("node:child_process"\)/, why: "a program beside this one could call anywhere: only PostgreSQL and the sandbox start one",
      but: /^src\/base\/(sandbox\/child|postgres\/embedded|blobs\/radosgw)\.ts$/,
    },
    { what: /\beval\(|\bnew Function\(/, why: "no code from text" },
    { what: /\b(TODO|FIXME|XXX|HACK)\b/, why: "done, or an issue" },
    { what: /catch\s*(\([a-z_]*\))?\s*\{\s*\}/i, why: "a silent catch says in a comment why" },
  ];
  for (const { what, why, but } of banned) {
    it(`${what.source} is not used: ${why}`, () => {
      list(shipped.filter((file) => !but?.test(file.path)).flatMap((file) => linesWith(file, what)));
    });
  }

  it("other systems are called only by the adapters of base/outbound", () => {
    // What listens, and what only names things, calls nobody.
    const calling = /^import (?!type )(?!\{ (?:(?:createServer|STATUS_CODES|METHODS|isIP|BlockList)(?:, )?)+ \}).*from "(?:node:)?(?:net|tls|https?|http2|dgram|dns|dns\/promises|worker_threads|undici|nodemailer|pg|pg-boss|@aws-sdk\/[^"]+)"|(?<![.\w])fetch\(|\bnew (?:WebSocket|EventSource)\(|\bimport\("node:/;
    const adapters = /^src\/base\/(outbound\/|mail\.ts|queue\.ts|postgres\/(postgres|migrate)\.ts|blobs\/s3(-client|-upload)?\.ts)/;
    // A socket file of this home; our own address, as an outsider calls it; a peer that tests start, and one that stands between.
    const own = /^src\/(base\/control\.ts|rooms\/trust\/outsider\.ts|base\/blobs\/(radosgw|s3-proxy)\.ts)$|^promises\/checks\/(hello|leaving|plain|tls)\.ts$/;
    const files = [...shipped, ...code.filter((file) => file.path.startsWith("promises/") && !isTest(file))];
    assert.ok(files.filter((file) => adapters.test(file.path) && linesWith(file, calling).length > 0).length > 5);
    list(files.filter(({ path }) => !adapters.test(path) && !own.test(path)).flatMap((file) => linesWith(file, calling)));
  });

  it("no test is switched off or alone", () => {
    list([...code, ...web].filter((file) => !["tests/tidy.test.ts", "tests/run.test.ts"].includes(file.path)).flatMap((file) => linesWith(file, /\b(it|test|describe)\.(only|todo)\b/)));
  });

  it("the web app says nothing outside its catalogs", () => {
    const written = web.filter((file) => !file.path.startsWith("web/src/words/") && !/\.test\.tsx?$/.test(file.path));
    const japanese = written.flatMap((file) => linesWith(file, /[\u3040-\u30ff\u4e00-\u9fff]/));
    // A text between tags that is more than punctuation, or a label given as it stands.
    const english = written.filter((file) => file.path.endsWith(".tsx")).flatMap((file) => linesWith(file, /<\w[^<>]*>\s*[A-Z][a-z]+[^<>{}]*<\/|\b(?:aria-label|placeholder|title|alt)="[A-Z][^"]*"/));
    // Names are the same in every language: the product's, the keys', and each language's own.
    const names = /Kliv(<|")|title="Ctrl-|English.*日本語|日本語.*English/;
    list([...japanese, ...english].filter((line) => !names.test(line)));
  });

  it("both catalogs have the same words", async () => {
    const { en } = (await import("../web/src/words/en.ts")) as { en: Record<string, unknown> };
    const { ja } = (await import("../web/src/words/ja.ts")) as { ja: Record<string, unknown> };
    const keys = (value: unknown, at = ""): string[] =>
      typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value).flatMap(([key, one]) => keys(one, `${at}/${key}`)) : [`${at} ${typeof value}`];
    assert.ok(keys(en).length > 200, `${keys(en).length} words`);
    assert.deepEqual(keys(ja), keys(en));
  });

  it("every problem is used, and fits both languages", () => {
    const used = new Set([...code].filter((file) => !file.path.startsWith("src/base/problems/")).flatMap((file) => [...file.text.matchAll(/"([A-Z][A-Z_]+[A-Z])"/g)].map((match) => match[1])));
    const families = shipped.filter((file) => file.path.startsWith("src/base/sandbox/")).length > 0 ? /^(QUERY|WORK)_(TIMEOUT|MEMORY|CANCELLED|FAILED|QUEUE_FULL|TEAM_FULL)$/ : /^$/;
    list(Object.keys(problems).filter((problem) => !used.has(problem) && !families.test(problem)).map((problem) => `${problem} is registered and never used`));
    const places = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))].sort();
    for (const [problem, { detail }] of Object.entries(problems)) {
      const japanese = places(detail.ja).map((name) => name.replace(/Ja$/, ""));
      assert.deepEqual([...new Set(japanese)].sort(), places(detail.en), problem);
    }
  });

  it("nothing committed names a machine's path or a registry's address", () => {
    const all = sources(["."], [".ts", ".tsx", ".mjs", ".json", ".md", ".sql", ".css", ".html", "/kliv", "/prepare", "/run"]);
    assert.ok(all.length > 300, `${all.length} files`);
    const own = "tests/tidy.test.ts";
    list(all.filter((file) => file.path !== own).flatMap((file) => linesWith(file, /\/(home|Users|root|work)\/\w+\/|:\/\/registry\.|"resolved": "http/)).map((line) => line.slice(0, 200)));
  });
});

function linesWith({ path, text }: SourceFile, what: RegExp): string[] {
  return text.split("\n").flatMap((line, i) => (what.test(line) ? [`${dirname(path)}/${basename(path)}:${i + 1} ${line.trim()}`] : []));
}
