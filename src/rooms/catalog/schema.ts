import { Type } from "typebox";
import type { Static } from "typebox";

export const catalogLimits = {
  descriptionsMax: 20_000,
  wordsCharactersMax: 2_000,
  /** Of a larger table so many rows stand for all. */
  sampleRows: 500_000,
  topMax: 10,
  binsMax: 24,
};

const Name = Type.String({ minLength: 1, maxLength: 1_000 });

/** What a table or a column means. */
export const Description = Type.Object({ table: Name, column: Type.Optional(Name), words: Type.String({ maxLength: catalogLimits.wordsCharactersMax }) }, { additionalProperties: false });
export type Description = Static<typeof Description>;

export const DescriptionsBody = Type.Object({ items: Type.Array(Description, { minItems: 1, maxItems: 2_000 }) }, { additionalProperties: false });

const Cell = Type.Union([Type.String(), Type.Number(), Type.Null()]);
const Counted = Type.Union([Type.Number(), Type.Null()]);

/** What stands in a column, of the rows that the reader sees. */
export const Profile = Type.Object({
  /** That were looked at. */
  rows: Type.Integer(),
  /** There are more: what is told is of a sample. */
  isSample: Type.Boolean(),
  nulls: Type.Integer(),
  distinct: Type.Integer(),
  numbers: Type.Integer(),
  texts: Type.Integer(),
  blobs: Type.Integer(),
  /** As SQLite orders them; of blobs none. */
  least: Cell,
  greatest: Cell,
  /** Of the numbers. */
  average: Counted,
  /** The most frequent values, and how often each stands there. */
  top: Type.Array(Type.Object({ value: Cell, count: Type.Integer() })),
  /** Numbers in ranges of one width, from `from` on and below `to`; dates by year, month or day, `from` being its name. */
  histogram: Type.Union([
    Type.Object({
      kind: Type.Union([Type.Literal("number"), Type.Literal("date")]),
      bins: Type.Array(Type.Object({ from: Type.Union([Type.Number(), Type.String()]), to: Counted, count: Type.Integer() })),
    }),
    Type.Null(),
  ]),
});
export type Profile = Static<typeof Profile>;
