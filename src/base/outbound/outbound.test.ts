import assert from "node:assert/strict";
import names from "node:dns/promises";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { syncBuiltinESMExports } from "node:module";
import { networkInterfaces } from "node:os";
import { after, before, describe, it, mock } from "node:test";
import { readConfig } from "../config.ts";
import { systemClock } from "../clock.ts";
import { createMail } from "../mail.ts";
import { isOwnAddress, isPublicAddress } from "./addresses.ts";
import { attemptAllWays } from "./attempts.ts";
import { createOutbound } from "./outbound.ts";
import { adapters, isListed, peersOf } from "./register.ts";

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
};
const lines: string[] = [];
const log = Object.assign((event: string, fields: object = {}) => void lines.push(JSON.stringify({ event, ...fields })), { flush: () => {} });
const outboundOf = (variables: Record<string, string> = {}) => createOutbound({ config: readConfig({ home: "unused" }, variables), log });

describe("outbound.fetch", () => {
  let port = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const path = request.url ?? "";
      if (path === "/large") return response.end(Buffer.alloc(2_000_000));
      if (path === "/silent") return response.flushHeaders();
      if (path === "/there") return response.writeHead(302, { location: "/echo" }).end();
      if (path === "/elsewhere") return response.writeHead(302, { location: "http://localhost:1/" }).end();
      if (path === "/round") return response.writeHead(302, { location: "/round" }).end();
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ method: request.method, type: request.headers["content-type"], host: request.headers.host, body: Buffer.concat(parts).toString() }));
    });
  });
  before(async () => {
    port = await listen(server);
  });
  after(() => void server.close().closeAllConnections());
  const at = (path: string): string => `http://localhost:${port}${path}`;

  it("sends and answers as fetch does", async () => {
    const response = await outboundOf().fetch("oidc", at("/echo"), { method: "POST", body: new URLSearchParams({ code: "a b" }) });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { method: "POST", type: "application/x-www-form-urlencoded;charset=UTF-8", host: `localhost:${port}`, body: "code=a+b" });
    assert.equal(((await (await outboundOf().fetch("saml", at("/there"))).json()) as { method: string }).method, "GET");
    assert.equal((await outboundOf().fetch("oidc", at("/elsewhere"), { redirect: "manual" })).status, 302);
  });

  it("goes nowhere else: no other origin, no loop, no endless or silent answer", async () => {
    await assert.rejects(outboundOf().fetch("saml", at("/elsewhere")), { code: "OUTBOUND_REFUSED" });
    await assert.rejects(outboundOf().fetch("saml", at("/round")), { code: "OUTBOUND_REFUSED" });
    await assert.rejects(outboundOf().fetch("saml", at("/large")), { code: "OUTBOUND_FAILED" });
    await assert.rejects(outboundOf().fetch("saml", at("/silent"), { timeoutMs: 50 }), { code: "OUTBOUND_FAILED" });
    await assert.rejects(outboundOf().fetch("saml", "http://localhost:1/"), { code: "OUTBOUND_FAILED" });
  });

  it("refuses what leads inside, however it is written", async () => {
    const production = outboundOf({ KLIV_ENVIRONMENT: "production" });
    const inside = [
      at("/echo"), `https://localhost:${port}/`, "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:a00:1]/",
      "https://10.1.2.3/", "https://169.254.169.254/latest/", "https://192.168.1.1/", "https://[fd00::1]/", "https://[fe80::1]/", "https://[64:ff9b::7f00:1]/", "https://0.0.0.0/", "https://name:secret@example.com/",
      "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "nothing",
    ];
    for (const url of inside) await assert.rejects(production.fetch("saml", url), { code: "OUTBOUND_REFUSED" }, url);
    // Also in development, but for this machine itself by a name that says so.
    for (const url of ["https://10.1.2.3/", "https://[fd00::1]/", "http://10.1.2.3/"]) await assert.rejects(outboundOf().fetch("saml", url), { code: "OUTBOUND_REFUSED" }, url);
    // A host of the operator's own network is called when the operator says so: then it is only not there.
    await assert.rejects(outboundOf({ KLIV_ENVIRONMENT: "production", KLIV_OUTBOUND_PRIVATE: "idp.example, 127.0.0.9" }).fetch("saml", "https://127.0.0.9:1/"), { code: "OUTBOUND_FAILED" });
  });

  it("judges a name by the address it has at the moment of connecting", async () => {
    const answers = [["127.0.0.1"], ["10.0.0.5"], ["1.1.1.1", "127.0.0.1"], ["::1"], []];
    let asked = 0;
    const stub = mock.method(names, "lookup", (async () => (answers[asked++] ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))) as never);
    syncBuiltinESMExports();
    try {
      const production = outboundOf({ KLIV_ENVIRONMENT: "production" });
      for (const found of answers) await assert.rejects(production.fetch("saml", `https://idp.example:${port}/`), { code: "OUTBOUND_REFUSED" }, found.join());
      // Once a connection: there is no second answer that could be another one.
      assert.equal(asked, answers.length);
    } finally {
      stub.mock.restore();
      syncBuiltinESMExports();
    }
  });

  it("keeps an adapter to its configured hosts", async () => {
    await assert.rejects(outboundOf().fetch("mail", "https://example.com/"), { code: "OUTBOUND_REFUSED" });
    await assert.rejects(outboundOf({ KLIV_SMTP: "smtps://mail.example.com" }).connect("mail", { host: "other.example.com", port: 465, timeoutMs: 100 }), { code: "OUTBOUND_REFUSED" });
  });
});

