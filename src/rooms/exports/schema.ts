import { Type } from "typebox";
import type { Static } from "typebox";
import { Engine, queryLimits } from "#src/rooms/queries/schema.ts";

/** What rows leave as. */
export const formats = {
  csv: { contentType: "text/csv; charset=utf-8; header=present", ending: "csv" },
  tsv: { contentType: "text/tab-separated-values; charset=utf-8; header=present", ending: "tsv" },
  json: { contentType: "application/json; charset=utf-8", ending: "json" },
  ndjson: { contentType: "application/x-ndjson; charset=utf-8", ending: "ndjson" },
  xlsx: { contentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ending: "xlsx" },
  sqlite: { contentType: "application/vnd.sqlite3", ending: "sqlite" },
  parquet: { contentType: "application/vnd.apache.parquet", ending: "parquet" },
} as const;
export type Format = keyof typeof formats;
/** These cannot be written from their beginning to their end: they are made whole, and then sent. */
export type FileFormat = "sqlite" | "parquet";
export const isFileFormat = (format: Format): format is FileFormat => format === "sqlite" || format === "parquet";
/** What a made file is called in its folder, whatever the child says. */
export const madeName: Record<FileFormat, string> = { sqlite: "in.sqlite", parquet: "0.parquet" };

const Format = Type.Union(Object.keys(formats).map((name) => Type.Literal(name as Format)));
const LineEnd = Type.Union([Type.Literal("crlf"), Type.Literal("lf")]);
const Formulas = Type.Union([Type.Literal("neutralized"), Type.Literal("kept")]);

/** In an address everything is text. */
export const ExportQuery = Type.Object({
  format: Format,
  /** CSV and TSV: a byte order mark first, by which Excel knows the encoding. */
  bom: Type.Optional(Type.Union([Type.Literal("true"), Type.Literal("false")])),
  /** CSV and TSV. */
  lineEnd: Type.Optional(LineEnd),
  /** CSV and TSV: whether a text that a spreadsheet would take for a formula gets an apostrophe before it. */
  formulas: Type.Optional(Formulas),
  version: Type.Optional(Type.String({ maxLength: 64 })),
}, { additionalProperties: false });

export const ExportBody = Type.Object({
  sql: Type.String({ maxLength: queryLimits.sqlCharactersMax }),
  parameters: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), { maxProperties: queryLimits.parametersMax })),
  version: Type.Optional(Type.String({ maxLength: 64 })),
  engine: Type.Optional(Engine),
  format: Format,
  bom: Type.Optional(Type.Boolean()),
  lineEnd: Type.Optional(LineEnd),
  formulas: Type.Optional(Formulas),
  /** What the file is called, without its ending. */
  name: Type.Optional(Type.String({ minLength: 1, maxLength: queryLimits.nameCharactersMax })),
}, { additionalProperties: false });

export interface TextOptions {
  bom?: boolean | undefined;
  lineEnd?: Static<typeof LineEnd> | undefined;
  formulas?: Static<typeof Formulas> | undefined;
}

export const exportLimits = {
  /** Of work in the sandbox; waiting for a slow reader does not count. */
  timeoutMs: 10 * 60_000,
  /** On each node: those of one team, so that slow readers of one team do not keep all others waiting, and of all. */
  teamAtOnceMax: 3,
  atOnceMax: 4,
  /** Of these so many are made at once, of files. */
  filesAtOnceMax: 2,
  fileThreadsMax: 2,
};
