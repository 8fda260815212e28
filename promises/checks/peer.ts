import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { systemClock } from "#src/base/clock.ts";
import { newId } from "#src/base/ids.ts";
import { replyOf } from "#src/rooms/trust/outsider.ts";
import type { CheckContext, LiveSystem, Probe, Reply, RequestOptions } from "#src/rooms/trust/promise.ts";
import { rawDirectory } from "#src/rooms/trust/rawstore.ts";

/*
 * A small stand-in for Kliv behind the context of a check, for the red twins: it behaves, or has exactly one fault. That the
 * checks also work against Kliv itself is shown by the integration test, which runs them on the live system.
 */

export type Fault =
  | "short-password" | "utf16-length" | "leaked-password" | "no-user-name" | "any-password" | "plain-cookie"
  | "accepts-damaged" | "accepts-damaged-json" | "accepts-damaged-packed" | "accepts-damaged-sql" | "accepts-damaged-parquet" | "accepts-damaged-excel" | "keeps-damaged" | "no-line" | "refuses-sound" | "refuses-workbook" | "crashes" | "adds-damaged-rows" | "adds-half" | "no-row-line" | "attaches-unfit" | "attaches-script"
  | "export-omits" | "export-omits-queries" | "export-unstable" | "import-changes" | "import-refuses" | "export-open"
  | "no-range" | "wrong-etag" | "loses-row" | "joins-changed" | "damages-file"
  | "open-database" | "team-in-gallery" | "link-in-gallery" | "page-leaks" | "page-hides" | "page-fails" | "keeps-withdrawn" | "late-publication" | "hides-publication" | "no-disk";

interface Peer {
  context: CheckContext;
  probes: { made: number; disposed: number };
  close(): Promise<void>;
}

interface Database {
  id: string;
  team: string;
  name: string;
  sha256: string;
  sizeBytes: number;
  tables: { name: string; rows: number; columns: { name: string; type: string }[] }[];
  key: string;
}

interface Report {
  id: string;
  team: string;
  definition: { title: string; description: string };
  visibility: string | null;
  slug: string;
  /** How often the gallery was searched since it was published. */
  searches: number;
}

interface State {
  faults: Set<Fault>;
  blobs: Blobs;
  folder: string;
  links: Map<string, string>;
  passwords: Map<string, string>;
  probes: Map<string, Probe>;
  databases: Map<string, Database>;
  reports: Map<string, Report>;
  queries: { team: string; name: string; sql: string }[];
  portable: Map<string, string>;
  exports: number;
}

