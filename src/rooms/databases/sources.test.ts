import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { S3Client, CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { sql } from "kysely";
import { radosgwMissing, startRadosgw } from "#src/base/blobs/radosgw.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";

const hourMs = 3_600_000;

describe("a database that is refreshed", { timeout: 180_000 }, () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let database: string;
  let address: string;
  /** What the other side has, and what it was asked. */
  const file = { body: "code,n\n007,1\n", etag: '"1"' as string | null, status: 200 };
  const asked: (string | undefined)[] = [];
  const elsewhere = createServer((request, response) => {
    asked.push(request.headers["if-none-match"]);
    if (file.status !== 200) return response.writeHead(file.status).end();
    if (file.etag !== null && request.headers["if-none-match"] === file.etag) return response.writeHead(304).end();
    response.writeHead(200, file.etag === null ? {} : { etag: file.etag }).end(file.body);
  });
  before(async () => {
    await new Promise<void>((done) => elsewhere.listen(0, "127.0.0.1", done));
    address = `http://localhost:${(elsewhere.address() as AddressInfo).port}/data.csv?token=s3cr3t-of-url`;
    kliv = await startTestServer({ KLIV_OUTBOUND_PRIVATE: "localhost,127.0.0.1" });
    mine = await kliv.makeTeam("sources");
  });
  after(async () => {
    elsewhere.close().closeAllConnections();
    await kliv.stop();
  });
  beforeEach(async () => {
    Object.assign(file, { body: "code,n\n007,1\n", etag: '"1"', status: 200 });
    asked.length = 0;
    database = (await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=d`, { token: mine.token, body: Buffer.from("code,n\n1,1\n"), headers: { "x-filename": "data.csv" } })).json.id;
  });

  // Another test's source is not to be due in the next.
  afterEach(() => call("DELETE"));

  const call = (method: string, path = "", body?: unknown): Promise<Answered> => kliv.api(method, `/api/v1/databases/${database}/source${path}`, { token: mine.token, ...(body === undefined ? {} : { body }) });
  const settled = async (): Promise<any> => {
    for (;;) {
      const { source } = (await call("GET")).json;
      if (!source?.isRunning) return source;
    }
  };
  const versions = async (): Promise<number> => (await kliv.api("GET", `/api/v1/databases/${database}`, { token: mine.token })).json.versionNumber;
  const refresh = async (): Promise<any> => {
    assert.equal((await call("POST", "/refreshes")).status, 202);
    return await settled();
  };
  const letters = (): string[] => {
    const folder = join(kliv.config.home, "mail");
    return existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8")).filter((raw) => raw.includes(mine.email)) : [];
  };
  const url = (every = "hour") => ({ kind: "url", url: address, every });

  it("takes the file at once, and again only when it changed", async () => {
    assert.equal((await call("PUT", "", url())).status, 200);
    const first = await settled();
    assert.deepEqual([first.failures, first.problem, await versions()], [0, null, 2]);
    assert.ok(!first.address.includes("s3cr3t-of-url") && first.address.endsWith("/data.csv"));
    await refresh();
    assert.deepEqual([asked, await versions()], [[undefined, '"1"'], 2]);
    // A server that tells nothing of its file: the same bytes are no new version.
    file.etag = null;
    await refresh();
    assert.equal(await versions(), 2);
    Object.assign(file, { body: "code,n\n008,2\n", etag: '"2"' });
    const changed = await refresh();
    assert.equal(await versions(), 3);
    assert.equal(changed.changedAt, changed.checkedAt);
    const { items } = (await kliv.api("GET", `/api/v1/teams/${mine.team}/audit-events?action=database:update`, { token: mine.token })).json;
    assert.deepEqual([items[0].actor.kind, items[0].resource.id], ["system", database]);
  });

  it("on its schedule, once whoever looks, and no more when the source is gone", async () => {
    await call("PUT", "", url("day"));
    await settled();
    const { sources } = kliv.running.app.rooms.arrivals;
    file.etag = '"3"';
    file.body = "code,n\n9,9\n";
    await sources.queueDue();
    assert.equal((await settled()).isRunning, false);
    assert.equal(asked.length, 1, "not before its time");
    kliv.clock.move(25 * hourMs);
    await Promise.all([sources.queueDue(), sources.queueDue(), sources.queueDue()]);
    await settled();
    assert.deepEqual([asked.length, await versions()], [2, 3]);
    assert.equal((await call("DELETE")).status, 204);
    kliv.clock.move(25 * hourMs);
    await sources.queueDue();
    assert.deepEqual([asked.length, (await call("GET")).json.source], [2, null]);
  });

  it("is read as a person chose, and says so where the file does not fit any more", async () => {
    const preview = (await kliv.api("POST", `/api/v1/teams/${mine.team}/previews?database=${database}`, { token: mine.token, body: Buffer.from("code,n\n1,1\n"), headers: { "x-filename": "data.csv" } })).json;
    await kliv.api("PATCH", `/api/v1/previews/${preview.id}`, { token: mine.token, body: { choices: { tables: [{ from: "data", columns: [{ from: "code", type: "integer" }] }] } } });
    const { job } = (await kliv.api("POST", `/api/v1/previews/${preview.id}/import`, { token: mine.token, body: {} })).json;
    await kliv.api("GET", `/api/v1/jobs/${job}`, { token: mine.token, headers: { accept: "text/event-stream" } });
    await call("PUT", "", url());
    await settled();
    assert.equal((await kliv.api("GET", `/api/v1/databases/${database}`, { token: mine.token })).json.tables[0].columns[0].type, "INTEGER");
    Object.assign(file, { body: "code,n\nA1,1\n", etag: '"4"' });
    const failed = await refresh();
    assert.deepEqual([failed.failures, failed.problem.code, failed.problem.line, await versions()], [1, "FILE_CELL_TYPE", 2, 3]);
  });

  it("tells of failures once, is paused after five, and goes on when somebody says so", async () => {
    await call("PUT", "", url());
    await settled();
    const before = letters().length;
    file.status = 503;
    for (let failures = 1; failures <= 5; failures++) {
      kliv.clock.move(2 * hourMs);
      await kliv.running.app.rooms.arrivals.sources.queueDue();
      const source = await settled();
      assert.deepEqual([source.failures, source.problem.code, source.isPaused], [failures, "URL_ANSWERED", failures === 5]);
    }
    const told = letters().slice(before);
    assert.equal(told.length, 1);
    kliv.clock.move(48 * hourMs);
    const times = asked.length;
    await kliv.running.app.rooms.arrivals.sources.queueDue();
    await settled();
    assert.equal(asked.length, times);
    file.status = 200;
    const again = await refresh();
    assert.deepEqual([again.failures, again.isPaused, again.problem], [0, false, null]);
  });

  it("a run that was taken over, or given out again, changes nothing", async () => {
    await call("PUT", "", url());
    await settled();
    const { postgres } = kliv.running.app;
    const run = async (): Promise<string | null> => (await postgres.transaction({ operator: true }, (tx) => sql<{ run_id: string | null }>`select run_id from sources where database_id = ${database}`.execute(tx))).rows[0]!.run_id;
    assert.equal(await run(), null);
    await postgres.transaction({ operator: true }, (tx) => sql`update sources set run_id = 'run_other', run_at = ${kliv.clock.date()}, etag = null, sha256 = null where database_id = ${database}`.execute(tx));
    assert.equal((await call("POST", "/refreshes")).json.code, "SOURCE_BUSY");
    const at = asked.length;
    await kliv.running.app.rooms.arrivals.sources.queueDue();
    assert.deepEqual([asked.length, await versions(), await run()], [at, 2, "run_other"]);
    // One that did not live to end is taken for lost in the end.
    kliv.clock.move(9 * hourMs);
    await kliv.running.app.rooms.arrivals.sources.queueDue();
    assert.equal((await settled()).failures, 0);
    assert.equal(await run(), null);
  });

  it("is refused where the address leads inside or is none", async () => {
    for (const one of ["https://10.0.0.1/x.csv", "https://169.254.169.254/", "http://example.com/x.csv", "https://u:p@example.com/x", "x"]) assert.deepEqual([(await call("PUT", "", { ...url(), url: one })).json.code], ["OUTBOUND_REFUSED"], one);
    const s3 = { kind: "s3", endpoint: "https://s3.example.com", region: "us-east-1", bucket: "files", key: "a.csv", every: "day" };
    for (const part of [{ endpoint: "https://s3.example.com/x" }, { key: "../a" }, { key: "a//b" }, { accessKeyId: "AKIA" }]) assert.equal((await call("PUT", "", { ...s3, ...part })).json.code, "SOURCE_INVALID");
    assert.equal((await call("PUT", "", { ...s3, endpoint: "https://169.254.169.254" })).json.code, "OUTBOUND_REFUSED");
    assert.equal((await call("POST", "/refreshes")).status, 404);
  });

  it("no address and no key lies open", async () => {
    await call("PUT", "", url());
    await settled();
    const { rows } = await kliv.running.app.postgres.transaction({ operator: true }, (tx) => sql`select sources::text as row from sources`.execute(tx));
    assert.ok(rows.length > 0 && !JSON.stringify(rows).includes("s3cr3t-of-url"));
  });

  it("an S3 object is asked for with a signature", { skip: radosgwMissing() }, async () => {
    const store = await startRadosgw();
    try {
      const client = new S3Client({ endpoint: store.endpoint, region: "us-east-1", forcePathStyle: true, credentials: store });
      await client.send(new CreateBucketCommand({ Bucket: "files" }));
      const put = (body: string) => client.send(new PutObjectCommand({ Bucket: "files", Key: "売上/a b+(1)*'!.csv", Body: body }));
      await put("code,n\n1,2\n");
      const s3 = { kind: "s3", endpoint: store.endpoint, region: "us-east-1", bucket: "files", key: "売上/a b+(1)*'!.csv", accessKeyId: store.accessKeyId, secretAccessKey: store.secretAccessKey, every: "week" };
      // The signature's time is this machine's.
      kliv.clock.move(Date.now() - kliv.clock.now());
      const set = await call("PUT", "", s3);
      assert.equal(set.status, 200, set.bytes.toString());
      assert.ok(!set.bytes.toString().includes(store.secretAccessKey));
      assert.deepEqual([(await settled()).problem, await versions()], [null, 2]);
      await refresh();
      assert.equal(await versions(), 2);
      await put("code,n\n3,4\n");
      await refresh();
      assert.equal(await versions(), 3);
      await call("PUT", "", { ...s3, secretAccessKey: "wrong" });
      assert.deepEqual([(await settled()).problem.code, await versions()], ["URL_ANSWERED", 3]);
      client.destroy();
    } finally {
      await store.stop();
    }
  });
});
