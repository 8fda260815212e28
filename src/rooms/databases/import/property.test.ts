import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { encode, imported, random } from "./testing.ts";

const corpora = process.env["KLIV_CORPORA"];
const naughtyPath = corpora ? join(corpora, "corpora/naughty-strings.json") : "";
const japanese = ["東京", "ソニー表示能力", "ﾄｳｷｮｳ", "①㈱髙", "あいうえお。", "ABC、ＤＥＦ"];
const awkward = ["007", "+1", "-0", "1e5", "12E5", "1.50", " 3", "1234567890123456789", "9007199254740993", "0x10", "NaN", "null", "true", '"', '""', '","', "a\nb", "a\r\nb", "x,y;z|w\tv", "=1+1", "'", "2026-01-01", "2026-02-30", "1,234", " "];
const beyond = ["𠮷野家", "é€", "👩‍👩‍👧", "\u200b", "ａ\u0301"];

/** Cells of one column: all of a kind, or of all kinds. */
function column(next: (below: number) => number, rows: number, texts: string[]): string[] {
  const kinds: (() => string)[] = [
    () => String(next(2) ? next(1e9) : -next(1e5)),
    () => String((next(1e9) - 5e8) / 10 ** next(7)),
    () => texts[next(texts.length)]!,
    () => `20${10 + next(20)}-0${1 + next(9)}-1${next(10)}`,
    () => "",
    () => "z".repeat(next(9000)),
  ];
  const mixed = next(3) === 0;
  const kind = next(kinds.length);
  return Array.from({ length: rows }, () => (next(10) === 0 ? "" : kinds[mixed ? next(kinds.length) : kind]!()));
}

function written(cell: string, delimiter: string, always: boolean): string {
  return always || /["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

test("random tables come back as they were, whatever the encoding, delimiter and line end", async () => {
  for (let seed = 1; seed <= 120; seed++) {
    const next = random(seed);
    const encoding = ["utf-8", "utf-8", "utf-16le", "utf-16be", "shift_jis", "euc-jp"][next(6)]!;
    const isUnicode = encoding.startsWith("utf");
    const texts = [...awkward, ...japanese.filter((text) => encoding !== "euc-jp" || !/髙|ﾄ/.test(text)), ...(isUnicode ? beyond : [])];
    const delimiter = [",", "\t", ";", "|"][next(4)]!;
    const lineEnd = ["\n", "\r\n", "\r"][next(3)]!;
    const rows = 1 + next(60);
    const columns = Array.from({ length: 2 + next(6) }, () => column(next, rows, texts));
    const names = columns.map((_, i) => `見出し${i}`);
    const table = [names, ...Array.from({ length: rows }, (_, r) => columns.map((cells) => cells[r]!))];
    const always = next(4) === 0;
    const mark = isUnicode && next(2) ? "\ufeff" : "";
    const text = mark + table.map((row) => row.map((cell) => written(cell, delimiter, always)).join(delimiter)).join(lineEnd) + (next(2) ? lineEnd : "");
    const found = await imported(encode(text, encoding), { chunkBytes: 1 + next(5000) });
    const note = `seed ${seed} ${encoding} ${JSON.stringify(delimiter)}`;
    assert.equal(found.outcome.encoding, encoding, note);
    assert.equal(found.outcome.delimiter, delimiter, note);
    assert.deepEqual(found.outcome.tables[0]!.columns.map((each) => each.name), names, note);
    assert.equal(found.rows.length, rows, note);
    for (const [r, row] of found.rows.entries()) {
      for (const [c, value] of row.entries()) assert.ok(isSame(columns[c]![r]!, value), `${note} row ${r} column ${c}: ${JSON.stringify([columns[c]![r], value]).slice(0, 200)}`);
    }
  }
});

/** The same text, or a number that is written so; in a column of numbers or dates a word for nothing is nothing. */
function isSame(cell: string, value: unknown): boolean {
  if (cell === "" || (value === null && [" ", "NaN", "null"].includes(cell))) return value === null;
  const number = /^[\d,]+$/.test(cell) ? Number(cell.replaceAll(",", "")) : Number(cell);
  return typeof value === "number" ? Object.is(number, value) || number === value : value === cell;
}

test("naughty strings are stored as they are", { skip: existsSync(naughtyPath) ? false : "KLIV_CORPORA names no folder with corpora/naughty-strings.json" }, async () => {
  const strings = (JSON.parse(readFileSync(naughtyPath, "utf8")) as string[]).filter((text) => text !== "" && !text.includes("\0"));
  assert.ok(strings.length > 400);
  const text = `番号,text\n${strings.map((each, i) => `x${i},"${each.replaceAll('"', '""')}"`).join("\n")}\n`;
  const { rows } = await imported(text.toWellFormed(), { chunkBytes: 777 });
  assert.deepEqual(rows.map((row) => row[1]), strings.map((each) => each.toWellFormed()));
});