export async function createPeer(...faults: Fault[]): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), "kliv-peer-"));
  const root = join(folder, "blobs");
  const blobs = await openBlobs({ url: `dir:${root}`, key: randomBytes(32), environment: "development" });
  const state: State = {
    faults: new Set(faults), blobs, folder, links: new Map(), passwords: new Map(), probes: new Map(), databases: new Map(), reports: new Map(), queries: [], portable: new Map(), exports: 0,
  };
  const counts = { made: 0, disposed: 0 };
  const live: LiveSystem = {
    placesFound: () => Promise.resolve([]), openAs: () => Promise.resolve([]),
    environment: "development", isPublicHost: false, blobs, rawStore: rawDirectory(root),
    listeners: () => [], ports: () => Promise.resolve({ ports: [], unseen: null }), outbound: () => [],
    probeActor: (mate) => Promise.resolve(makeProbe(state, counts, mate)),
    probeMember: () => Promise.reject(new Error("no members")),
    storedRows: () => Promise.resolve([]),
    databaseRole: () => Promise.reject(new Error("no database")),
    attemptOutbound: async () => [],
    verifyLogs: () => Promise.resolve([]),
    auditObjects: () => Promise.resolve([]),
    durability: () => Promise.reject(new Error("nothing audits here")),
    agreements: { publish: () => Promise.reject(new Error("there are no documents here")), note: () => Promise.reject(new Error("there are no documents here")) },
    readLog: () => Promise.reject(new Error("no log")),
    publicSlugs: () => Promise.resolve([...state.reports.values()].filter((one) => one.visibility === "public").map((one) => one.slug)),
  };
  const request = async (method: string, path: string, options: RequestOptions = {}): Promise<Reply> => {
    const url = new URL(path, "https://localhost");
    const body = Buffer.isBuffer(options.body) ? options.body : Buffer.from(JSON.stringify(options.body ?? null));
    const { status, headers = {}, json, bytes } = await answer(state, { method, url, path: url.pathname, body, headers: options.headers ?? {}, token: options.token });
    const isJson = json !== undefined;
    const type = status >= 400 ? "application/problem+json" : "application/json";
    return replyOf(status, { ...(isJson ? { "content-type": type } : {}), ...headers }, isJson ? Buffer.from(JSON.stringify(json)) : (bytes ?? Buffer.alloc(0)));
  };
  return {
    context: { origin: "https://localhost:1", ca: Buffer.alloc(0), clock: systemClock, signal: new AbortController().signal, request, live },
    probes: counts,
    close: async () => {
      await blobs.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function makeProbe(state: State, counts: { made: number; disposed: number }, mate?: Probe): Probe {
  counts.made++;
  const id = newId("usr");
  const user = mate?.user ?? { id, email: `${id}@kliv.invalid`, userName: `check-${id}` };
  const probe: Probe = {
    user, team: newId("team"), token: newId("tok"),
    passwordLink: () => {
      const link = newId("link");
      state.links.set(link, user.id);
      return Promise.resolve(link);
    },
    claimDomain: () => Promise.resolve("kliv.invalid"),
    comeFromProvider: () => Promise.resolve(""),
    dispose: () => {
      counts.disposed++;
      return Promise.resolve();
    },
  };
  state.probes.set(probe.token, probe);
  return probe;
}

const described = ["/healthz", "/api/v1/gallery", "/api/v1/databases/{id}", "/api/v1/databases/{id}/download", "/api/v1/teams/{team}/databases", "/api/v1/reports/{id}"];

interface Ask {
  method: string;
  url: URL;
  path: string;
  body: Buffer;
  headers: Record<string, string>;
  token: string | undefined;
}
interface Told {
  status: number;
  headers?: Record<string, string>;
  json?: unknown;
  bytes?: Buffer;
}

const problem = (status: number, code: string, more: object = {}): Told => ({ status, json: { type: "about:blank", title: code, status, code, detail: "because", ...more } });

async function answer(state: State, ask: Ask): Promise<Told> {
  const { method, path } = ask;
  const { faults } = state;
  if (path === "/healthz") return { status: 200, json: {} };
  if (path === "/api/v1/openapi.json") return { status: 200, json: { paths: Object.fromEntries(described.map((one) => [one, { get: {} }])) } };
  if (path === "/api/v1/passwords") return createPassword(state, ask);
  if (path === "/api/v1/sessions") return signIn(state, ask);
  if (path === "/api/v1/gallery") return gallery(state, ask);
  if (path === "/gallery") return galleryPage(state, ask);
  const page = /^\/r\/([\w-]+)$/.exec(path)?.[1];
  if (page !== undefined) return showPage(state, ask, page);
  const probe = state.probes.get(ask.token ?? "");
  const [, , , noun = "", id = "", verb = ""] = path.split("/");
  const isOpen = (faults.has("open-database") && noun === "databases" && verb === "") || (faults.has("export-open") && verb === "export");
  if (!probe && !isOpen) return problem(401, "SIGNIN_NEEDED");
  if (noun === "teams") {
    if (verb === "databases") return method === "POST" ? upload(state, ask, id) : { status: 200, json: { items: [...state.databases.values()].filter((one) => one.team === id), nextCursor: null } };
    if (verb === "attachments") return attach(state, ask);
    if (verb === "reports") return createReport(state, ask, id);
    if (verb === "queries") return { status: 201, json: state.queries.push({ ...(JSON.parse(ask.body.toString()) as { name: string; sql: string }), team: id }) };
    if (verb === "export") return exportTeam(state, id);
    if (verb === "import") return importTeam(state, ask, id);
  }
  if (noun === "attachments") return attached(state, ask, id);
  if (noun === "databases") {
    const database = state.databases.get(id);
    if (!database) return problem(404, "NOT_FOUND");
    if (verb === "tables") return addRows(state, database);
    return verb === "download" ? download(state, ask, database) : { status: 200, json: database };
  }
  const report = state.reports.get(id);
  if (noun !== "reports" || !report) return problem(404, "NOT_FOUND");
  if (method === "DELETE") {
    if (!faults.has("keeps-withdrawn")) report.visibility = null;
    return { status: 204 };
  }
  report.searches = 0;
  report.visibility = (JSON.parse(ask.body.toString()) as { visibility: string }).visibility;
  return { status: 201, json: { slug: report.slug, url: `/r/${report.slug}`, visibility: report.visibility, version: 1 } };
}

function createPassword({ faults, links, passwords }: State, { body }: Ask): Told {
  const { link, password } = JSON.parse(body.toString()) as { link: string; password: string };
  const user = links.get(link);
  if (!user) return problem(400, "LINK_INVALID");
  const length = faults.has("utf16-length") ? password.length : [...password].length;
  const least = faults.has("short-password") ? 7 : 8;
  const isLeaked = ["password", "12345678", "qwertyuiop", "1q2w3e4r"].includes(password.toLowerCase()) && !faults.has("leaked-password");
  if (length < least || length > 128 || isLeaked) return problem(422, "PASSWORD_REFUSED");
  links.delete(link);
  passwords.set(user, password);
  return { status: 204 };
}

function signIn({ faults, probes, passwords }: State, { body }: Ask): Told {
  const { email, password } = JSON.parse(body.toString()) as { email: string; password: string };
  const user = [...probes.values()].find((one) => one.user.email === email || (one.user.userName === email && !faults.has("no-user-name")))?.user;
  if (!user || (passwords.get(user.id) !== password && !faults.has("any-password"))) return problem(401, "SIGNIN_FAILED");
  return { status: 201, json: {}, headers: { "set-cookie": `__Host-kliv=x; Path=/; HttpOnly; SameSite=Lax${faults.has("plain-cookie") ? "" : "; Secure"}` } };
}

const linesOf: Record<string, number> = { "binary.csv": 3, "quote.csv": 3, "wide.tsv": 4, "bytes.csv": 52, "broken.json": 2, "cut.json": 2, "deep.json": 2, "bytes.json": 51, "broken.ndjson": 2, "broken.sql": 2, "cut.sql": 2, "escape.sql": 2 };
const damagedNames = /^(empty|binary|quote|wide|bytes|columns|picture|text|noise|cut|cut-in-page|page|pages-swapped|schema|broken|deep|bomb|escape|lies|entity|locked)\./;

async function upload(state: State, { body, headers, url }: Ask, team: string): Promise<Told> {
  const { faults } = state;
  const file = headers["x-filename"] ?? "";
  const id = newId("db");
  const key = `versions/${team}/${newId("ver")}.sqlite`;
  if (faults.has("no-disk")) return problem(503, "STORE_UNAVAILABLE");
  const isTaken = faults.has("accepts-damaged") || (faults.has("accepts-damaged-json") && file.endsWith("json")) || (faults.has("accepts-damaged-packed") && /(gz|zip)$/.test(file)) || (faults.has("accepts-damaged-sql") && file.endsWith("sql")) || (faults.has("accepts-damaged-parquet") && file.endsWith("parquet")) || (faults.has("accepts-damaged-excel") && file.endsWith("xlsx"));
  if (damagedNames.test(file) && !isTaken) {
    if (faults.has("crashes")) return problem(500, "INTERNAL");
    if (faults.has("keeps-damaged")) await state.blobs.put(key, body);
    return problem(422, "FILE_DAMAGED", { file, ...(faults.has("no-line") ? {} : { line: linesOf[file] }) });
  }
  if (faults.has("refuses-workbook") && file === "sound.xlsx") return problem(422, "FILE_UNREADABLE", { file });
  if (faults.has("refuses-sound") && file === "sound.csv") return problem(422, "FILE_DAMAGED", { file });
  const { bytes, rows } = body.subarray(0, 6).toString() === "SQLite" ? { bytes: body, rows: 2_000 } : /(json|gz|zip|sql|parquet|xlsx)$/.test(file) ? { bytes: body, rows: 2 } : await toSqlite(state, body, file.endsWith(".tsv") ? "\t" : ",");
  const { sha256, sizeBytes } = await state.blobs.put(key, bytes);
  const database: Database = { id, team, name: url.searchParams.get("name") ?? "", sha256, sizeBytes, tables: [{ name: "data", rows, columns: [{ name: "name", type: "text" }] }], key };
  state.databases.set(id, database);
  return { status: 201, json: database };
}

const unfitNames = /^(cut|page|entity|open)\.|^script\.pdf$/;

/** An attachment's id is its name. */
function attach({ faults }: State, { headers }: Ask): Told {
  const file = headers["x-filename"] ?? "";
  return unfitNames.test(file) && !faults.has("attaches-unfit") ? problem(422, "ATTACHMENT_DAMAGED", { file }) : { status: 201, json: { id: file } };
}

function attached({ faults }: State, { method }: Ask, id: string): Told {
  if (method === "DELETE") return { status: 204 };
  const bytes = Buffer.from(faults.has("attaches-script") && id.endsWith(".svg") ? "<svg><script>alert(1)</script></svg>" : "<svg/>");
  return { status: 200, bytes, headers: { "content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff" } };
}

/** All rows that are ever sent here have something wrong in their second line. */
function addRows({ faults }: State, { tables }: Database): Told {
  if (faults.has("adds-half")) tables[0]!.rows += 1;
  if (faults.has("adds-damaged-rows")) return { status: 200, json: { added: 2 } };
  return problem(422, "ROWS_SYNTAX", faults.has("no-row-line") ? {} : { line: 2 });
}

async function toSqlite(state: State, body: Buffer, delimiter: string): Promise<{ bytes: Buffer; rows: number }> {
  const path = join(state.folder, `${newId("tmp")}.sqlite`);
  const db = new DatabaseSync(path);
  db.exec("create table data (name text, city text, people integer)");
  const add = db.prepare("insert into data (name, city) values (?, ?)");
  // Line breaks in quotes are the one thing of the samples that splitting by line would get wrong.
  const lines = body.toString().replace(/"[^"]*"/g, (cell) => cell.replaceAll("\n", " ")).trim().split("\n").slice(1);
  if (state.faults.has("loses-row")) lines.pop();
  db.exec("begin");
  for (const line of lines) add.run(line.split(delimiter)[0] ?? "", line);
  db.exec("commit");
  db.close();
  return { bytes: await readFile(path), rows: lines.length };
}

async function download({ faults, blobs }: State, { headers }: Ask, database: Database): Promise<Told> {
  const parts: Buffer[] = [];
  for await (const part of (await blobs.get(database.key)).body) parts.push(part as Buffer);
  const bytes = Buffer.concat(parts);
  if (faults.has("damages-file")) bytes.fill(0x5a, 5_000, 5_200);
  const etag = `"${faults.has("wrong-etag") ? "abc" : createHash("sha256").update(bytes).digest("hex")}"`;
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "");
  const isCurrent = headers["if-range"] === undefined || headers["if-range"] === etag || faults.has("joins-changed");
  if (!range || !isCurrent || faults.has("no-range")) return { status: 200, headers: { etag, "content-type": "application/vnd.sqlite3" }, bytes };
  const start = Number(range[1]);
  const end = range[2] ? Number(range[2]) : bytes.length - 1;
  if (start >= bytes.length) return problem(416, "RANGE_INVALID");
  return { status: 206, headers: { etag, "content-range": `bytes ${start}-${end}/${bytes.length}` }, bytes: bytes.subarray(start, end + 1) };
}

function createReport(state: State, { body }: Ask, team: string): Told {
  const id = newId("rep");
  const report: Report = { id, team, definition: JSON.parse(body.toString()), visibility: null, slug: `slug-${randomBytes(6).toString("hex")}`, searches: 0 };
  state.reports.set(id, report);
  return { status: 201, json: { id, ...report.definition } };
}

function listGallery({ faults, reports }: State, { url }: Ask): Report[] {
  const q = url.searchParams.get("q") ?? "";
  const isLate = (one: Report): boolean => faults.has("late-publication") && q !== "" && one.visibility === "public" && one.searches++ < 2;
  const isShown = (one: Report): boolean =>
    (one.visibility === "public" && !isLate(one)) || (one.visibility === "team" && faults.has("team-in-gallery")) || (one.visibility === "link" && faults.has("link-in-gallery"));
  const items = [...reports.values()].filter((one) => one.definition.title.includes(q) && isShown(one));
  return faults.has("hides-publication") && q === "" ? items.slice(1) : items;
}

function gallery(state: State, ask: Ask): Told {
  return { status: 200, json: { items: listGallery(state, ask).map((one) => ({ slug: one.slug, title: one.definition.title })), nextCursor: null } };
}

/** A report a page, so that the links from page to page are needed too. */
function galleryPage(state: State, ask: Ask): Told {
  const { faults, reports } = state;
  const items = listGallery(state, ask);
  const at = Number(ask.url.searchParams.get("cursor") ?? 0);
  const shown = faults.has("page-hides") && at === 0 && !ask.url.searchParams.has("q") ? [] : items.slice(at, at + 1);
  const cards = shown.map((one) => `<h2><a href="/r/${one.slug}">${one.definition.title}</a></h2>`);
  const leak = faults.has("page-leaks") ? [...reports.values()].map((one) => one.definition.title).join(" ") : "";
  const next = at + 1 < items.length ? `<a rel="next" href="/gallery?sort=recent&amp;cursor=${at + 1}">More</a>` : "";
  return { status: 200, headers: { "content-type": "text/html" }, bytes: Buffer.from(`${cards.join("")}${leak}${next}`) };
}

function showPage({ faults, reports }: State, { method }: Ask, slug: string): Told {
  const report = [...reports.values()].find((one) => one.slug === slug);
  const isOpen = report?.visibility === "public" || report?.visibility === "link";
  if (!isOpen || (faults.has("page-fails") && method === "HEAD")) return problem(404, "NOT_FOUND");
  return { status: 200, headers: { "content-type": "text/html" }, bytes: Buffer.from(`<h1>${report.definition.title}</h1>`) };
}

function exportTeam(state: State, team: string): Told {
  const { faults, portable } = state;
  const databases = [...state.databases.values()].filter((one) => one.team === team).map(({ id, name, sha256 }) => ({ id: portable.get(id) ?? id, name, sha256 }));
  const all = [...state.reports.values()].filter((one) => one.team === team);
  const reports = (faults.has("export-omits") ? all.slice(1) : all).map(({ id, definition, visibility }) => ({ id: portable.get(id) ?? id, definition, visibility }));
  state.exports++;
  if (faults.has("export-unstable") && state.exports === 2) reports.reverse();
  return { status: 200, json: { schema: 1, team: { id: team }, users: [{ role: "owner" }], databases, queries: faults.has("export-omits-queries") ? [] : state.queries.map(({ name, sql }) => ({ name, sql })), reports } };
}

function importTeam(state: State, { body }: Ask, team: string): Told {
  if (state.faults.has("import-refuses")) return problem(422, "IMPORT_INVALID");
  let file = JSON.parse(body.toString());
  for (const one of file.databases) {
    const known = state.databases.get(one.id);
    const id = newId("db");
    file = JSON.parse(JSON.stringify(file).replaceAll(one.id, id));
    if (known) state.databases.set(id, { ...known, id, team });
  }
  for (const one of file.reports) {
    const id = newId("rep");
    const definition = state.faults.has("import-changes") ? { ...one.definition, description: "" } : one.definition;
    state.reports.set(id, { id, team, definition, visibility: one.visibility, slug: `slug-${randomBytes(6).toString("hex")}`, searches: 0 });
  }
  return { status: 201, json: {} };
}
