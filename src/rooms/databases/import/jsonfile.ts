import { rmSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { combine } from "./combine.ts";
import type { Part } from "./combine.ts";
import { JsonTable } from "./jsontable.ts";
import { JsonText } from "./jsontext.ts";
import { tableName } from "./names.ts";
import { refuse } from "./refuse.ts";
import type { ImportOutcome, ImportRequest, Report, Warning } from "./run.ts";
import type { ByteSource } from "./source.ts";
import { TextWindow, unfinished } from "./window.ts";

const sampleBytes = 1024 * 1024;
const reportBytes = 4 * 1024 * 1024;
const linesEnding = /\.(ndjson|jsonl|jsonlines)$/i;
const namesShownMax = 20;
const rowsLookedAtMax = 1_000;
/** Thrown where enough was seen of a file that is only looked at. */
const enough = new Error("enough was seen");
// How deep in the objects of a document its lists of rows are looked for.
const documentDepthMax = 16;
const [comma, open, close, openBrace, closeBrace] = [44, 91, 93, 123, 125];

/**
 * Reads JSON into tables, one row in memory at a time: a list of rows, rows one after the other
 * (NDJSON), or an object with one or more lists of rows somewhere in it, each a table.
 */
export async function importJson(request: ImportRequest, source: ByteSource, report: Report): Promise<ImportOutcome> {
  const file = new JsonFile({ request, source, report });
  try {
    return await file.read();
  } finally {
    file.close();
  }
}

class JsonFile {
  readonly #request: ImportRequest;
  readonly #source: ByteSource;
  readonly #report: Report;
  readonly #window: TextWindow;
  readonly #text: JsonText;
  readonly #parts: Part[] = [];
  readonly #made: { table: JsonTable; path: string; key: string }[] = [];
  /** What stands beside the lists of rows in a document. */
  readonly #leftOut = { count: 0, names: [] as string[] };
  #tablesStarted = 0;
  #isCut = false;
  #reported = 0;

  constructor(options: { request: ImportRequest; source: ByteSource; report: Report }) {
    this.#request = options.request;
    this.#source = options.source;
    this.#report = options.report;
    this.#window = new TextWindow(options.source, options.request.limits.lineBytesMax);
    this.#text = new JsonText(this.#window);
  }

  async read(): Promise<ImportOutcome> {
    const window = this.#window;
    await window.reach(sampleBytes);
    window.commit(this.#text.skip(0));
    if (window.at >= window.end) throw refuse("FILE_EMPTY");
    const layout = this.#layout();
    try {
      if (layout === "lines") await this.#lines();
      else if (layout === "list") await this.#list("");
      else await this.#members([]);
      if (layout !== "lines") await this.#drain(() => this.#end());
    } catch (error) {
      if (error !== enough) throw error;
      this.#isCut = true;
    }
    if (this.#made.length === 0) throw refuse("FILE_JSON_NO_ROWS");
    // A row alone is rather a document than a line.
    const isLines = layout === "lines" && (this.#made[0]!.table.rows > 1 || linesEnding.test(this.#request.fileName));
    return this.#finish(isLines ? "ndjson" : "json");
  }

  close(): void {
    for (const { table, path } of this.#made) {
      table.discard();
      rmSync(path, { force: true });
    }
  }

  /** Whether the text is one list, one object with lists of rows, or rows one after the other. */
  #layout(): "lines" | "list" | "document" {
    const window = this.#window;
    const { at } = window;
    const isList = window.bytes[at] === open;
    try {
      const end = this.#text.pass(at, 1);
      const next = this.#text.skip(end);
      if (next < window.end) return "lines";
      if (isList || !window.isFinal) return isList ? "list" : "lines";
      return window.bytes[at] === openBrace && hasRows(JSON.parse(window.bytes.toString("utf8", at, end)), 0) ? "document" : "lines";
    } catch (error) {
      // A row of a megabyte is rarer than a document of one; where the name says that there are rows, they are.
      if (error !== unfinished) return isList ? "list" : "lines";
      if (isList) return "list";
      return linesEnding.test(this.#request.fileName) ? "lines" : "document";
    } finally {
      window.reset();
    }
  }

  /** Does a step after the other, reading on where the text in memory does not suffice, until one answers false. */
  async #drain(step: () => boolean): Promise<void> {
    for (;;) {
      try {
        while (step());
        return;
      } catch (error) {
        if (error !== unfinished) throw error;
      }
      this.#window.reset();
      await this.#window.more();
      const { bytesRead } = this.#source;
      if (bytesRead - this.#reported < reportBytes) continue;
      this.#reported = bytesRead;
      this.#report({ done: bytesRead, ...(this.#request.sizeBytes ? { total: this.#request.sizeBytes } : {}), unit: "bytes", phase: "reading" });
    }
  }

  async #lines(): Promise<void> {
    const table = this.#start("");
    table.learn("lines");
    const window = this.#window;
    const text = this.#text;
    await this.#drain(() => {
      const at = text.skip(window.at);
      if (at >= window.end) {
        if (!window.isFinal) throw unfinished;
        return false;
      }
      window.commit(at);
      this.#row(table, at);
      return true;
    });
  }

  /** The list that begins at `at`. */
  async #list(key: string): Promise<void> {
    const window = this.#window;
    const text = this.#text;
    window.commit(window.at + 1);
    await this.#drain(() => {
      const at = text.skip(window.at);
      if (at >= window.end) throw text.wrong(at, "]");
      window.commit(window.bytes[at] === close ? at + 1 : at);
      return false;
    });
    if (window.bytes[window.at - 1] === close) return;
    const table = this.#start(key);
    table.learn("list");
    let isFirst = true;
    await this.#drain(() => {
      let at = text.skip(window.at);
      if (!isFirst) {
        if (window.bytes[at] === close) {
          window.commit(at + 1);
          return false;
        }
        if (window.bytes[at] !== comma) throw text.wrong(at, ", ]");
        at = text.skip(at + 1);
      }
      this.#row(table, at);
      isFirst = false;
      return true;
    });
  }

  /** The object that begins at `at`; `path` leads to it. */
  async #members(path: string[]): Promise<void> {
    const window = this.#window;
    const text = this.#text;
    if (path.length > documentDepthMax) throw refuse("FILE_JSON_DEPTH", { ...window.placeOf(window.at), depthMax: documentDepthMax });
    window.commit(window.at + 1);
    for (let isFirst = true; ; isFirst = false) {
      let key = "";
      let kind = closeBrace;
      await this.#drain(() => {
        let at = text.skip(window.at);
        if (window.bytes[at] === closeBrace) {
          kind = closeBrace;
          window.commit(at + 1);
          return false;
        }
        if (!isFirst) {
          if (window.bytes[at] !== comma) throw text.wrong(at, ", }");
          at = text.skip(at + 1);
        }
        const end = text.keyEnd(at);
        const value = text.colon(end);
        const second = window.bytes[value] === open ? text.skip(value + 1) : value;
        if (second >= window.end) throw text.wrong(second, "}");
        key = JSON.parse(window.bytes.toString("utf8", at, end)) as string;
        kind = window.bytes[second] === openBrace || window.bytes[second] === open ? window.bytes[value]! : 0;
        if (kind !== 0) window.line -= linesBetween(window.bytes, value, second);
        const isEmpty = kind === 0 && (window.bytes[value] !== open ? window.bytes[value] === 110 : window.bytes[second] === close);
        window.commit(kind === 0 ? text.pass(value, path.length + 1) : value);
        if (kind === 0 && !isEmpty && this.#leftOut.count++ < namesShownMax) this.#leftOut.names.push([...path, key].join("."));
        return false;
      });
      if (kind === open) await this.#list(key);
      else if (kind === openBrace) await this.#members([...path, key]);
      else if (kind === closeBrace) return;
    }
  }

  #row(table: JsonTable, at: number): void {
    if (this.#request.looksOnly === true && table.rows >= rowsLookedAtMax) throw enough;
    this.#window.commit(table.row(at));
  }

  #end(): boolean {
    const window = this.#window;
    const at = this.#text.skip(window.at);
    if (at < window.end) throw this.#text.wrong(at, "");
    if (!window.isFinal) throw unfinished;
    return false;
  }

  #start(key: string): JsonTable {
    const { limits, workDir } = this.#request;
    if (++this.#tablesStarted > limits.tablesMax) throw refuse("FILE_TABLES_TOO_MANY", { tables: this.#tablesStarted, tablesMax: limits.tablesMax });
    const before = this.#made.at(-1);
    if (before) this.#complete(before, tableName("", before.key));
    const path = join(workDir, `json${this.#tablesStarted}.sqlite`);
    const table = new JsonTable({ text: this.#text, path, limits });
    this.#made.push({ table, path, key });
    return table;
  }

  #complete({ table, path }: { table: JsonTable; path: string }, name: string): void {
    const made = table.finish(name);
    this.#parts.push({ path, tables: [made] });
  }

  #finish(format: "json" | "ndjson"): ImportOutcome {
    const { workDir, fileName, tableName: wanted, limits } = this.#request;
    const last = this.#made.at(-1)!;
    // The only table of a file is named as the file.
    this.#complete(last, this.#parts.length === 0 ? tableName(fileName, wanted) : tableName("", last.key));
    const out = join(workDir, "out.sqlite");
    let tables = this.#parts[0]!.tables;
    if (this.#parts.length === 1) renameSync(this.#parts[0]!.path, out);
    else tables = combine({ workDir, parts: this.#parts, limits, report: this.#report });
    return { file: "out.sqlite", format, encoding: this.#window.encoding, tables, sizeBytes: statSync(out).size, warnings: this.#warnings(), ...(this.#isCut ? { isCut: true } : {}) };
  }

  #warnings(): Warning[] {
    const all: Warning[] = [];
    const sum = (of: (table: JsonTable) => number): number => this.#made.reduce((total, { table }) => total + of(table), 0);
    const add = (code: string, count: number, names?: string[]): void => {
      if (count > 0) all.push({ code, count, ...(names ? { names: shown(names) } : {}) });
    };
    const kept = this.#made.flatMap(({ table }) => table.kept);
    const mixed = this.#made.flatMap(({ table }) => table.mixed);
    add("JSON_FLATTENED", sum((table) => table.nested));
    add("JSON_KEPT", kept.length, kept);
    add("JSON_LEFT_OUT", this.#leftOut.count, this.#leftOut.names);
    add("COLUMNS_MIXED", mixed.length, mixed);
    add("COLUMNS_RENAMED", sum((table) => table.renamed));
    add("KEYS_TWICE", sum((table) => table.odd.twice));
    add("TEXT_REPLACED", sum((table) => table.odd.replaced));
    return all;
  }
}

function hasRows(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null || depth > documentDepthMax) return false;
  if (Array.isArray(value)) return typeof value[0] === "object" && value[0] !== null;
  return Object.values(value).some((inner) => hasRows(inner, depth + 1));
}

function linesBetween(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; at++) if (bytes[at] === 10 || (bytes[at] === 13 && bytes[at + 1] !== 10)) lines++;
  return lines;
}

function shown(names: string[]): string {
  return names.slice(0, namesShownMax).map((name) => name.slice(0, 80)).join(", ") + (names.length > namesShownMax ? ", …" : "");
}
