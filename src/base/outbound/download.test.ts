import assert from "node:assert/strict";
import names from "node:dns/promises";
import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { syncBuiltinESMExports } from "node:module";
import { networkInterfaces } from "node:os";
import { after, before, describe, it, mock } from "node:test";
import { readConfig } from "../config.ts";
import { createOutbound } from "./outbound.ts";
import type { DownloadOptions } from "./outbound.ts";

const lines: string[] = [];
const log = Object.assign((event: string, fields: object = {}) => void lines.push(JSON.stringify({ event, ...fields })), { flush: () => {} });
const outboundOf = (variables: Record<string, string> = {}) => createOutbound({ config: readConfig({ home: "unused" }, variables), log });
/** As an operator allows it who keeps files on the same machine. */
const allowed = { KLIV_OUTBOUND_PRIVATE: "localhost" };
const limits: DownloadOptions = { timeoutMs: 20_000, idleMs: 10_000, bytesMax: 1_000_000 };

describe("outbound.download", () => {
  let [port, otherPort] = [0, 0];
  const asked: { path: string; headers: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? "", headers: request.headers });
    const moved: Record<string, string> = {
      "/there": "/file", "/elsewhere": `http://localhost:${otherPort}/file`, "/round": "/round", "/inside": `http://127.0.0.1:${otherPort}/file`, "/metadata": "https://169.254.169.254/latest/",
      "/mapped": "https://[::ffff:169.254.169.254]/", "/name": "https://rebound.example/", "/script": "javascript:alert(1)", "/secret": "https://u:p@example.com/", "/plain": "http://example.com/",
    };
    const to = moved[request.url ?? ""];
    if (to) return response.writeHead(302, { location: to }).end();
    if (request.url === "/large") return response.writeHead(200, { "content-length": 2_000_000 }).end(Buffer.alloc(2_000_000));
    if (request.url === "/endless") return void response.writeHead(200).write(Buffer.alloc(2_000_000));
    if (request.url === "/silent") return response.flushHeaders();
    if (request.url === "/cut") return void response.writeHead(200, { "content-length": 100 }).write("half", () => request.socket.destroy());
    if (request.url === "/packed") return response.writeHead(200, { "content-encoding": "gzip" }).end("xx");
    if (request.headers["if-none-match"] === '"1"') return response.writeHead(304).end();
    response.writeHead(200, { etag: '"1"' }).end("a,b\n1,2\n");
  });
  const other = createServer((request, response) => {
    asked.push({ path: `other ${request.url}`, headers: request.headers });
    response.end("elsewhere");
  });
  const listen = async (one: Server): Promise<number> => {
    await new Promise<void>((done) => one.listen(0, "127.0.0.1", done));
    return (one.address() as AddressInfo).port;
  };
  before(async () => {
    otherPort = await listen(other);
    port = await listen(server);
  });
  after(() => {
    for (const one of [server, other]) one.close().closeAllConnections();
  });
  const at = (path: string): string => `http://localhost:${port}${path}`;
  const get = async (path: string, options: Partial<DownloadOptions> = {}): Promise<string> => {
    const { body } = await outboundOf(allowed).download("files", at(path), { ...limits, ...options });
    let text = "";
    for await (const part of body) text += Buffer.from(part).toString();
    return text;
  };

  it("gives the bytes as they come, also from where a redirection leads", async () => {
    assert.equal(await get("/file"), "a,b\n1,2\n");
    assert.equal(await get("/there"), "a,b\n1,2\n");
    assert.equal(await get("/elsewhere"), "elsewhere");
    const { status, headers } = await outboundOf(allowed).download("files", at("/file"), { ...limits, headers: { "if-none-match": '"1"' } });
    assert.deepEqual([status, headers.get("etag")], [304, null]);
  });

  it("what was asked with goes to no other origin", async () => {
    asked.length = 0;
    await get("/elsewhere", { headers: { authorization: "AWS4 secret", "if-none-match": '"2"' } });
    assert.deepEqual(asked.map(({ path, headers }) => [path, headers["authorization"], headers["if-none-match"]]), [["/elsewhere", "AWS4 secret", '"2"'], ["other /file", undefined, undefined]]);
    await assert.rejects(get("/elsewhere", { redirect: "error" }), { code: "OUTBOUND_REFUSED" });
  });

  it("ends what is too large, endless, silent, cut short or packed", async () => {
    for (const path of ["/large", "/endless"]) await assert.rejects(get(path), { code: "FILE_TOO_LARGE" }, path);
    await assert.rejects(get("/silent", { idleMs: 50 }), { code: "OUTBOUND_FAILED" });
    await assert.rejects(get("/silent", { timeoutMs: 50 }), { code: "OUTBOUND_FAILED" });
    for (const path of ["/cut", "/packed"]) await assert.rejects(get(path), { code: "OUTBOUND_FAILED" }, path);
  });

  it("no redirection leads inside, without end, or by another way", async () => {
    for (const path of ["/round", "/inside", "/metadata", "/mapped", "/script", "/secret", "/plain"]) await assert.rejects(get(path), { code: "OUTBOUND_REFUSED" }, path);
    assert.ok(!asked.some(({ path, headers }) => path.startsWith("other") && String(headers["host"]).startsWith("127")));
  });

  it("no address leads inside, however it is written and wherever Kliv runs", async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []).filter(({ address }) => !address.startsWith("fe80")).map(({ address, family }) => (family === "IPv6" ? `https://[${address}]/` : `https://${address}/`));
    const inside = [
      `http://localhost:${port}/file`, `https://localhost:${port}/`, `http://127.0.0.1:${port}/file`, "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://0x7f.1/", "https://0/", "https://0.0.0.0/",
      "https://10.1.2.3/", "https://172.16.0.1/", "https://192.168.1.1/", "https://100.64.0.1/", "https://169.254.169.254/latest/meta-data/", "https://2852039166/", "https://[fd00:ec2::254]/", "https://224.0.0.1/", "https://255.255.255.255/",
      "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[0:0:0:0:0:ffff:a00:1]/", "https://[::127.0.0.1]/", "https://[fd00::1]/", "https://[fc00::1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[ff02::1]/",
      "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[64:ff9b:1::a00:1]/", "https://[2002:7f00:1::]/", "https://[2001:0:7f00:1::]/",
      "https://localhost./", "https://LOCALHOST/", "https://１２７.0.0.1/", "https://127。0。0。1/",
      "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "data:text/csv,a", "gopher://example.com/", "https://u:p@example.com/", "https://u@example.com/", "", "nothing", ...own,
    ];
    for (const variables of [{}, { KLIV_ENVIRONMENT: "production" }] as Record<string, string>[]) {
      for (const url of inside) await assert.rejects(outboundOf(variables).download("files", url, { ...limits, timeoutMs: 2_000 }), { code: "OUTBOUND_REFUSED" }, url);
    }
  });

  it("a name is judged by the very address that is connected to, each time", async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []).map(({ address }) => [address]);
    const answers = [["127.0.0.1"], ["10.0.0.5"], ["169.254.169.254"], ["1.1.1.1", "127.0.0.1"], ["::1"], ["::ffff:10.0.0.1"], ["64:ff9b::a00:1"], ["fd00::1"], [], ...own];
    let at = 0;
    const stub = mock.method(names, "lookup", (async () => (answers[at++] ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))) as never);
    syncBuiltinESMExports();
    try {
      for (const found of answers) await assert.rejects(outboundOf().download("files", "https://rebound.example/", limits), { code: "OUTBOUND_REFUSED" }, found.join());
      // Once a connection: there is no second answer that could be another one.
      assert.equal(at, answers.length);
      // The address that a redirection's name has counts as well.
      at = 0;
      await assert.rejects(outboundOf({ KLIV_OUTBOUND_PRIVATE: "127.0.0.1" }).download("files", `http://127.0.0.1:${port}/name`, limits), { code: "OUTBOUND_REFUSED" });
      assert.equal(at, 1);
    } finally {
      stub.mock.restore();
      syncBuiltinESMExports();
    }
  });

  it("the log has the host and nothing else of an address", async () => {
    lines.length = 0;
    await get("/file?token=s3cr3t");
    assert.ok(lines.length > 0 && !lines.join().includes("s3cr3t"));
  });
});
