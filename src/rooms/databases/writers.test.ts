import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startEmbeddedPostgres } from "#src/base/postgres/embedded.ts";
import type { EmbeddedPostgres } from "#src/base/postgres/embedded.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

describe("writers of one database", () => {
  const folder = mkdtempSync(join(tmpdir(), "kliv-writers-"));
  let given: EmbeddedPostgres;
  let nodes: TestServer[];
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  before(async () => {
    given = await startEmbeddedPostgres({ home: folder });
    // Room for few of the copies: those that are put out are fetched again.
    const variables = { DATABASE_URL: given.ownerUrl, KLIV_BLOBS: `dir:${join(folder, "blobs")}`, KLIV_CACHE_BYTES_MAX: String(1024 ** 2) };
    nodes = [await startTestServer(variables), await startTestServer(variables)];
    mine = await nodes[0]!.makeTeam("writers");
  });
  after(async () => {
    for (const node of nodes) await node.stop();
    await given.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const call = (node: TestServer, method: string, path: string, body?: unknown) => node.api(method, `/api/v1${path}`, { token: mine.token, body, headers: { "accept-language": "en", "x-filename": "t.csv" } });
  const make = async (csv: string): Promise<string> => (await call(nodes[0]!, "POST", `/teams/${mine.team}/databases?name=w`, Buffer.from(csv))).json.id;
  const ask = async (id: string, sql: string): Promise<unknown[][]> => (await call(nodes[0]!, "POST", `/databases/${id}/query`, { sql })).json.rows;

  it("on two nodes at once: what was acknowledged is there, and nothing else", async (t) => {
    const seed = Number(process.env["KLIV_SEED"] ?? randomInt(1_000_000));
    t.diagnostic(`KLIV_SEED=${seed}`);
    const id = await make("n,node\n-1,-1\n");
    const count = 14;
    const acknowledged: number[] = [];
    const versions = new Set<string>();
    await Promise.all(Array.from({ length: count }, async (_, n) => {
      const rows = Array.from({ length: 1 + ((seed + n) % 3) }, (_each, at) => ({ n: n * 10 + at, node: n % 2 }));
      const answered = await call(nodes[n % 2]!, "POST", `/databases/${id}/tables/t/rows`, rows);
      assert.ok(answered.status === 200 || (answered.status === 409 && answered.json.code === "DATABASE_CHANGED"), answered.bytes.toString());
      if (answered.status !== 200) return;
      acknowledged.push(...rows.map((row) => row.n));
      versions.add(answered.json.version);
    }));
    assert.ok(versions.size >= count / 2, `${versions.size} changes were made`);
    assert.deepEqual((await ask(id, "select n from t where n >= 0 order by n")).flat(), acknowledged.toSorted((a, b) => a - b));
    const { items } = (await call(nodes[1]!, "GET", `/databases/${id}/versions`)).json;
    assert.equal(items.length, versions.size + 1, "each acknowledged change is a version");
    // By number: two nodes whose clocks stand still make ids of one moment.
    assert.equal(items.toSorted((a: { number: number }, b: { number: number }) => b.number - a.number)[0].tables[0].rows, acknowledged.length + 1);
  });

  it("change and add rows by a key", async () => {
    const id = await make("id,n\n1,a\n2,b\n");
    const answered = await call(nodes[0]!, "POST", `/databases/${id}/tables/t/rows?mode=upsert&key=id`, [{ id: 2, n: "B" }, { id: 3, n: "c" }]);
    assert.deepEqual([answered.json.added, answered.json.updated], [1, 1]);
    assert.deepEqual(await ask(id, "select id, n from t order by id"), [[1, "a"], [2, "B"], [3, "c"]]);
    const refused = await call(nodes[0]!, "POST", `/databases/${id}/tables/t/rows?mode=upsert`, [{ id: 2 }]);
    assert.deepEqual([refused.status, refused.json.code], [422, "ROWS_KEY_NEEDED"]);
  });

  it("of rows beyond what is kept in memory, and of a database larger than the cache", async () => {
    const wide = "x".repeat(2_000);
    const id = await make(`n,text\n${Array.from({ length: 1_500 }, (_, n) => `${n},${wide}`).join("\n")}\n`);
    const rows = Array.from({ length: 1_000 }, (_, n) => ({ n: 2_000 + n, text: wide }));
    const answered = await call(nodes[1]!, "POST", `/databases/${id}/tables/t/rows`, rows);
    assert.equal(answered.status, 200, answered.bytes.toString());
    // By its name: the other node hears of the newest a moment later.
    const asked = await Promise.all(nodes.flatMap((node) => Array.from({ length: 4 }, () => call(node, "POST", `/databases/${id}/query`, { sql: `select count(*), sum(length(text)), ${Math.random()} from t`, version: answered.json.version }))));
    for (const one of asked) assert.deepEqual(one.json.rows?.[0]?.slice(0, 2), [2_500, 5_000_000], one.bytes.toString());
    const old = (await call(nodes[0]!, "GET", `/databases/${id}/versions`)).json.items.find(({ number }: { number: number }) => number === 1);
    assert.deepEqual((await call(nodes[0]!, "POST", `/databases/${id}/query`, { sql: "select count(*) from t", version: old.id })).json.rows, [[1_500]]);
  });
});
