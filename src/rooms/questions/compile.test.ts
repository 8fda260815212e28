import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";

import { tokenize } from "#src/rooms/queries/sql.ts";
import { compile } from "./compile.ts";
import { Flaw } from "./question.ts";
import type { Question, QuestionSchema } from "./question.ts";
import { readQuestion } from "./read.ts";

const column = (name: string, type: string, primaryKey = false) => ({ name, type, primaryKey });
const schema: QuestionSchema = {
  tables: [
    {
      name: "orders",
      columns: [column("id", "INTEGER", true), column("customer_id", "INTEGER"), column("ordered_at", "DATETIME TEXT"), column("amount", "REAL"), column("items", "INTEGER"), column("note", "TEXT")],
      foreignKeys: [{ columns: ["customer_id"], table: "Customers", references: [null] }],
    },
    { name: "customers", columns: [column("id", "INTEGER", true), column("country", "TEXT"), column("order", "TEXT"), column("boss", "INTEGER")], foreignKeys: [{ columns: ["boss"], table: "customers", references: ["id"] }] },
    { name: "items", columns: [column("order_id", "INTEGER"), column("sku", "TEXT")], foreignKeys: [{ columns: ["order_id"], table: "orders", references: ["id"] }], indexes: [{ unique: true, partial: true, columns: ["order_id"] }] },
  ],
};

const corpora = process.env["KLIV_CORPORA"];
const naughty = corpora === undefined ? [] : (JSON.parse(readFileSync(join(corpora, "corpora/naughty-strings.json"), "utf8")) as string[]);
const write = (question: object): string => compile(readQuestion({ schema: 1, from: "orders", ...question }), schema, "sqlite").sql;
const amount = { column: "amount" };

/** What SQLite makes of it, on no rows: that it is SQL at all. */
function prepare(sql: string): void {
  const database = new DatabaseSync(":memory:", { enableDoubleQuotedStringLiterals: false });
  for (const { name, columns } of schema.tables) database.exec(`CREATE TABLE "${name}" (${columns.map((one) => `"${one.name}" ${one.type}`).join(", ")})`);
  database.prepare(sql);
  database.close();
}

