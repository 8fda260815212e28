import type { Reading } from "#src/rooms/queries/read.ts";
import type { Output } from "./output.ts";
import type { TextOptions } from "./schema.ts";
import { base64Of, realText } from "./values.ts";

/**
 * What a spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection), the wide letters of a Japanese
 * keyboard among them; and what only looks like a text that was neutralized, so that taking one apostrophe away gives back each.
 */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/;
/** A number is none, whatever its sign. */
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

export function neutralize(text: string): string {
  return formula.test(text) && !number.test(text) ? `'${text}` : text;
}

interface Shape extends TextOptions {
  delimiter: "," | "\t";
}

/**
 * Rows as CSV (RFC 4180) or as the same with tabs. A null is nothing at all and an empty text is "", as far as they can be told
 * apart: the only column of a table has "" for both, because readers skip an empty line.
 */
export async function writeDelimited({ columns, batches }: Reading, output: Output, { delimiter, bom, lineEnd, formulas }: Shape): Promise<number> {
  const end = lineEnd === "lf" ? "\n" : "\r\n";
  const special = delimiter === "," ? /[",\r\n]/ : /["\t\r\n]/;
  const guard = formulas === "kept" ? (text: string) => text : neutralize;
  const quote = (text: string): string => (text === "" || special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const nothing = columns.length === 1 ? '""' : "";
  const cell = (value: unknown): string => {
    switch (typeof value) {
      case "string":
        return quote(guard(value));
      case "bigint":
        return String(value);
      case "number":
        return realText(value);
      default:
        return value === null ? nothing : quote(base64Of(value as Uint8Array));
    }
  };
  if (bom) output.write("\ufeff");
  output.write(columns.map(({ name }) => quote(guard(name))).join(delimiter) + end);
  let rowCount = 0;
  for await (const rows of batches) {
    for (const row of rows) {
      let line = cell(row[0]);
      for (let index = 1; index < row.length; index++) line += delimiter + cell(row[index]);
      output.write(line + end);
    }
    rowCount += rows.length;
  }
  return rowCount;
}
