import { Type } from "typebox";
import type { Static } from "typebox";

export const sharesMax = 500;

const Kind = Type.Union([Type.Literal("user"), Type.Literal("group"), Type.Literal("service"), Type.Literal("role")]);
const Level = Type.Union([Type.Literal("view"), Type.Literal("edit")]);

/** Whom something is shared with; of a role, `id` is "editor" or "viewer". */
export const ShareBody = Type.Object({ kind: Kind, id: Type.String({ minLength: 1, maxLength: 60 }), level: Level }, { additionalProperties: false });
export const SharingBody = Type.Object({ restricted: Type.Boolean(), shares: Type.Array(ShareBody, { maxItems: sharesMax }) }, { additionalProperties: false });
export const SharingView = Type.Object({
  restricted: Type.Boolean(),
  shares: Type.Array(Type.Object({ kind: Kind, id: Type.String(), level: Level, name: Type.Union([Type.String(), Type.Null()]) })),
});
export type NewShare = Static<typeof ShareBody>;
