import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { escapeText } from "#src/base/escape.ts";
import { readConfig } from "#src/base/config.ts";
import { subprocessorCommands } from "#src/commands/subprocessors.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import { createSubprocessors } from "./subprocessors.ts";

const full = {
  KLIV_SMTP: "smtps://user:secret-of-mail@smtp.provider.example", KLIV_BLOBS: "s3://secret-bucket?region=ap-northeast-1",
  DATABASE_URL: "postgres://owner:secret-of-database@kliv-prod.abc123.ap-northeast-1.rds.amazonaws.com/kliv?sslmode=verify-full",
};

describe("the register of third parties", () => {
  const listOf = (variables: Record<string, string>) => Object.fromEntries(createSubprocessors({ config: readConfig({ home: "unused" }, variables) }).list().map((one) => [one.name, one]));

  it("says who keeps what is configured, and no more of it than that", () => {
    const { mail, objects, database } = listOf(full);
    assert.deepEqual([mail?.state, mail?.hosts], ["in-use", ["smtp.provider.example"]]);
    assert.deepEqual([objects?.state, objects?.hosts], ["in-use", ["s3.ap-northeast-1.amazonaws.com"]]);
    assert.deepEqual([database?.state, database?.hosts], ["in-use", ["rds.amazonaws.com"]]);
    assert.doesNotMatch(JSON.stringify(listOf(full)), /secret|abc123|169\.254/);
  });

  it("names no host of the operator's own network", () => {
    for (const [name, variables] of [
      ["mail", { KLIV_SMTP: "smtp://127.0.0.1:2525" }], ["mail", { KLIV_SMTP: "smtps://mail.corp.internal" }], ["mail", { KLIV_SMTP: "smtps://relay" }], ["mail", { KLIV_SMTP: "smtps://10.1.2.3" }],
      ["objects", { KLIV_BLOBS: "s3://files?endpoint=https://192.168.1.5:9000" }], ["database", { DATABASE_URL: "postgres://o:p@db.example.com/kliv" }],
    ] as const) {
      const one = listOf(variables)[name];
      assert.deepEqual([one?.state, one?.hosts, one?.isOwnNetwork], ["in-use", [], true], JSON.stringify(variables));
    }
    const { mail, objects, database, saml } = listOf({});
    assert.deepEqual([mail?.state, objects?.state, database?.state, saml?.state], ["not-in-use", "not-in-use", "not-in-use", "on-demand"]);
  });

  it("shows the operator every host and port by command, and no password", async () => {
    let printed: { result: unknown; text: string } | null = null;
    await subprocessorCommands[0]!.run({ config: readConfig({ home: "unused" }, full), flags: {}, words: [], print: (result, text) => void (printed = { result, text }) });
    const { result, text } = printed as unknown as { result: { name: string; connectsTo: string[] }[]; text: string };
    assert.deepEqual(result.find(({ name }) => name === "database")?.connectsTo, ["kliv-prod.abc123.ap-northeast-1.rds.amazonaws.com:5432"]);
    assert.ok(result.find(({ name }) => name === "objects")?.connectsTo.includes("*.s3.ap-northeast-1.amazonaws.com:443"));
    assert.match(text, /smtp\.provider\.example:465/);
    assert.doesNotMatch(JSON.stringify(result) + text, /secret-of/);
  });

  describe("in public", () => {
    let kliv: TestServer;
    before(async () => {
      kliv = await startTestServer();
    });
    after(() => kliv.stop());

    it("is a list and a page in both languages, for everyone", async () => {
      const { status, json } = await kliv.api("GET", "/api/v1/subprocessors");
      assert.equal(status, 200);
      assert.deepEqual(json.items.map(({ name }: { name: string }) => name), ["mail", "objects", "database", "oidc", "saml", "files", "names"]);
      const first = await kliv.api("GET", "/api/v1/subprocessors?limit=4");
      const rest = await kliv.api("GET", `/api/v1/subprocessors?limit=4&cursor=${first.json.nextCursor}`);
      assert.deepEqual([...first.json.items, ...rest.json.items], json.items);
      for (const [language, title, state] of [["en", "Third parties", "Not in use"], ["ja", "外部サービス（委託先）", "未使用"]] as const) {
        const page = (await kliv.api("GET", "/trust/subprocessors", { headers: { "accept-language": language } })).bytes.toString();
        assert.ok(page.includes(`<h1>${title}</h1>`) && page.includes(state), language);
        for (const { name, purpose } of json.items) assert.ok(page.includes(`id="${name}"`) && page.includes(escapeText(purpose[language])), `${name} ${language}`);
        assert.match((await kliv.api("GET", "/trust", { headers: { "accept-language": language } })).bytes.toString(), /href="\/trust\/subprocessors"/);
      }
    });
  });
});