describe("addresses", () => {
  it("knows the internet's", () => {
    for (const address of ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "172.32.0.1", "100.128.0.1"]) assert.ok(isPublicAddress(address), address);
    const inside = ["127.0.0.1", "10.0.0.1", "172.31.255.255", "192.168.0.1", "169.254.1.1", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "::", "::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "fe80::1", "fc00::1", "ff02::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "64:ff9b::a00:1", "localhost", ""];
    for (const address of inside) assert.ok(!isPublicAddress(address), address);
  });
});

describe("this machine's own addresses", () => {
  it("are known, whichever way they are written", () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    for (const { address } of own) assert.ok(isOwnAddress(address), address);
    assert.ok(isOwnAddress("127.0.0.1") && isOwnAddress("::ffff:127.0.0.1"));
    for (const address of ["192.0.2.1", "8.8.8.8", "2606:4700::1111", "localhost", ""]) assert.ok(!isOwnAddress(address), address);
  });
});

describe("the register", () => {
  const listed = (variables: Record<string, string>, host: string, port: number): boolean => isListed(peersOf(readConfig({ home: "unused" }, variables)), host, port);

  it("has the hosts of the configuration and nothing more", () => {
    assert.ok(listed({ KLIV_SMTP: "smtps://u:p@mail.example.com" }, "MAIL.example.com.", 465));
    assert.ok(!listed({ KLIV_SMTP: "smtps://u:p@mail.example.com" }, "mail.example.com", 25));
    assert.ok(!listed({}, "mail.example.com", 465));
    const database = "postgres://u:p@db.example.com:6432/kliv?sslmode=verify-full";
    assert.ok(listed({ DATABASE_URL: database }, "db.example.com", 6432));
    assert.ok(!listed({ DATABASE_URL: database }, "db.example.com.evil.example", 6432));
    assert.ok(!listed({ DATABASE_URL: "postgres://u@/kliv?host=/run/pg" }, "run", 5432));
    const bucket = "s3://files?region=ap-northeast-1";
    assert.ok(listed({ KLIV_BLOBS: bucket }, "files.s3.ap-northeast-1.amazonaws.com", 443));
    assert.ok(!listed({ KLIV_BLOBS: bucket }, "files.s3.us-east-1.amazonaws.com", 443));
    assert.ok(!listed({ KLIV_BLOBS: bucket }, "s3.ap-northeast-1.amazonaws.com.evil.example", 443));
    assert.ok(listed({ KLIV_BLOBS: "s3://files?endpoint=https://objects.example.com" }, "objects.example.com", 443));
    assert.ok(listed({ KLIV_ORIGIN: "https://kliv.example.com" }, "kliv.example.com", 443));
  });

  it("says of each adapter what it is for and what it sends, in both languages", () => {
    for (const { name, purpose, fields } of adapters) {
      assert.ok(fields.length > 0, name);
      for (const text of [purpose, ...fields]) assert.ok(text.en !== "" && /[\u3040-\u30ff\u4e00-\u9fff]/.test(text.ja), name);
    }
  });
});

