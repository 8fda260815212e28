import { Type } from "typebox";
import type { Static } from "typebox";
import { databaseLimits } from "./schema.ts";

export const previewLimits = { rowsMax: 50, openMax: 200, tablesMax: 2_000, columnsMax: 2_000, nameCharactersMax: 200, keptHours: 24, urlCharactersMax: 4_000, fetchesPerHourMax: 300 };

const Name = Type.String({ maxLength: previewLimits.nameCharactersMax });
const From = Type.String({ minLength: 1, maxLength: previewLimits.nameCharactersMax });
const oneOf = <T extends string>(...words: T[]) => Type.Union(words.map((word) => Type.Literal(word)));

const ColumnChoice = Type.Object(
  { from: From, name: Type.Optional(Name), type: Type.Optional(oneOf("text", "integer", "real", "date", "datetime")), leftOut: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);
const TableChoice = Type.Object(
  { from: From, name: Type.Optional(Name), leftOut: Type.Optional(Type.Boolean()), columns: Type.Optional(Type.Array(ColumnChoice, { maxItems: previewLimits.columnsMax })) },
  { additionalProperties: false },
);

/** What a person decided about a file: `Choices` of the import. */
export const ChoicesBody = Type.Object(
  {
    encoding: Type.Optional(oneOf("utf-8", "utf-16le", "utf-16be", "shift_jis", "euc-jp", "windows-1252")),
    delimiter: Type.Optional(oneOf(",", "\t", ";", "|", ":")),
    header: Type.Optional(Type.Boolean()),
    misfits: Type.Optional(oneOf("refuse", "empty")),
    tables: Type.Optional(Type.Array(TableChoice, { maxItems: previewLimits.tablesMax })),
  },
  { additionalProperties: false },
);
export type ChoicesBody = Static<typeof ChoicesBody>;

const Cell = Type.Union([Type.String(), Type.Number(), Type.Null()]);
const Loose = Type.Record(Type.String(), Type.Unknown());

export const Preview = Type.Object({
  id: Type.String(),
  team: Type.String(),
  /** Set where it becomes a version of this database. */
  database: Type.Union([Type.String(), Type.Null()]),
  fileName: Type.String(),
  sizeBytes: Type.Integer(),
  choices: ChoicesBody,
  format: Type.String(),
  encoding: Type.Optional(Type.String()),
  delimiter: Type.Optional(Type.String()),
  header: Type.Optional(Type.Boolean()),
  corrections: Type.Array(Type.String()),
  /** Whether all of the file was read; of a large text it is the beginning. */
  isWhole: Type.Boolean(),
  tables: Type.Array(Type.Object({
    from: Type.String(), name: Type.String(), leftOut: Type.Boolean(), rows: Type.Union([Type.Integer(), Type.Null()]),
    columns: Type.Array(Type.Object({ from: Type.String(), name: Type.String(), type: Type.String(), leftOut: Type.Boolean() })),
    sample: Type.Array(Type.Array(Cell)),
  })),
  warnings: Type.Array(Loose),
  /** Cells that contradict a chosen type: the first of each column. */
  misfits: Type.Array(Type.Object({ table: Type.String(), column: Type.String(), type: Type.String(), line: Type.Integer(), value: Type.String(), count: Type.Integer() })),
  /** What keeps it from being read as it is, where a correction may help. */
  problem: Type.Union([Loose, Type.Null()]),
  /** The newest import of it, running or failed; an import that is done takes the preview away. */
  job: Type.Union([Type.String(), Type.Null()]),
  expiresAt: Type.String(),
});

export const UrlBody = Type.Object({ url: Type.String({ minLength: 1, maxLength: previewLimits.urlCharactersMax }), database: Type.Optional(Type.String()) }, { additionalProperties: false });

export const ImportBody = Type.Object({ name: Type.Optional(Type.String({ minLength: 1, maxLength: databaseLimits.nameCharactersMax })) }, { additionalProperties: false });
