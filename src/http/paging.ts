import { Type } from "typebox";
import type { TSchema } from "typebox";

export const pageItemsMax = 200;
const pageItemsDefault = 50;

/** `limit` and `cursor`, as every list takes them. */
export const PageQuery = Type.Object({
  limit: Type.Optional(Type.String({ pattern: "^\\d{1,4}$" })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
});

/** `{items, nextCursor}`, as every list answers. */
export const Page = <T extends TSchema>(item: T) => Type.Object({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) });

/** How many items were asked for, within the limit. */
export function pageLimit(query: { limit?: string }): number {
  return Math.min(Math.max(Number(query.limit ?? pageItemsDefault), 1), pageItemsMax);
}

/** Cuts a list that was read with one more than the limit, and names where to go on. */
export function pageOf<T extends { id: string }>(rows: T[], limit: number): { rows: T[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  return { rows: shown, nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
