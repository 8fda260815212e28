import { Type } from "typebox";

const Scope = Type.Union([Type.Literal("all"), Type.Literal("read")]);
const Time = Type.Union([Type.String(), Type.Null()]);

/** Of a person, or of a service account: one of the two is null. */
export const Token = Type.Object({
  id: Type.String(), name: Type.String(), user: Type.Union([Type.String(), Type.Null()]), service: Type.Union([Type.String(), Type.Null()]), scope: Scope,
  createdAt: Type.String(), expiresAt: Time, lastUsedAt: Time,
});
export const TokenBody = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 200 }), scope: Scope, expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_650 })) },
  { additionalProperties: false },
);
/** The secret is shown this once. */
export const NewToken = Type.Object({ id: Type.String(), token: Type.String(), name: Type.String(), scope: Type.String(), expiresAt: Time });
