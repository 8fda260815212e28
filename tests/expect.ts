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
