import assert from "node:assert/strict";
import { globSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isOnMap, places } from "./places.ts";
import { placesPage } from "./placespage.ts";

const src = join(import.meta.dirname, "../..");

test("every table and every kind of object that the code makes is on the map", () => {
  const migrations = readdirSync(join(src, "migrations")).map((file) => readFileSync(join(src, "migrations", file), "utf8"));
  const tables = new Set(migrations.flatMap((text) => [...text.matchAll(/create table (?:if not exists )?(\w+)/g)].map(([, name]) => name!)));
  for (const text of migrations) for (const [, name] of text.matchAll(/drop table (?:if exists )?(\w+)/g)) tables.delete(name!);
  assert.ok(tables.size > 40);
  const missing = [...tables].filter((name) => !isOnMap({ kind: "table", name })).map((name) => `table ${name}`);
  const files = globSync("**/*.ts", { cwd: src }).filter((file) => !file.endsWith(".test.ts"));
  const prefixes = new Set(files.flatMap((file) => [...readFileSync(join(src, file), "utf8").matchAll(/^(?:export )?const \w+(?:Prefix|Folder) = "([a-z]+\/)";/gm)].map(([, name]) => name!)));
  assert.ok(prefixes.size >= 5, [...prefixes].join(" "));
  missing.push(...[...prefixes].filter((name) => !isOnMap({ kind: "objects", name })).map((name) => `objects ${name}`));
  assert.deepEqual(missing, [], "say in src/rooms/trust/places.ts what these hold");
});

test("what the map names is there, once", () => {
  const migrations = readdirSync(join(src, "migrations")).map((file) => readFileSync(join(src, "migrations", file), "utf8")).join("\n");
  const named = places.filter(({ kind, name }) => kind === "table" && !["boss.*", "installation", "migrations"].includes(name));
  assert.deepEqual(named.filter(({ name }) => !new RegExp(`create table (if not exists )?${name}\\b`).test(migrations)).map(({ name }) => name), []);
  assert.equal(new Set(places.map(({ kind, name }) => `${kind} ${name}`)).size, places.length);
});

test("the page shows each place in both languages", () => {
  for (const language of ["en", "ja"] as const) {
    const page = placesPage(language);
    assert.doesNotMatch(page, /undefined/);
    for (const { kind, name } of places) if (kind !== "work") assert.ok(page.includes(`<code>${name}</code>`), name);
  }
});
