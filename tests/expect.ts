import assert from "node:assert/strict";
import type { Answered } from "./server.ts";

export function expectStatus(answered: Answered, status: number): any {
  assert.equal(answered.status, status, answered.bytes.toString().slice(0, 300));
  return answered.json;
}

export function expectProblem(answered: Answered, status: number, code: string): any {
  const { json } = answered;
  assert.match(String(answered.headers["content-type"]), /^application\/problem\+json/);
  assert.deepEqual([answered.status, json.status, json.code], [status, status, code]);
  for (const name of ["type", "title", "detail"]) assert.ok(typeof json[name] === "string" && json[name] !== "", `${code} has a ${name}`);
  assert.ok(URL.canParse(json.type));
  return json;
}

export function expectKeys(value: object, keys: string[]): void {
  for (const key of keys) assert.ok(key in value, `${key} is in ${JSON.stringify(value).slice(0, 200)}`);
}

/** Reads a list to its end, two at a time. */
export async function readAll(get: (path: string) => Promise<Answered>, path: string): Promise<any[]> {
  const items = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = expectStatus(await get(`${path}?limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`), 200);
    assert.ok(page.items.length <= 2);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

const chart = { mark: "bar", encoding: { x: { field: "city", type: "nominal" }, y: { field: "people", type: "quantitative" } } };

/** A report with one chart over a table of cities. */
export const definition = (database: string, title = "都市の人口") => ({
  schema: 1, title, description: "cities", language: "ja", parameters: [],
  blocks: [{ id: "a", kind: "chart", layout: { x: 0, y: 0, w: 12, h: 6 }, database, sql: "select city, people from cities", chart }],
});
