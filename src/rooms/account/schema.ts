import { Type } from "typebox";

export const accountLimits = { emailChangesPerHourMax: 5, confirmDaysMax: 1, revertDaysMax: 7 };

const Link = Type.String({ minLength: 1, maxLength: 200 });
const Password = Type.String({ maxLength: 4_096 });

export const PasswordBody = Type.Object({ present: Password, password: Password }, { additionalProperties: false });
export const EmailBody = Type.Object({ email: Type.String({ minLength: 1, maxLength: 254 }), password: Password }, { additionalProperties: false });
export const UserNameBody = Type.Object({ userName: Type.String({ minLength: 1, maxLength: 100 }) }, { additionalProperties: false });
export const LinkBody = Type.Object({ link: Link }, { additionalProperties: false });

/** A change of address that is not done. */
export const PendingChange = Type.Object({
  change: Type.Union([Type.Object({ email: Type.String(), oldConfirmed: Type.Boolean(), newConfirmed: Type.Boolean(), expiresAt: Type.String() }), Type.Null()]),
});
/** What a mailed link would do. */
export const LinkView = Type.Object({ kind: Type.Union([Type.Literal("old"), Type.Literal("new"), Type.Literal("revert")]), oldEmail: Type.String(), newEmail: Type.String() });
export const LinkResult = Type.Object({ state: Type.Union([Type.Literal("waiting"), Type.Literal("done"), Type.Literal("reverted")]) });
