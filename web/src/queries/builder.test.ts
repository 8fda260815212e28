import assert from "node:assert/strict";
import { test } from "node:test";
import { Flaw } from "../../../src/rooms/questions/question.ts";
import { bins, columnsFor, emptyDraft, figureKinds, kindOf, newFilter, tests, write } from "./builder.ts";
import type { Draft } from "./builder.ts";

const table = { name: "sales", rows: 3, columns: [{ name: "day", type: "DATE TEXT" }, { name: "city", type: "TEXT" }, { name: "amount", type: "REAL" }, { name: "odd", type: "" }] };
const sqlOf = (part: Partial<Draft>): string => {
  const written = write({ ...emptyDraft("sales"), ...part }, table);
  assert.ok(!(written instanceof Flaw), String(written));
  return written.sql;
};

test("choices become SQL, and what is not complete is left out", () => {
  assert.equal(sqlOf({}), "SELECT\n  day,\n  city,\n  amount,\n  odd\nFROM sales\nLIMIT 100");
  assert.equal(sqlOf({ columns: ["city"], limit: "" }), "SELECT city\nFROM sales");
  const filters = [
    { ...newFilter(table), is: "during" as const, to: "2026-01-01", until: "" },
    { ...newFilter(table), is: "last" as const, to: "3" },
    { ...newFilter(table), column: "amount", is: ">" as const, to: "12.5" },
    { ...newFilter(table), column: "amount", is: "<" as const, to: "many" },
    { ...newFilter(table), column: "city", is: "contains" as const, to: "O'H" },
  ];
  assert.equal(
    sqlOf({ filters, groups: [{ column: "day", bin: "month" }, { column: "amount", bin: "count 10" }], figures: [{ kind: "sum", column: "amount" }, { kind: "count", column: "day" }], sort: "sum_amount", isDescending: true, limit: "5" }).replace(/[^]*\)\nSELECT/, "SELECT"),
    `SELECT
  date(sales.day, 'start of month') AS day_month,
  bounds.low_2 + min(floor((sales.amount - bounds.low_2) / bounds.step_2), 9) * bounds.step_2 AS amount,
  sum(sales.amount) AS sum_amount,
  count(*) AS count
FROM sales
CROSS JOIN bounds
WHERE sales.day >= date(:today, 'start of month', '-2 months') AND sales.day < date(:today, 'start of month', '+1 month')
  AND sales.amount > 12.5
  AND instr(lower(sales.city), 'o''h') > 0
GROUP BY 1, 2
ORDER BY sum_amount DESC, day_month, amount
LIMIT 5`,
  );
  // A sort by what is gone is no mistake.
  assert.doesNotMatch(sqlOf({ sort: "sum_amount" }), /ORDER/);
});

test("whatever is offered fits", () => {
  for (const column of table.columns) {
    const kind = kindOf(column);
    for (const is of tests[kind]) sqlOf({ filters: [{ column: column.name, is, to: kind === "date" ? (is === "last" ? "3" : "2026-01-01") : "1", until: "2026-01-31", unit: "week" }] });
    for (const bin of bins[kind]) sqlOf({ groups: [{ column: column.name, bin }] });
  }
  for (const kind of figureKinds) for (const column of columnsFor(kind, table)) sqlOf({ figures: [{ kind, column }, { kind, column }] });
});
