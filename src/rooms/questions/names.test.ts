import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { writeName } from "./names.ts";

test("every word that means something to SQL is a name where it is meant as one", async () => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const words = (await connection.runAndReadAll("SELECT keyword_name FROM duckdb_keywords()")).getRows().map(([word]) => String(word));
  const sqlite = new DatabaseSync(":memory:", { enableDoubleQuotedStringLiterals: false });
  assert.ok(words.length > 400);
  const wrong: string[] = [];
  for (const word of [...words, ...words.map((one) => one.toUpperCase()), "日本語", "Größe", "a b", "1st", 'quo"te', "_x", "bounds"]) {
    const name = writeName(word);
    const ways = [`SELECT ${name} FROM (SELECT 1 AS ${name})`, `SELECT ${name}.${name}, abs(${name}.${name}), abs(${name}) AS ${name} FROM (SELECT 1 AS ${name}) AS ${name} WHERE ${name} > 0 ORDER BY ${name} DESC`,
      `SELECT CAST(${name} AS TEXT), CASE WHEN ${name} = 1 THEN ${name} ELSE ${name} END, ${name} IN (1, 2), ${name} BETWEEN 1 AND 2, 1 * ${name} / ${name} FROM (SELECT 1 AS ${name}) AS ${name} CROSS JOIN (SELECT 2 AS other) AS others`,
      `SELECT date_trunc('month', ${name}) FROM (SELECT DATE '2020-01-01' AS ${name})`];
    for (const [at, sql] of ways.entries()) {
      // SQLite does not find a column of a subquery that is called true or false, in quotes or not; a table's it finds.
      if (at < 3 && !/^(true|false)$/i.test(word)) try { sqlite.prepare(sql); } catch (error) { wrong.push(`SQLite ${name}: ${(error as Error).message}`); }
      try { (await connection.prepare(sql)).destroySync(); } catch (error) { wrong.push(`DuckDB ${name}: ${(error as Error).message.slice(0, 80)}`); }
    }
  }
  assert.deepEqual(wrong, []);
});
