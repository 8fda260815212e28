import { Type } from "typebox";
import type { Static } from "typebox";
import { indexLimits } from "./limits.ts";

const Name = Type.String({ minLength: 1, maxLength: 1_000 });

export const Index = Type.Object({ table: Name, columns: Type.Array(Name, { minItems: 1, maxItems: indexLimits.columnsMax }) }, { additionalProperties: false });
export type Index = Static<typeof Index>;

export const IndexesBody = Type.Object({ indexes: Type.Array(Index, { minItems: 1, maxItems: indexLimits.indexesMax }) }, { additionalProperties: false });

/** What was measured on a copy, without and with the indexes. */
export const Advice = Type.Object({
  indexes: Type.Array(Index),
  queries: Type.Array(Type.Object({ sql: Type.String(), runs: Type.Integer(), beforeMs: Type.Number(), afterMs: Type.Number() })),
  sizeBeforeBytes: Type.Integer(),
  sizeAfterBytes: Type.Integer(),
  version: Type.String(),
});
export type Advice = Static<typeof Advice>;
