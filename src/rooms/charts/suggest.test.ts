import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { rolesOf } from "./roles.ts";
import type { QueryResult } from "./schema.ts";
import { suggestCharts } from "./suggest.ts";
import { checkAgainstColumns, checkChart } from "./validate.ts";

interface Table {
  name: string;
  columns: [string, string][];
  rows: (string | number | null)[][];
}

function open(table: Table): { columns: { name: string; type: string }[]; rows: unknown[][]; query(sql: string): QueryResult } {
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const database = new DatabaseSync(":memory:", { enableDoubleQuotedStringLiterals: false });
  database.exec(`create table ${quote(table.name)} (${table.columns.map(([name, type]) => `${quote(name)} ${type}`).join(", ")})`);
  const insert = database.prepare(`insert into ${quote(table.name)} values (${table.columns.map(() => "?").join(", ")})`);
  for (const row of table.rows) insert.run(...row);
  const query = (sql: string): QueryResult => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return { columns: statement.columns().map(({ name }) => ({ name })), rows: statement.all() as unknown as unknown[][] };
  };
  return { columns: table.columns.map(([name, type]) => ({ name, type })), rows: table.rows, query };
}

/** Every suggestion's SQL runs and answers the columns that its chart names. */
function suggestionsFor(table: Table) {
  const opened = open(table);
  const suggestions = suggestCharts({ table: table.name, columns: opened.columns, rows: opened.rows });
  assert.ok(suggestions.length <= 6);
  return suggestions.map((suggestion) => {
    const result = opened.query(suggestion.sql);
    checkAgainstColumns(checkChart(suggestion.chart), result.columns);
    assert.ok(result.rows.length > 0, suggestion.sql);
    return { ...suggestion, result };
  });
}

const countries = ["USA", "Canada", "Brazil", "Germany", "France"];
const invoices: Table = {
  name: "Invoice",
  columns: [["InvoiceId", "INTEGER"], ["CustomerId", "INTEGER"], ["InvoiceDate", "DATETIME"], ["BillingCountry", "TEXT"], ["BillingPostalCode", "TEXT"], ["Total", "NUMERIC"]],
  rows: Array.from({ length: 400 }, (_, i) => [i + 1, (i * 7) % 59, `${2009 + Math.floor(i / 80)}-${String((i % 12) + 1).padStart(2, "0")}-05 00:00:00`, countries[i % 5]!, `${10_000 + i}`, ((i * 37) % 100) / 4 + 0.99]),
};

test("a table of invoices: revenue by month first, then by country; ids and postal codes never", () => {
  const suggestions = suggestionsFor(invoices);
  assert.equal(suggestions[0]!.title.en, "Total by month");
  assert.equal(suggestions[0]!.title.ja, "月別のTotal");
  assert.equal(suggestions[0]!.chart.mark, "line");
  assert.match(String(suggestions[0]!.result.rows[0]![0]), /^\d{4}-\d{2}$/);
  assert.equal(suggestions[1]!.title.en, "Total by BillingCountry");
  const values = suggestions[1]!.result.rows.map((row) => Number(row[1]));
  assert.deepEqual(values, values.toSorted((a, b) => b - a));
  assert.equal(suggestions.length, 6);
  for (const { sql } of suggestions) assert.doesNotMatch(sql, /InvoiceId|CustomerId|PostalCode/);
});

test("more than twelve categories: the ten largest and the rest together, adding up to the whole", () => {
  const table: Table = { name: "sales", columns: [["shop", "TEXT"], ["amount", "REAL"]], rows: Array.from({ length: 300 }, (_, i) => [`shop ${i % 20}`, (i % 20) + 0.5]) };
  const top = suggestionsFor(table).find((one) => one.title.en.includes("top 10"))!;
  assert.equal(top.result.rows.length, 11);
  assert.equal(top.result.rows[10]![0], "Other");
  assert.equal(top.result.rows.reduce((sum, row) => sum + Number(row[1]), 0), table.rows.reduce((sum, row) => sum + Number(row[1]), 0));
});

test("rates are averaged, never added up", () => {
  const rows = Array.from({ length: 60 }, (_, i) => [["東京", "大阪", "福岡"][i % 3]!, 10 + (i % 17) / 2] as [string, number]);
  const [first] = suggestionsFor({ name: "気象", columns: [["都市", "TEXT"], ["気温", "REAL"]], rows });
  assert.match(first!.sql, /avg\("気温"\)/);
  assert.equal(first!.title.ja, "都市別の気温の平均");
});

