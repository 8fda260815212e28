import { Type } from "typebox";
import type { Static } from "typebox";

export const queryLimits = { sqlCharactersMax: 100_000, parametersMax: 100, nameCharactersMax: 200 };

const Parameters = Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), { maxProperties: queryLimits.parametersMax });

export const Engine = Type.Union([Type.Literal("sqlite"), Type.Literal("duckdb")]);

/** A question without SQL: its shape is /api/v1/schemas/question.json, held where it is written as SQL. */
const Question = Type.Record(Type.String(), Type.Unknown());

export const QueryBody = Type.Object(
  {
    /** Either this or a question. */
    sql: Type.Optional(Type.String({ maxLength: queryLimits.sqlCharactersMax })),
    /** A question without SQL, as /api/v1/schemas/question.json describes it. */
    question: Type.Optional(Question),
    /** Values by name: null, numbers, texts, true and false, or {"base64": ...} for bytes. */
    parameters: Type.Optional(Parameters),
    /** In whose SQL it is written. DuckDB answers from a columnar copy of the version, made when it is first asked for. */
    engine: Type.Optional(Engine),
    rowsMax: Type.Optional(Type.Integer({ minimum: 1 })),
    /** The version to ask; the current one without it. */
    version: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false },
);

export const QueryAnswer = Type.Object({
  columns: Type.Array(Type.Object({ name: Type.String(), type: Type.String() })),
  rows: Type.Array(Type.Array(Type.Unknown())),
  rowCount: Type.Integer(),
  truncated: Type.Boolean(),
  elapsedMs: Type.Number(),
  version: Type.String(),
  /** Which one answered. */
  engine: Type.Optional(Engine),
});

export const SavedQuery = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: queryLimits.nameCharactersMax }),
    database: Type.String({ minLength: 1, maxLength: 64 }),
    sql: Type.String({ maxLength: queryLimits.sqlCharactersMax }),
    /** Where it was asked without SQL; the SQL is then made from it, whatever was given. */
    question: Type.Optional(Question),
    engine: Type.Optional(Engine),
    parameters: Type.Optional(Parameters),
    chart: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  },
  { additionalProperties: false },
);
export type SavedQuery = Static<typeof SavedQuery>;

export const StoredQuery = Type.Object({
  id: Type.String(),
  team: Type.String(),
  name: Type.String(),
  database: Type.String(),
  sql: Type.String(),
  question: Type.Optional(Question),
  engine: Type.Optional(Engine),
  parameters: Type.Optional(Parameters),
  chart: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  createdAt: Type.String(),
  updatedAt: Type.String(),
});
