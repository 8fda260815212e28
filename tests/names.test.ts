/* Whatever people write where a name goes: it is kept as a name, or refused in words; never a failure of ours. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "./server.ts";
import type { TestServer } from "./server.ts";

const corpora = process.env["KLIV_CORPORA"];
/** Those that a database, a header or a page stumbles over most, whether the list is there or not. */
const own = ["\u0000", "a\u0000b", "\ud800", "a\udfffb", "\u202egnp.exe", "\u200b", "  ", "\r\nBcc: x@example.com", "<script>alert(1)</script>", "'; drop table users; --", "{{7*7}}", "😀".repeat(30), "ﷺ", "null", "../../etc", "İ", "ß"];
const listed = corpora === undefined ? [] : (JSON.parse(readFileSync(join(corpora, "corpora/naughty-strings.json"), "utf8")) as string[]);
const names = [...own, ...listed.filter((name, i) => name.length > 0 && name.length <= 90 && i % 9 === 0)];

describe("names", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let cookie: string;
  let group: string;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("names");
    cookie = await kliv.makeSession(mine.email);
    group = (await kliv.api("POST", `/api/v1/teams/${mine.team}/groups`, { cookie, body: { name: "renamed" } })).json.id;
  });
  after(() => kliv.stop());

  const places: [what: string, method: string, path: () => string, body: (name: string) => object][] = [
    ["a team's", "PATCH", () => `/api/v1/teams/${mine.team}`, (name) => ({ name })],
    ["a new team's", "POST", () => "/api/v1/teams", (name) => ({ name })],
    ["a group's", "PATCH", () => `/api/v1/teams/${mine.team}/groups/${group}`, (name) => ({ name })],
    ["a service account's", "POST", () => `/api/v1/teams/${mine.team}/services`, (name) => ({ name, role: "viewer" })],
    ["a person's", "PATCH", () => "/api/v1/me", (name) => ({ name })],
    ["a user's", "PUT", () => "/api/v1/me/user-name", (name) => ({ userName: name })],
    ["a token's", "POST", () => `/api/v1/teams/${mine.team}/tokens`, (name) => ({ name, scope: "read" })],
    ["an invited address", "POST", () => `/api/v1/teams/${mine.team}/invitations`, (name) => ({ email: `${name}@example.com`, role: "viewer" })],
  ];

  for (const [what, method, path, body] of places) {
    it(`${what} may be anything that is a name`, async (t) => {
      let kept = 0;
      for (const name of names) {
        const { status, json, bytes } = await kliv.api(method, path(), { cookie, body: body(name) });
        assert.ok(status < 500, `${JSON.stringify(name)}: ${status} ${bytes.toString()}`);
        if (status < 300) kept += 1;
        if (status < 300 && typeof json?.name === "string") assert.doesNotMatch(json.name, /[\p{Cc}\p{Bidi_Control}]/u, JSON.stringify(name));
      }
      t.diagnostic(`${kept} of ${names.length} were taken`);
      assert.ok(what === "an invited address" || kept > 5, `${kept} were taken`);
    });
  }
});