test("names of any kind are quoted rightly", () => {
  const names = ['a"b', "select", "x y; drop table t; --", "日付", "__proto__", "count", "[z]", "'q'", "100%"];
  for (const name of names) {
    const rows = Array.from({ length: 40 }, (_, i) => [`2024-01-${String((i % 28) + 1).padStart(2, "0")}`, ["a", "b", "c"][i % 3]!, i * 1.5 + (i % 7)]);
    const suggestions = suggestionsFor({ name: `t ${name}`, columns: [["d", "TEXT"], [name, "TEXT"], [`m ${name}`, "REAL"]], rows });
    assert.ok(suggestions.length >= 4, name);
  }
});

test("dates in seconds, with slashes, and bare years", () => {
  const seconds = suggestionsFor({ name: "log", columns: [["created_at", "INTEGER"], ["bytes", "INTEGER"]], rows: Array.from({ length: 50 }, (_, i) => [1_700_000_000 + i * 86_400 * 7, ((i * 7919) % 997) * 3]) });
  assert.match(String(seconds[0]!.result.rows[0]![0]), /^2023-11$/);
  const slashes = suggestionsFor({ name: "s", columns: [["日付", "TEXT"], ["金額", "INTEGER"]], rows: Array.from({ length: 50 }, (_, i) => [`2024/${String((i % 12) + 1).padStart(2, "0")}/03`, (i * 7919) % 997]) });
  assert.match(String(slashes[0]!.result.rows[0]![0]), /^2024-01$/);
  const bare = suggestionsFor({ name: "y", columns: [["year", "INTEGER"], ["population", "INTEGER"]], rows: Array.from({ length: 30 }, (_, i) => [1990 + i, 1_000 + ((i * 7919) % 997) * 11]) });
  assert.equal(bare[0]!.title.en, "Total population by year");
});

test("birthdays, codes, coordinates, running numbers and long texts are left alone", () => {
  const rows = Array.from({ length: 30 }, (_, i) => [`19${60 + i}-01-01`, 1_000 + i, 35.1 + i / 100, i + 1, `${"long text ".repeat(10)}${i}`]);
  const roles = rolesOf([{ name: "birth_date" }, { name: "shop_code" }, { name: "lat" }, { name: "seq" }, { name: "note" }], rows);
  assert.deepEqual(roles.map((role) => role.kind), ["skip", "skip", "skip", "skip", "skip"]);
});

test("nothing to say: no suggestion, and no failure", () => {
  assert.deepEqual(suggestCharts({ table: "t", columns: [], rows: [] }), []);
  assert.deepEqual(suggestCharts({ table: "t", columns: [{ name: "a" }], rows: [] }), []);
  assert.deepEqual(suggestCharts({ table: "t", columns: [{ name: "a" }], rows: [[null], [null]] }), []);
  assert.deepEqual(suggestCharts({ table: "t", columns: [{ name: "" }], rows: [[1], [2]] }), []);
});

test("year, month and day in columns of their own are one date, and none of them is added up; numbers kept as text name nothing", () => {
  const rows = Array.from({ length: 600 }, (_, i) => [2020 + Math.floor(i / 300), (Math.floor(i / 25) % 12) + 1, (i % 25) + 1, countries[i % 5]!, (i * 13) % 97, i % 9 === 0 ? "-" : String((i * 7) % 211)]);
  const suggestions = suggestionsFor({ name: "daily", columns: [["year", "INTEGER"], ["month", "INTEGER"], ["date", "INTEGER"], ["region", "TEXT"], ["positive", "INTEGER"], ["serious", "TEXT"]], rows });
  assert.equal(suggestions[0]!.title.en, "Total positive by month");
  assert.match(suggestions[0]!.sql, /printf\('%04d-%02d', "year", "month"\)/);
  assert.deepEqual([suggestions[0]!.result.rows[0]![0], suggestions[0]!.result.rows.length], ["2020-01", 24]);
  for (const { title, sql } of suggestions) {
    assert.doesNotMatch(title.en, /Total (month|date|year)|serious/);
    assert.doesNotMatch(sql, /sum\("(year|month|date)"\)|"serious"/);
  }
});
