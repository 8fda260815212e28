import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:tls";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { workRoots } from "#src/base/work.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

const limitBytes = 1024 ** 2;
const large = Buffer.from(`a,b\n${"1,2\n".repeat(600_000)}`);
const small = Buffer.from("a,b\n1,2\n");

interface Part {
  field?: string;
  name?: string;
  body: Buffer | string;
}

/** A form as clients write it, with the boundary `XX`. */
function form(...parts: Part[]): Buffer {
  const written = parts.flatMap(({ field = "file", name, body }) => [`--XX\r\nContent-Disposition: form-data; name="${field}"${name ? `; filename="${name}"` : ""}\r\n\r\n`, body, "\r\n"]);
  return Buffer.concat([...written, "--XX--\r\n"].map((piece) => Buffer.from(piece as string)));
}

describe("an upload", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let url: string;
  before(async () => {
    kliv = await startTestServer({ KLIV_UPLOAD_BYTES_MAX: String(limitBytes) });
    mine = await kliv.makeTeam("uploads");
    url = `/api/v1/teams/${mine.team}/databases?name=x`;
  });
  after(() => kliv.stop());

  const post = (body: Buffer, headers: Record<string, string>) => kliv.api("POST", url, { token: mine.token, body, headers: { "accept-language": "en", ...headers } });
  const ofForm = { "content-type": "multipart/form-data; boundary=XX" };

  /** All that an upload could leave: objects, rows of the metadata, working folders. */
  async function left(): Promise<unknown> {
    const { memory, disk } = workRoots({ home: kliv.config.home, diskDir: null });
    const work = [memory, disk].flatMap((root) => (root ? readdirSync(root).filter((name) => name.startsWith("job-")) : []));
    const objects = readdirSync(kliv.config.blobsUrl.slice("dir:".length), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
    const rows = await kliv.running.app.postgres.transaction({ operator: true }, async (tx) =>
      (await sql`select (select count(*) from databases) databases, (select count(*) from versions) versions, (select count(*) from jobs) jobs`.execute(tx)).rows[0]);
    return { work, objects, rows };
  }

  async function refused(made: Promise<{ status: number; json: any; headers: Record<string, unknown> }>, status: number, code: string): Promise<void> {
    const { status: found, json, headers } = await made;
    assert.deepEqual([found, json?.code], [status, code], json?.detail);
    assert.match(String(headers["content-type"]), /^application\/problem\+json/);
  }

  it("beyond the limit is refused, however it is sent, and nothing of it stays", async () => {
    const before = await left();
    for (const prefer of ["", "respond-async"]) {
      await refused(post(large, { "x-filename": "a.csv", prefer }), 413, "FILE_TOO_LARGE");
      await refused(post(form({ name: "a.csv", body: large }), { ...ofForm, prefer }), 413, "FILE_TOO_LARGE");
      const answer = await raw(kliv, `${head(kliv, url, mine.token)}Prefer: ${prefer}\r\nTransfer-Encoding: chunked\r\n\r\n`, [`${large.length.toString(16)}\r\n`, large, "\r\n0\r\n\r\n"]);
      assert.match(answer, /^HTTP\/1\.1 413 [^]*"code":"FILE_TOO_LARGE"/);
    }
    assert.deepEqual(await left(), before);
  });

  it("that breaks off is not taken for a whole file, however it is sent", async () => {
    const before = await left();
    for (const prefer of ["", "respond-async"]) {
      const start = `${head(kliv, url, mine.token)}Prefer: ${prefer}\r\nX-Filename: a.csv\r\n`;
      assert.match(await raw(kliv, `${start}Content-Length: 1000\r\n\r\n`, [small]), /^HTTP\/1\.1 400 [^]*"code":"UPLOAD_CUT_SHORT"/);
      assert.match(await raw(kliv, `${start}Transfer-Encoding: chunked\r\n\r\n`, ["8\r\n", small]), /^HTTP\/1\.1 400 [^]*"code":"UPLOAD_CUT_SHORT"/);
      assert.match(await raw(kliv, `${start}Transfer-Encoding: chunked\r\n\r\n`, ["zz\r\n", small]), /^HTTP\/1\.1 400 [^]*"code":"REQUEST_MALFORMED"/);
      await refused(post(form({ name: "a.csv", body: small }).subarray(0, -20), { ...ofForm, prefer }), 400, "UPLOAD_CUT_SHORT");
      for (const how of ["reset", "vanish"] as const) await breakHttp2(kliv, { url, token: mine.token, prefer, body: small, how });
    }
    // What vanished ends on the server's own time.
    for (let tries = 0; tries < 200 && JSON.stringify(await left()) !== JSON.stringify(before); tries++) await kliv.api("GET", "/healthz");
    assert.deepEqual(await left(), before);
  });

  it("of a form that cannot be read is refused, and says why", async () => {
    const before = await left();
    await refused(post(form({ field: "note", body: "x" }), ofForm), 400, "UPLOAD_MISSING");
    await refused(post(Buffer.alloc(0), ofForm), 400, "UPLOAD_MISSING");
    await refused(post(form({ name: "a.csv", body: small }, { field: "second", name: "b.csv", body: small }), ofForm), 400, "UPLOAD_SEVERAL");
    await refused(post(form({ name: "a.csv", body: small }), { "content-type": "multipart/form-data" }), 400, "UPLOAD_MALFORMED");
    await refused(post(form({ name: "a.csv", body: small }), { "content-type": "multipart/form-data; boundary=YY" }), 400, "UPLOAD_CUT_SHORT");
    await refused(post(Buffer.from("--XX\r\nContent-Disposition: form-da"), ofForm), 400, "UPLOAD_CUT_SHORT");
    await refused(post(form({ name: "../../x", body: small }), ofForm), 422, "FILE_NAME_INVALID");
    await refused(post(form({ name: "a.csv", body: "" }), ofForm), 422, "FILE_EMPTY");
    assert.deepEqual(await left(), before);
  });

  it("of several files becomes one database, and nothing where one of them is wrong", async () => {
    const made = await post(form({ field: "files", name: "価格.csv", body: small }, { field: "note", body: "x" }, { field: "files", name: "x.json", body: '[{"a":1},{"a":2}]' }, { field: "files", name: "価格.csv", body: "c\n" }), ofForm);
    assert.deepEqual([made.status, made.json.tables.map((table: { name: string; rows: number }) => [table.name, table.rows])], [201, [["価格", 1], ["x", 2], ["価格_2", 0]]], made.json.detail);
    const one = await post(form({ field: "files", name: "a.csv", body: small }), ofForm);
    assert.deepEqual([one.status, one.json.tables[0].name], [201, "a"]);
    for (const { json } of [made, one]) await kliv.api("DELETE", `/api/v1/databases/${json.id}`, { token: mine.token });
    const before = await left();
    const wrong = await post(form({ field: "files", name: "a.csv", body: small }, { field: "files", name: "b.json", body: '[{"a":1},\n{"a":}]' }), ofForm);
    assert.deepEqual([wrong.status, wrong.json.code, wrong.json.file, wrong.json.line], [422, "FILE_JSON_SYNTAX", "files.zip/b.json", 2]);
    await refused(post(form({ field: "files", name: "a.csv", body: small }, { field: "file", name: "b.csv", body: small }), ofForm), 400, "UPLOAD_SEVERAL");
    await refused(post(form(...Array.from({ length: 101 }, (_, i) => ({ field: "files", name: `${i}.csv`, body: small }))), ofForm), 400, "UPLOAD_FILES_TOO_MANY");
    await refused(post(form({ field: "files", name: "a.csv", body: small }, { field: "files", name: "b.csv", body: large }), ofForm), 413, "FILE_TOO_LARGE");
    await refused(post(form({ field: "files", name: "a.csv", body: small }, { field: "files", name: "b.csv", body: small }).subarray(0, -20), ofForm), 400, "UPLOAD_CUT_SHORT");
    await refused(post(form({ field: "files", name: "a.csv", body: small }, { field: "files", name: "../../x", body: small }), ofForm), 422, "FILE_NAME_INVALID");
    assert.deepEqual(await left(), before);
  });

  it("of a form is taken with fields beside it, and as curl sends a body", async () => {
    const ofFields = await post(form({ field: "note", body: "x" }, { name: "価格.csv", body: small }, { field: "after", body: "y" }), ofForm);
    assert.deepEqual([ofFields.status, ofFields.json.tables[0].name], [201, "価格"], ofFields.json.detail);
    const ofCurl = await post(small, { "content-type": "application/x-www-form-urlencoded" });
    assert.deepEqual([ofCurl.status, ofCurl.json.tables[0].rows], [201, 1]);
  });
});

