import { Type } from "typebox";
import type { Static } from "typebox";

const Words = Type.Object({ en: Type.String(), ja: Type.String() });

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
