import { Type } from "typebox";
import type { Static } from "typebox";

const Words = Type.Object({ en: Type.String(), ja: Type.String() });

/** A place that data is put into. */
export const PlaceView = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal("table"), Type.Literal("objects"), Type.Literal("home"), Type.Literal("work")]),
  name: Type.String(),
  holds: Type.Union([Type.Literal("content"), Type.Literal("names"), Type.Literal("people"), Type.Literal("secrets"), Type.Literal("events"), Type.Literal("mixed"), Type.Literal("none")]),
});

/** A promise as the API, the command line and the trust page show it. */
export const PromiseView = Type.Object({
  id: Type.String(),
  section: Type.String(),
  kind: Type.Union([Type.Literal("enforced"), Type.Literal("deployed"), Type.Literal("operated"), Type.Literal("inherited"), Type.Literal("stated")]),
  statement: Words,
  must: Words,
  proof: Words,
  state: Type.Union([Type.Literal("kept"), Type.Literal("broken"), Type.Literal("unknown"), Type.Literal("not-promised")]),
  /** ISO 8601; null where nothing was ever checked. */
  checkedAt: Type.Union([Type.String(), Type.Null()]),
  /** Whether a check exists that can be run. */
  hasCheck: Type.Boolean(),
  evidence: Type.Object({ summary: Words, facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])) }),
});
export type PromiseView = Static<typeof PromiseView>;
