import { Type } from "typebox";
import type { Static } from "typebox";

export const sourceLimits = { failuresMax: 5, urlCharactersMax: 4_000, keyCharactersMax: 1_024, refreshesPerHourMax: 120 };

const Every = Type.Union([Type.Literal("hour"), Type.Literal("day"), Type.Literal("week")]);
export type Every = Static<typeof Every>;

const UrlSource = Type.Object({ kind: Type.Literal("url"), url: Type.String({ minLength: 1, maxLength: sourceLimits.urlCharactersMax }), every: Every }, { additionalProperties: false });
const S3Source = Type.Object(
  {
    kind: Type.Literal("s3"),
    endpoint: Type.String({ minLength: 1, maxLength: 300 }),
    region: Type.String({ pattern: "^[a-z0-9-]{1,40}$" }),
    bucket: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$" }),
    key: Type.String({ minLength: 1, maxLength: sourceLimits.keyCharactersMax }),
    /** Both, or none for an object that is open to everyone. */
    accessKeyId: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9_-]{1,128}$" })),
    secretAccessKey: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    every: Every,
  },
  { additionalProperties: false },
);
export const SourceBody = Type.Union([UrlSource, S3Source]);
export type SourceBody = Static<typeof SourceBody>;

const Moment = Type.Union([Type.String(), Type.Null()]);

/** A source as it is shown: without what opens it. */
export const Source = Type.Object({
  kind: Type.String(),
  /** Host and path; whatever follows a question mark is not shown. */
  address: Type.String(),
  accessKeyId: Type.Union([Type.String(), Type.Null()]),
  every: Every,
  /** Null while paused. */
  nextAt: Moment,
  isPaused: Type.Boolean(),
  isRunning: Type.Boolean(),
  checkedAt: Moment,
  /** When a refresh last made a version. */
  changedAt: Moment,
  failures: Type.Integer(),
  problem: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
});
