import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";

describe("a refused request", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("complaints");
  });
  after(() => kliv.stop());

  const layout = { x: 0, y: 0, w: 6, h: 6 };
  const report = { schema: 1, title: "t", language: "en", parameters: [], blocks: [] as unknown[] };
  const block = (one: object) => ({ ...report, blocks: [{ id: "a", layout, ...one }] });
  const cases: [string, unknown, string, string][] = [
    ["what a chart lacks, not what a text would", block({ kind: "chart", database: "x" }), 'body/blocks/0 lacks "sql"', 'body/blocks/0: "sql" がありません'],
    ["a number beyond its limit", block({ kind: "text", markdown: "", layout: { ...layout, w: 99 } }), "body/blocks/0/layout/w must be at most 12", "body/blocks/0/layout/w: 12 以下でなければなりません"],
    ["a kind that does not exist", block({ kind: "pie" }), 'body/blocks/0 has the kind "pie", which is not known', 'body/blocks/0: kind に "pie" は指定できません'],
    ["a property that is not known", block({ kind: "text", markdown: "", colour: 1 }), 'body/blocks/0 has "colour", which is not known there', 'body/blocks/0: "colour" は指定できません'],
    ["all of the choices", { ...report, language: "fr" }, 'body/language must be one of "en", "ja"', 'body/language: "en", "ja" のいずれかでなければなりません'],
    ["another type", block({ kind: "text", markdown: 5 }), "body/blocks/0/markdown must be of type string", "body/blocks/0/markdown: 型は string でなければなりません"],
    ["nothing where something must be", { ...report, title: "" }, "body/title must not be empty", "body/title: 空にできません"],
  ];
  for (const [name, body, en, ja] of cases) {
    it(`names ${name}`, async () => {
      for (const [language, detail] of [["en", en], ["ja", `リクエストの内容を確認してください：${ja}`]] as const) {
        const refused = await kliv.api("POST", `/api/v1/teams/${mine.team}/reports`, { token: mine.token, body, headers: { "accept-language": language } });
        assert.deepEqual([refused.status, refused.json.code, refused.json.detail], [400, "REQUEST_INVALID", detail]);
      }
    });
  }
});