describe("a question as SQL", () => {
  it("is readable", () => {
    const sql = write({
      joins: [{ table: "customers" }],
      filter: { and: [{ value: { column: "country" }, is: "in", to: ["JP", "O'Neil"] }, { or: [{ value: { column: "ordered_at" }, is: "last", count: 3, unit: "month" }, { value: amount, is: ">", to: { parameter: "low" }, optional: true }] }] },
      groups: [{ value: { column: "ordered_at" }, bin: "month", name: "month" }, { value: { column: "order" } }],
      aggregates: [{ kind: "count" }, { kind: "sum", of: { op: "*", of: [amount, { op: "-", of: [{ column: "items" }, { value: 1 }] }] }, name: "revenue" }],
      sort: [{ by: "revenue", direction: "descending" }],
      limit: 10,
    });
    assert.equal(sql, `SELECT
  date(orders.ordered_at, 'start of month') AS month,
  customers."order" AS "order",
  count(*) AS count,
  sum(orders.amount * (orders.items - 1)) AS revenue
FROM orders
LEFT JOIN customers ON customers.id = orders.customer_id
WHERE customers.country IN ('JP', 'O''Neil')
  AND (orders.ordered_at >= date(:today, 'start of month', '-2 months') AND orders.ordered_at < date(:today, 'start of month', '+1 month') OR (:low IS NULL OR orders.amount > :low))
GROUP BY 1, 2
ORDER BY revenue DESC, month, "order"
LIMIT 10`);
    prepare(sql);
  });

  it("says what it takes and answers", () => {
    const { columns, parameters } = compile(readQuestion({
      schema: 1, from: "ORDERS", filter: { and: [{ value: amount, is: "=", to: { parameter: "p" } }, { value: { column: "note" }, is: "in", to: { parameter: "list" } }, { value: { column: "ordered_at" }, is: "during", from: { parameter: "day" }, to: "2026-01-31" }] },
      groups: [{ value: { column: "ordered_at" }, bin: "day" }, { value: amount, bin: { width: 0.5 } }], aggregates: [{ kind: "count" }, { kind: "max", of: amount }, { kind: "max", of: amount }],
    }), schema, "sqlite");
    assert.deepEqual(columns.map(({ name, type }) => `${name} ${type}`), ["ordered_at_day date", "amount real", "count integer", "max_amount real", "max_amount_2 real"]);
    assert.deepEqual(parameters.map(({ name, type }) => `${name} ${type}`), ["p number", "list list", "day date"]);
  });

  const customers = { table: "customers" };
  const refused: [string, object, string, RegExp][] = [
    ["an unknown table", { from: "order" }, "/from", /no table order; it has orders, customers, items/],
    ["an unknown column", { groups: [{ value: { column: "amont" } }] }, "/groups/0/value/column", /no column amont; it has id/],
    ["a table that is not joined", { columns: [{ value: { column: "country", table: "customers" } }] }, "/columns/0/value/table", /Join it first/],
    ["a column of two tables", { joins: [customers], groups: [{ value: { column: "id" } }] }, "/groups/0/value/column", /orders, customers.*"table"/],
    ["a join without a key", { from: "customers", joins: [{ table: "items" }] }, "/joins/0", /no foreign key.*"on"/],
    ["a join by two keys", { joins: [customers, { table: "customers", as: "more" }] }, "/joins/1", /several keys/],
    ["a table twice under one name", { joins: [customers, customers] }, "/joins/1/as", /"as"/],
    ["a join that multiplies", { joins: [{ table: "items" }], aggregates: [{ kind: "sum", of: amount }] }, "/joins/0", /repeats rows.*"sum".*"from": "items".*"multiplies": true/],
    ["a join of a number to a text", { joins: [{ table: "customers", on: [{ left: { column: "note" }, right: "id" }] }] }, "/joins/0/on/0", /never equal/],
    ["the sum of texts", { aggregates: [{ kind: "sum", of: { column: "note" } }] }, "/aggregates/0/of", /takes numbers/],
    ["an aggregate of nothing", { aggregates: [{ kind: "median" }] }, "/aggregates/0/of", /needs an expression/],
    ["texts multiplied", { columns: [{ value: { op: "*", of: [amount, { value: "2" }] } }] }, "/columns/0/value/of/1", /takes numbers, and this is a text/],
    ["a number compared to a text", { filter: { value: amount, is: ">", to: "5" } }, "/filter/to", /a number is compared to a text/],
    ["a date compared to no date", { filter: { value: { column: "ordered_at" }, is: ">", to: "yesterday" } }, "/filter/to", /2026-01-31/],
    ["a day that there is not", { filter: { value: { column: "ordered_at" }, is: "during", from: "2026-02-30", to: "2026-03-01" } }, "/filter/from", /a day is needed/],
    ["months of numbers", { groups: [{ value: amount, bin: "month" }] }, "/groups/0/value", /this is a number/],
    ["widths of texts", { groups: [{ value: { column: "note" }, bin: { width: 2 } }] }, "/groups/0/bin", /of numbers/],
    ["a group of everything", { groups: [{ value: { value: 4 } }] }, "/groups/0/value", /the same for all rows/],
    ["null", { filter: { value: amount, is: "=", to: { value: null } } }, "/filter/to", /"empty"/],
    ["a sort by what is not shown", { groups: [{ value: amount }], sort: [{ by: "note" }] }, "/sort/0/by", /no column note; it has amount/],
    ["two columns of one name", { groups: [{ value: amount, name: "a" }, { value: amount, name: "A" }] }, "/groups/1/name", /twice/],
    ["columns beside groups", { groups: [{ value: amount }], columns: [{ value: amount }] }, "/columns", /leave out columns/],
    ["a calculated column that uses itself", { calculated: [{ name: "a", value: { calculated: "a" } }] }, "/calculated/0/value/calculated", /no calculated column before/],
    ["a case of several types", { columns: [{ value: { op: "case", when: [{ if: { value: amount, is: "empty" }, value: { value: "none" } }], else: amount } }] }, "/columns/0/value/else", /the other results/],
    ["a parameter of no type", { columns: [{ value: { op: "case", when: [{ if: { value: { parameter: "p" }, is: "=", to: { parameter: "q" } }, value: amount }] } }] }, "/columns/0/value/when/0/if/value", /nothing says what the parameter p is/],
    ["a parameter of two types", { filter: { and: [{ value: amount, is: "=", to: { parameter: "p" } }, { value: { column: "note" }, is: "=", to: { parameter: "p" } }] } }, "/filter/and/1/to", /number elsewhere and text here/],
    ["what may be left out and cannot", { filter: { value: amount, is: "=", to: 5, optional: true } }, "/filter/optional", /only a comparison to a parameter/],
    ["an unknown key", { filters: [] }, "/filters", /known are schema, from/],
    ["an unknown key further in", { groups: [{ value: { column: "amount", tabel: "x" } }] }, "/groups/0/value/tabel", /known are column, table/],
    ["an unknown operation", { columns: [{ value: { op: "drop", of: [amount, amount] } }] }, "/columns/0/value/op", /one of "\+"/],
    ["an unknown test", { filter: { value: amount, is: "like", to: "x" } }, "/filter/is", /one of "="/],
    ["a limit of none", { limit: 0 }, "/limit", /from 1 to/],
    ["half a pair", { filter: { value: { column: "note" }, is: "=", to: "\ud800" } }, "/filter/to", /half of a pair/],
    ["a number that is none", { filter: { value: amount, is: "=", to: 2 ** 60 } }, "/filter/to", /2\^53/],
  ];
  for (const [what, question, pointer, reason] of refused) {
    it(`is refused with its place: ${what}`, () => {
      assert.throws(() => write(question), (flaw: Flaw) => {
        assert.ok(flaw instanceof Flaw, String(flaw));
        assert.equal(flaw.pointer, pointer);
        assert.match(flaw.en, reason);
        assert.match(flaw.ja, /[\u3040-\u30ff\u4e00-\u9fff]/);
        return true;
      });
    });
  }

  it("takes a join that multiplies where that does no harm, or is meant", () => {
    const joins = [{ table: "items" }];
    prepare(write({ joins, aggregates: [{ kind: "count distinct", of: { column: "sku" } }, { kind: "min", of: amount }] }));
    prepare(write({ joins }));
    prepare(write({ joins: [{ table: "items", multiplies: true }], aggregates: [{ kind: "count" }] }));
    // The other way round each item has one order.
    prepare(write({ from: "items", joins: [{ table: "orders", kind: "inner" }], aggregates: [{ kind: "sum", of: amount }] }));
  });

  it("joins a table to itself", () => {
    const sql = write({ from: "customers", joins: [{ table: "customers", as: "the boss" }], columns: [{ value: { column: "country", table: "the boss" } }] });
    assert.match(sql, /LEFT JOIN customers AS "the boss" ON "the boss"\.id = customers\.boss/);
    prepare(sql);
  });

  it("is bounded", () => {
    let deep: object = amount;
    for (let i = 0; i < 40; i += 1) deep = { op: "round", of: deep };
    assert.throws(() => write({ columns: [{ value: deep }] }), /nested more than 30/);
    const doubling = Array.from({ length: 20 }, (_, i) => ({ name: `c${i}`, value: i === 0 ? amount : { op: "+", of: [{ calculated: `c${i - 1}` }, { calculated: `c${i - 1}` }] } }));
    assert.throws(() => write({ calculated: doubling }), /more than 5000 expressions/);
    const many = Array.from({ length: 1_000 }, () => "x".repeat(5_000));
    assert.throws(() => write({ filter: { value: { column: "note" }, is: "in", to: many } }), /100,000 characters/);
  });

  it("has the same structure whatever names and texts are", () => {
    const hostile = [...naughty, "'", "''", "\\'", "a' OR 1=1 --", "*/", "/*", "--", ";", ":p", "\u2019", "%", "_", "]", "`", '"', '""', "\n", "日本語"];
    const kinds = (text: string, name: string): string => {
      const { tables: [orders] } = schema;
      const own: QuestionSchema = { tables: [{ ...orders!, name, columns: [...orders!.columns, column(`${name}\u0001`, "TEXT")] }] };
      const question: Question = {
        schema: 1, from: name, filter: { or: [{ value: { column: `${name}\u0001` }, is: "=", to: text }, { value: { column: "note" }, is: "in", to: [text, text] }, { value: { column: "note" }, is: "contains", to: text }] },
        groups: [{ value: { op: "concat", of: [{ column: `${name}\u0001` }, { value: text }] }, name: text }], sort: [{ by: text }],
      };
      return tokenize(compile(readQuestion(question), own, "sqlite").sql).map(({ kind, text: said }) => (kind === "name" || kind === "string" ? kind : `${kind} ${said}`)).join("\n");
    };
    const plain = kinds("a b", "c d");
    let seen = 0;
    for (const text of hostile) {
      if (text === "" || text.length > 500 || !text.isWellFormed() || text.includes("\0")) continue;
      seen += 1;
      // In a name of its own, so that it always needs its quotes.
      assert.equal(kinds(` ${text}`, ` ${text}`), plain, JSON.stringify(text));
    }
    assert.ok(seen > 15);
  });
});
