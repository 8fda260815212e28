import assert from "node:assert/strict";
import { test } from "node:test";

import { findPlace } from "./places.ts";
import { placeOf, readStatement, tokenize } from "./sql.ts";

test("comments, quotes and parameters are told apart", () => {
  const kinds = tokenize(`select 'a;''b', "c;d", [e;f], \`g\`, x'00', 1.5e3 -- ;\n /* ; */ , :h, @i, $j::k(l), ?, ?7 -- end`).map((token) => token.kind);
  assert.deepEqual(
    kinds.filter((kind) => kind !== "operator"),
    ["word", "string", "name", "name", "name", "blob", "number", "parameter", "parameter", "parameter", "parameter", "parameter"],
  );
});

test("a text without a statement has no verb", () => {
  for (const sql of ["", " ", ";;", "-- nothing", "/* open", "\uFEFF"]) assert.equal(readStatement(sql).verb, undefined, sql);
});

test("the verb is the first word, whatever stands before it", () => {
  assert.equal(readStatement("; /* a */ -- b\n vacuum into 'x'").verb, "VACUUM");
  assert.equal(readStatement("\uFEFFdrop table t").verb, "DROP");
});

test("a second statement is seen, a trailing semicolon is none", () => {
  assert.equal(readStatement("select 1;").secondAt, undefined);
  assert.equal(readStatement("select 1; -- done\n ;; ").secondAt, undefined);
  assert.equal(readStatement("select ';';select 2").secondAt, 11);
});

test("parameters are numbered as SQLite does", () => {
  const { parameters } = readStatement("select ?, :a, ?5, ?, :a, @a, ?5 ; select :other");
  assert.deepEqual(
    parameters.map(({ written, name }) => [written, name]),
    [["?", "1"], [":a", "a"], ["?5", "5"], ["?", "6"], ["@a", "a"]],
  );
});

test("places count lines and characters from 1, a surrogate pair as one", () => {
  assert.deepEqual(placeOf("abc", 0), { line: 1, column: 1 });
  assert.deepEqual(placeOf("a\n\n𠮷b", 5), { line: 3, column: 2 });
});

test("the place of a name is found from SQLite's message", () => {
  const none = () => undefined;
  const sql = "select a,\n  Nope, t.Other, f (1)\nfrom gone";
  assert.deepEqual(findPlace(sql, "no such column: nope", none), { line: 2, column: 3 });
  assert.deepEqual(findPlace(sql, "no such column: t.Other", none), { line: 2, column: 9 });
  assert.deepEqual(findPlace(sql, "no such function: f", none), { line: 2, column: 18 });
  assert.deepEqual(findPlace(sql, "no such table: gone", none), { line: 3, column: 6 });
  assert.deepEqual(findPlace('select "x y"', 'no such column: "x y" - should this be a string literal in single-quotes?', none), { line: 1, column: 8 });
  assert.deepEqual(findPlace("select 'abc", "unrecognized token: \"'abc\"", none), { line: 1, column: 8 });
  assert.deepEqual(findPlace("select 1 from", "incomplete input", none), { line: 1, column: 14 });
  assert.equal(findPlace("select 1", "something else", none), undefined);
});

test("hostile texts are tokenized in linear time and never throw", () => {
  for (const sql of ["'".repeat(99_999), "/*".repeat(50_000), "(".repeat(100_000), "[".repeat(100_000), "\u0000\uD800$::(".repeat(20_000)]) {
    assert.ok(tokenize(sql).length > 0 || sql.startsWith("/*"));
  }
});