describe("the guard", () => {
  it("lets no connection out to a host that is not listed, whichever way it is tried, and says so in the log", async () => {
    const takeOff = outboundOf().guard();
    try {
      for (const host of ["192.0.2.1", "third-party.invalid"]) {
        lines.length = 0;
        const attempts = await attemptAllWays({ host, signal: AbortSignal.timeout(5_000) });
        assert.ok(attempts.length >= 7);
        assert.deepEqual(attempts.filter(({ isRefused }) => !isRefused), [], host);
        assert.equal(lines.filter((line) => line.includes('"event":"outbound refused","kind":"unlisted"')).length, attempts.length);
        assert.ok(lines.every((line) => line.includes(`"host":"${host}"`)), lines.join("\n"));
      }
      const error = await new Promise((resolve) => connect(443, "192.0.2.1").once("error", resolve));
      assert.equal((error as { code?: string }).code, "OUTBOUND_REFUSED");
    } finally {
      takeOff();
    }
  });

  it("leaves this machine, listed hosts and what fetch has looked at alone", async () => {
    const server = createTcpServer((socket) => void socket.end("220 no\r\n"));
    const port = await listen(server);
    const takeOff = outboundOf({ KLIV_SMTP: `smtp://127.0.0.1:${port}` }).guard();
    try {
      await new Promise<void>((done, failed) => connect({ host: "127.0.0.1", port }).once("connect", done).once("error", failed).resume());
      // Permitted and yet not there: it fails as the network says, not as the guard does.
      const production = outboundOf({ KLIV_ENVIRONMENT: "production", KLIV_OUTBOUND_PRIVATE: "unlisted.invalid" });
      await assert.rejects(production.fetch("saml", "https://unlisted.invalid/"), { code: "OUTBOUND_FAILED" });
    } finally {
      takeOff();
      server.close();
    }
  });
});

describe("mail", () => {
  it("goes out by its name in the register", async () => {
    const said: string[] = [];
    const server = createTcpServer((socket) => {
      let isData = false;
      socket.write("220 ready\r\n");
      socket.on("data", (part: Buffer) => {
        const text = part.toString();
        said.push(text);
        if (isData && !text.includes("\r\n.\r\n")) return;
        const reply = isData ? "250 taken" : text.startsWith("DATA") ? "354 go on" : text.startsWith("QUIT") ? "221 bye" : "250 ok";
        isData = text.startsWith("DATA");
        socket.write(`${reply}\r\n`);
      });
      socket.on("error", () => {});
    });
    const port = await listen(server);
    const config = readConfig({ home: "unused" }, { KLIV_SMTP: `smtp://localhost:${port}` });
    const outbound = createOutbound({ config, log });
    const takeOff = outbound.guard();
    try {
      await createMail({ config, clock: systemClock, outbound }).send({ to: "someone@example.com", subject: "Here", text: "text", html: "<p>text</p>" });
      assert.match(said.join(""), /RCPT TO:<someone@example\.com>/);
    } finally {
      takeOff();
      server.close();
    }
  });
});
