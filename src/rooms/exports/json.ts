import type { Reading } from "#src/rooms/queries/read.ts";
import type { Output } from "./output.ts";
import { base64Of, realText, uniqueNames } from "./values.ts";

const safe = BigInt(Number.MAX_SAFE_INTEGER);

/** A value as the API says it: whole numbers beyond 2^53 and infinities as text, bytes as {"base64": …}. */
function textOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return value >= -safe && value <= safe ? String(value) : `"${value}"`;
    case "number":
      return Number.isFinite(value) ? realText(value) : `"${value}"`;
    default:
      return value === null ? "null" : `{"base64":"${base64Of(value as Uint8Array)}"}`;
  }
}

/** Rows as objects: in one array, a row a line, or with nothing around them (NDJSON). Of columns with one name the later are numbered. */
export async function writeJson({ columns, batches }: Reading, output: Output, { lines }: { lines: boolean }): Promise<number> {
  const names = uniqueNames(columns.map(({ name }) => name)).map((name) => `${JSON.stringify(name)}:`);
  let rowCount = 0;
  if (!lines) output.write("[");
  for await (const rows of batches) {
    for (const row of rows) {
      let text = "";
      for (let index = 0; index < row.length; index++) text += `${index === 0 ? "{" : ","}${names[index]}${textOf(row[index])}`;
      output.write(lines ? `${text}}\n` : `${rowCount === 0 ? "\n" : ",\n"}${text}}`);
      rowCount++;
    }
  }
  if (!lines) output.write("\n]\n");
  return rowCount;
}