const head = ({ config }: TestServer, url: string, token: string): string => `POST ${url} HTTP/1.1\r\nHost: localhost:${config.port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n`;

/** What the server answers to these bytes; the sender then sends no more. */
function raw({ config, ca }: TestServer, start: string, rest: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port: config.port, host: "localhost", servername: "localhost", ca }, () => {
      for (const piece of [start, ...rest]) socket.write(piece);
      socket.end();
    });
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    // The server may close while the rest is still on its way.
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
  });
}

interface Http2Part {
  url: string;
  token: string;
  prefer: string;
  body: Buffer;
  how: "reset" | "vanish";
}

/** Sends a part of a body over HTTP/2, and then takes the request back or vanishes. */
function breakHttp2({ config, ca }: TestServer, { url, token, prefer, body, how }: Http2Part): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: config.port, host: "localhost", servername: "localhost", ca, ALPNProtocols: ["h2"] });
    const session = connectHttp2(`https://localhost:${config.port}`, { createConnection: () => socket });
    session.on("error", reject);
    const stream = session.request({ ":method": "POST", ":path": url, authorization: `Bearer ${token}`, "x-filename": "a.csv", prefer }, { endStream: false });
    stream.on("error", () => {});
    stream.on("close", () => session.close());
    socket.on("close", () => resolve());
    stream.write(body, () =>
      session.ping(() => {
        if (how === "vanish") return void socket.destroy();
        // Node ends a body in order before it takes a request back; browsers and curl do not.
        stream.end = () => stream;
        stream.close(8);
      }),
    );
  });
}
