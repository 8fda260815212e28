import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import { after, before, describe, it, mock } from "node:test";
import { connect as connectTls } from "node:tls";
import { generateSync } from "otplib";
import { sql } from "kysely";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import { logFolder } from "#src/base/logfiles.ts";
import { readLog } from "#src/base/logsearch.ts";
import { homeKey } from "#src/base/secrets.ts";
import { readLetter } from "#src/http/mailbox.ts";
import { startTestServer } from "./server.ts";
import type { Answered, TestServer } from "./server.ts";
import type { SecretKind } from "./secrets.ts";

interface Shape {
  type?: string;
  const?: unknown;
  minimum?: number;
  anyOf?: { const?: unknown }[];
}

const propertiesOf = (shape: unknown): Record<string, Shape> => (shape as { properties?: Record<string, Shape> } | undefined)?.properties ?? {};

/**
 * What must not leave its place is carried through many routes, the failing ones above all. Each test only sends; at the
 * end all places are searched. `stop` of every test's server does the same for what that test used.
 */
describe("secrets and contents", () => {
  let kliv: TestServer;
  let team = "";
  let token = "";
  let email = "";
  let cookie = "";
  before(async () => {
    kliv = await startTestServer();
    ({ team, token, email } = await kliv.makeTeam("secrets"));
    cookie = await kliv.makeSession(email);
  });
  after(() => kliv.stop());

  /** A new value that nothing else has, kept in mind. */
  const fresh = (kind: SecretKind): string => {
    const value = `${kind}${randomBytes(12).toString("hex")}`;
    kliv.secrets.note(kind, value);
    return value;
  };
  const upload = (text: string | Buffer, headers: Record<string, string> = {}, query = ""): Promise<Answered> =>
    kliv.api("POST", `/api/v1/teams/${team}/databases?name=t${randomBytes(4).toString("hex")}${query}`, { token, body: Buffer.from(text), headers: { "content-type": "text/csv", ...headers } });

  it("passwords, right and wrong, and typed where they do not belong", async () => {
    const wrong = [fresh("password"), fresh("password"), fresh("password")] as const;
    for (const body of [{ email, password: wrong[0] }, { email: wrong[1], password: "x" }, { email: "nobody@example.com", password: wrong[0] }, { email, password: wrong[0], [wrong[2]]: wrong[2] }, { password: wrong[0] }]) {
      assert.ok((await kliv.api("POST", "/api/v1/sessions", { body })).status >= 400);
    }
    const link = fresh("link");
    assert.equal((await kliv.api("POST", "/api/v1/passwords", { body: { link, password: fresh("password") } })).status, 400);
    assert.equal((await kliv.api("POST", "/api/v1/passwords", { body: { link: fresh("link"), password: "short" } })).status >= 400, true);
    await kliv.api("GET", `/password?link=${fresh("link")}`, { headers: { referer: `https://localhost/password?link=${fresh("link")}` } });
  });

  it("tokens in every place that somebody may put one", async () => {
    const bad = (): string => `kliv_${fresh("token")}`;
    assert.equal((await kliv.api("GET", "/api/v1/me", { token: bad() })).status, 401);
    for (const authorization of [`Basic ${Buffer.from(`u:${fresh("password")}`).toString("base64")}`, `Token ${fresh("token")}`, fresh("token")]) await kliv.api("GET", "/api/v1/me", { headers: { authorization } });
    await kliv.api("GET", "/api/v1/me", { cookie: `__Host-kliv=${fresh("session")}` });
    for (const path of [`/api/v1/me?token=${fresh("token")}`, `/api/v1/databases/${fresh("token")}`, `/${fresh("token")}`, `/r/${fresh("token")}?${fresh("token")}=1`, `/api/v1/gallery?q=${fresh("token")}&cursor=${fresh("token")}`, `/%zz${fresh("token")}`]) {
      await kliv.api("GET", path, { token });
    }
    await kliv.api("GET", "/api/v1/me", { token, headers: { "x-request-id": fresh("token"), "x-api-key": fresh("token"), "user-agent": fresh("content"), origin: `https://${fresh("token")}` } });
    const made = await kliv.api("POST", `/api/v1/teams/${team}/tokens`, { cookie, body: { name: "made", scope: "read" }, headers: { "idempotency-key": fresh("token") } });
    assert.equal(made.status, 201, made.bytes.toString());
    assert.equal((await kliv.api("GET", "/api/v1/me", { token: made.json.token })).status, 200);
  });

  it("bodies that are broken, or not what was asked for", async () => {
    const send = (body: string, type = "application/json"): Promise<Answered> => kliv.api("PATCH", `/api/v1/teams/${team}`, { token, body: Buffer.from(body), headers: { "content-type": type } });
    for (const body of [`{"name": "${fresh("content")}`, `{"${fresh("content")}": 1}`, `{"name": {"${fresh("content")}": 1}}`, `[${fresh("content")}]`, `"${fresh("content")}"`]) assert.equal((await send(body)).status, 400, body);
    assert.equal((await send(fresh("content"), `text/${fresh("content")}`)).status, 415);
    const socket = connectTls({ port: kliv.config.port, host: "localhost", ca: kliv.ca, ALPNProtocols: ["http/1.1"] }, () => socket.write(`GET /${fresh("token")} HTTP/1.1\r\n${fresh("token")}\r\n\r\n`));
    await once(socket.resume(), "close");
    const session = connectHttp2(`https://localhost:${kliv.config.port}`, { ca: kliv.ca });
    const stream = session.request({ ":method": fresh("token").toUpperCase(), ":path": "/healthz", [fresh("token")]: fresh("token") });
    await once(stream, "response");
    session.destroy();
  });

  it("files, whole and damaged, and questions about them, right and wrong", async () => {
    const cell = fresh("cell");
    const made = await upload(`name,n\n${cell},1\n${fresh("cell")},2\n`);
    assert.equal(made.status, 201, made.bytes.toString());
    const damaged: [string | Buffer, Record<string, string>?][] = [
      [`a,b\n"${fresh("cell")},1\n`], [`a,b\n${fresh("cell")},1,2,3\n${fresh("cell")}\n`], [Buffer.concat([Buffer.from(`a,b\n${fresh("cell")},`), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from("\n")])],
      [Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.from(fresh("cell").repeat(40))]), { "content-type": "application/vnd.sqlite3", "x-filename": "broken.sqlite" }],
      [`{"a": "${fresh("cell")}"`, { "content-type": "application/json", "x-filename": "broken.json" }], [`\x89PNG\n${fresh("cell")}`, { "content-type": "image/png" }], [`a,b\n\0,${fresh("cell")}\n`],
    ];
    for (const [text, headers] of damaged) {
      await upload(text, headers);
      await upload(text, { ...headers, prefer: "respond-async" });
    }
    const { id } = made.json;
    const [table] = made.json.tables as { name: string }[];
    for (const rows of [`[{"name": "${fresh("cell")}", "n": "${fresh("cell")}"}]`, `[{"name": "${fresh("cell")}", "none": 1}]`, `[{"name": "${fresh("cell")}"`, `{"name": "${fresh("cell")}", "n": 3}\n{"name":`]) {
      await kliv.api("POST", `/api/v1/databases/${id}/tables/${table!.name}/rows`, { token, body: Buffer.from(rows), headers: { "content-type": "application/json" } });
    }
    const ask = (sql: string, parameters?: object): Promise<Answered> => kliv.api("POST", `/api/v1/databases/${id}/query`, { token, body: { sql, ...(parameters ? { parameters } : {}) } });
    const found = await ask(`select * from ${table!.name}`);
    assert.ok(found.bytes.includes(cell));
    for (const wrong of [`select "${fresh("cell")}" from nothing`, `select '${fresh("cell")}`, `select json_extract(name, '$') from ${table!.name}`, `select ${fresh("cell")}('x')`, `drop table ${fresh("cell")}`, `select abs(-9223372036854775808), '${fresh("cell")}'`]) {
      assert.ok((await ask(wrong)).status >= 400, wrong);
    }
    assert.equal((await ask(`select n from ${table!.name} where name = :who`, { who: fresh("cell") })).status, 200);
    await ask("select :who", { [fresh("cell")]: fresh("cell") });
    await kliv.api("GET", `/api/v1/databases/${id}/download`, { token });
    const report = { schema: 1, title: fresh("content"), language: "en", parameters: [], blocks: [{ id: "t1", kind: "table", layout: { x: 0, y: 0, w: 12, h: 4 }, database: id, sql: `select name from ${table!.name}` }] };
    const written = await kliv.api("POST", `/api/v1/teams/${team}/reports`, { token, body: report, headers: { "idempotency-key": fresh("token") } });
    assert.equal(written.status, 201, written.bytes.toString());
    const published = await kliv.api("POST", `/api/v1/reports/${written.json.id}/publication`, { token, body: { visibility: "public" } });
    assert.ok((await kliv.api("GET", `/r/${published.json.slug}`)).bytes.includes(cell));
    await kliv.api("GET", `/api/v1/teams/${team}/export`, { token });
    await kliv.api("GET", `/api/v1/gallery?q=${encodeURIComponent(report.title)}`);
  });

  it("failures of the server itself whose errors quote what was being done", async () => {
    const { postgres } = kliv.running.app;
    const thrown: Error[] = [
      new Error(fresh("cell")), Object.assign(new Error("x"), { name: fresh("cell"), code: `23505 ${fresh("cell")}` }), new Error("x", { cause: new Error(fresh("cell")) }),
      new Error(`/src/${fresh("cell")}.ts:1\n    at f (/src/${fresh("cell")}.ts:2)`), new AggregateError([new Error(fresh("cell"))], fresh("cell")),
    ];
    for (const error of thrown) {
      const broken = mock.method(postgres, "transaction", () => Promise.reject(error));
      try {
        assert.equal((await kliv.api("GET", `/api/v1/teams/${team}/reports`, { token })).status, 500);
      } finally {
        broken.mock.restore();
      }
    }
    // PostgreSQL itself quotes values in its complaints.
    await assert.rejects(postgres.transaction({}, (tx) => sql`select ${fresh("cell")}::text::int`.execute(tx)));
    await assert.rejects(postgres.transaction({}, (tx) => sql.raw(`select '${fresh("cell")}' from nothing`).execute(tx)));
  });

  it("work in the background that fails, and what the queue and the log keep of it", async () => {
    const { postgres, rooms } = kliv.running.app;
    const stub = mock.method(rooms.databases, "create", () => Promise.reject(Object.assign(new Error(fresh("token")), { detail: fresh("token"), row: [fresh("token")] })));
    try {
      const { json } = await upload("a,b\n1,2\n", { prefer: "respond-async" });
      // The queue writes down how the work ended after its handler has.
      for (let looks = 0; looks < 2_000; looks++) {
        const { rows } = await postgres.pool.query("select 1 from boss.job where data->>'job' = $1 and output is not null", [json.job]);
        if (rows.length > 0) break;
      }
      // Before it is tried again, which would write another end over this one.
      assert.deepEqual(await kliv.secrets.scan(), []);
      const failed = await kliv.api("GET", `/api/v1/jobs/${json.job}`, { token });
      assert.deepEqual([failed.json.state, failed.json.error.code], ["failed", "INTERNAL"]);
      kliv.running.log.flush();
      const told = await readLog(kliv.config.home, { sinceMs: 0, untilMs: Infinity, limit: 1_000 });
      assert.ok(told.some((line) => line.event === "import" && line.job === json.job && line.team === team && line.code === "INTERNAL"), "its end is logged");
      assert.ok(told.some((line) => line.event === "work failed" && line.kind === "import" && line.error === "Error"), "and what kind of failure it was");
    } finally {
      stub.mock.restore();
    }
  });

  it("second factors and their codes", async () => {
    const setup = await kliv.api("POST", "/api/v1/me/factors/totp/setup", { cookie });
    assert.equal(setup.status, 201, setup.bytes.toString());
    const { secret } = setup.json as { secret: string };
    await kliv.api("POST", "/api/v1/me/factors/totp", { cookie, body: { code: "000000" } });
    const added = await kliv.api("POST", "/api/v1/me/factors/totp", { cookie, body: { code: generateSync({ secret, epoch: kliv.clock.now() / 1_000 }) } });
    assert.equal(added.status, 201, added.bytes.toString());
    const half = await kliv.api("POST", "/api/v1/sessions", { body: { email, password: `of ${email} for one test` } });
    assert.equal(half.status, 202);
    const step = String(half.headers["set-cookie"]).split(";")[0]!;
    for (const code of ["111111", fresh("factor"), (added.json.recoveryCodes as string[])[0]!]) await kliv.api("POST", "/api/v1/sessions/second-factor", { cookie: step, body: { kind: code === "111111" ? "totp" : "recovery", code } });
  });

  it("letters and their links", async () => {
    for (const address of [email, "someone@example.com", "誰か@example.com"]) await kliv.api("POST", "/api/v1/password-links", { body: { email: address }, headers: { "accept-language": address === email ? "ja" : "en" } });
    const folder = join(kliv.config.home, "mail");
    const links = readdirSync(folder).flatMap((name) => [...readLetter(readFileSync(join(folder, name), "utf8")).text.matchAll(/link=([\w-]+)/g)].map(([, link]) => link!));
    assert.ok(links.length > 0);
    kliv.secrets.note("link", ...links);
    assert.equal((await kliv.api("POST", "/api/v1/passwords", { body: { link: links[0], password: fresh("password") } })).status, 204);
    assert.equal((await kliv.api("POST", "/api/v1/passwords", { body: { link: links[0], password: fresh("password") } })).status, 400);
    // A name that somebody gives must not bring the letter's own words into the log either.
    await kliv.api("GET", "/mailbox");
  });

  it("every route that there is, with something in each place that it reads", async () => {
    const walker = await kliv.makeTeam("walker");
    const session = await kliv.makeSession(walker.email);
    const { routes } = kliv.running.app;
    const failed: string[] = [];
    // What takes things away comes last.
    for (const route of [...routes].sort((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"))) {
      for (const who of [{ token: walker.token }, { cookie: session }, { token: fresh("token") }]) {
        const path = route.url.replace(/:(\w+)/g, (_, name: string) => (name === "team" ? walker.team : fresh("token")));
        const query = new URLSearchParams(Object.keys(propertiesOf(route.query)).map((name) => [name, fresh("token")]));
        const hasBody = route.method !== "GET" && route.method !== "DELETE";
        const body = !hasBody ? undefined : route.body === "stream" ? Buffer.from(`a,b\n"${fresh("cell")}`) : bodyOf(route.body);
        const answered = await kliv.api(route.method, `${path}?${query}`, { ...who, ...(body === undefined ? {} : { body }), headers: { "user-agent": fresh("content"), referer: `https://elsewhere.example/${fresh("token")}` } });
        if (answered.status >= 500 && answered.status !== 502 && answered.status !== 503) failed.push(`${route.method} ${route.url}: ${answered.status} ${answered.bytes.toString().slice(0, 200)}`);
      }
    }
    assert.ok(routes.length > 80, `${routes.length} routes`);
    assert.deepEqual(failed, []);
  });

  /** What a body's shape asks for, with new values: secrets by the names of their fields, and content. */
  function bodyOf(shape: unknown): unknown {
    return Object.fromEntries(Object.entries(propertiesOf(shape)).map(([name, of]) => {
      if (of.type !== "string") return [name, of.type === "object" ? bodyOf(of) : of.type === "array" ? [fresh("content")] : (of.const ?? of.anyOf?.[0]?.const ?? of.minimum ?? true)];
      return [name, /password|secret|token|link|code|step|credential|response|proof/i.test(name) ? fresh("token") : name === "email" ? `${fresh("content")}@example.com` : fresh("content")];
    }));
  }

  it("stand in no mail, log, table or object where they do not belong", async () => {
    kliv.running.log.flush();
    assert.ok(kliv.secrets.size() > 80, `${kliv.secrets.size()} secrets`);
    assert.deepEqual(await kliv.secrets.scan(), []);
  });

  it("nor in a file of PostgreSQL's, where they would stay when their rows are gone", async () => {
    const { postgres } = kliv.running.app;
    assert.deepEqual(await kliv.secrets.scanDisk(), []);
    // And would be found there: a name that was one for a moment.
    const value = fresh("token");
    for (const name of [value, "secrets"]) assert.equal((await kliv.api("PATCH", `/api/v1/teams/${team}`, { token, body: { name } })).status, 200);
    await postgres.ping();
    const leaks = await kliv.secrets.scanDisk();
    assert.ok(leaks.length > 0 && leaks.every(({ where }) => where.startsWith("file postgres/data/")), JSON.stringify(leaks));
    kliv.secrets.forget(value);
  });

  it("and would be found in each of these places", async () => {
    const { config } = kliv;
    const found = async (kind: SecretKind, plant: (value: string) => unknown): Promise<string[]> => {
      const value = fresh(kind);
      const mend = (await plant(value)) as undefined | (() => unknown);
      const leaks = (await kliv.secrets.scan()).map(({ where }) => where.replace(/ \S*\//, " "));
      await mend?.();
      // It was planted; the search at the end is not to find it again.
      kliv.secrets.forget(value);
      return [...new Set(leaks)];
    };
    const logFile = join(logFolder(config.home), "kliv-2026-11-24.ndjson");
    assert.deepEqual(await found("token", (value) => kliv.running.log.flush() ?? kliv.running.log("request", { route: value }) ?? kliv.running.log.flush()), ["log kliv-2026-11-24.ndjson"]);
    assert.deepEqual(await found("password", (value) => appendFileSync(logFile, Buffer.from(value).toString("base64"))), ["log kliv-2026-11-24.ndjson"]);
    const name = (value: string) => kliv.api("PATCH", `/api/v1/teams/${team}`, { token, body: { name: value } });
    const inTable = await found("factor", async (value) => {
      assert.equal((await name(value)).status, 200);
      return () => name("secrets");
    });
    assert.ok(inTable.includes("table public.teams"), inTable.join());
    assert.deepEqual(await found("cell", (value) => {
      mkdirSync(join(config.home, "blobs/objects/plain"), { recursive: true });
      writeFileSync(join(config.home, "blobs/objects/plain/file="), value);
      return () => rmSync(join(config.home, "blobs/objects/plain"), { recursive: true });
    }), ["raw object file="]);
    assert.deepEqual(await found("session", async (value) => {
      const blobs = await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment: config.environment });
      await blobs.put("planted/object", Buffer.from(value));
      return async () => {
        await blobs.delete("planted/object");
        await blobs.close();
      };
    }), ["object object"]);
    assert.deepEqual(await found("cell", async (value) => {
      await kliv.running.app.rooms.signin.sendLink({ email: "planted@example.com", language: "ja", origin: `https://${value}.example`, by: { kind: "system", user: null } });
    }), ["mail"]);
  });
});
