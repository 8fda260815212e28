import { Type } from "typebox";
import type { Static } from "typebox";

export const Column = Type.Object({ name: Type.String(), type: Type.String() });
export const Table = Type.Object({ name: Type.String(), rows: Type.Union([Type.Integer(), Type.Null()]), columns: Type.Array(Column) });
export type Table = Static<typeof Table>;

/** null for a reader from whom rules hide some of the rows. */
const Counted = Type.Union([Type.Integer(), Type.Null()]);
const Sum = Type.Union([Type.String(), Type.Null()]);

export const Database = Type.Object({
  id: Type.String(),
  team: Type.String(),
  name: Type.String(),
  description: Type.String(),
  version: Type.String(),
  versionNumber: Type.Integer(),
  tables: Type.Array(Table),
  sizeBytes: Counted,
  sha256: Sum,
  source: Type.Object({ format: Type.String(), fileName: Type.String(), encoding: Type.Optional(Type.String()), delimiter: Type.Optional(Type.String()) }),
  warnings: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  /** Rules hide some of the rows from the reader. */
  hasHiddenRows: Type.Boolean(),
  /** There are rules on rows: others may see less than the reader does. */
  hasRules: Type.Boolean(),
  createdAt: Type.String(),
  updatedAt: Type.String(),
});

export const Version = Type.Object({
  id: Type.String(),
  number: Type.Integer(),
  createdAt: Type.String(),
  createdBy: Type.Union([Type.String(), Type.Null()]),
  sizeBytes: Counted,
  sha256: Sum,
  tables: Type.Array(Table),
  current: Type.Boolean(),
  /** Empty where it has none. */
  label: Type.String(),
  note: Type.String(),
  /** The number of the older version whose contents these are. */
  restoredFrom: Type.Union([Type.Integer(), Type.Null()]),
});

const KeepMax = (maximum: number) => Type.Union([Type.Integer({ minimum: 1, maximum }), Type.Null()]);

/** Of both, each keeps what it keeps; null and null keep all. */
export const Keep = Type.Object({ versions: KeepMax(100_000), days: KeepMax(36_500) }, { additionalProperties: false });

export const databaseLimits = { nameCharactersMax: 200, descriptionCharactersMax: 2_000, databasesMax: 10_000, labelCharactersMax: 80, noteCharactersMax: 1_000 };
