import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";
import { createMail } from "#src/base/mail.ts";
import { mailboxRoutes, readLetter } from "./mailbox.ts";

describe("the mailbox", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  it("shows what was written, in either language, with a link that can be followed", async () => {
    await kliv.api("POST", "/api/v1/password-links", { body: { email: "letters@example.com" }, headers: { "accept-language": "ja" } });
    const html = (await kliv.api("GET", "/mailbox")).bytes.toString();
    assert.match(html, /letters@example\.com/);
    assert.match(html, /<a href="https:\/\/localhost:\d+\/password\?link=[\w-]+">/);
    assert.match(html, /Klivのパスワードを作成してください/);
  });

  it("does not exist outside development, nor for another machine", async () => {
    const { config } = kliv;
    const mail = createMail({ config, clock: kliv.clock, outbound: kliv.running.app.outbound });
    const [route] = mailboxRoutes({ mail, config: { ...config, environment: "staging" }, files: { style: null, script: null } });
    const [own] = mailboxRoutes({ mail, config, files: { style: null, script: null } });
    const call = (one: typeof route, address: string) => () => one!.handler({ address, language: "en", request: { headers: {}, query: {} } } as never);
    assert.throws(call(route, "127.0.0.1"), { code: "NOT_FOUND" });
    for (const address of ["192.0.2.7", "::ffff:192.0.2.7", "127.0.0.1.example"]) assert.throws(call(own, address), { code: "NOT_FOUND" }, address);
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) assert.doesNotThrow(call(own, address), address);
  });

  it("reads Japanese, long lines and markup as they were meant", async () => {
    const text = `${"長い行です。".repeat(60)}\n<b>"太字"</b> = 100% https://localhost/x?a=1&b=2`;
    const mail = createMail({ config: kliv.config, clock: kliv.clock, outbound: kliv.running.app.outbound });
    await mail.send({ to: "夏目 <n@example.com>", subject: "件名が長くても一行で読めることを確かめるための件名です", text, html: "<p>x</p>" });
    const letter = readLetter(mail.recent(1)[0]!.raw);
    assert.deepEqual([letter.text, letter.subject], [text, "件名が長くても一行で読めることを確かめるための件名です"]);
    const html = (await kliv.api("GET", "/mailbox")).bytes.toString();
    assert.match(html, /&lt;b&gt;&quot;太字&quot;&lt;\/b&gt;/);
  });
});
