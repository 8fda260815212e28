import { Type } from "typebox";

export const passkeyNameCharactersMax = 100;
export const passkeysMax = 20;

export const SecondKind = Type.Union([Type.Literal("totp"), Type.Literal("passkey"), Type.Literal("recovery")]);

const Moment = Type.String({ format: "date-time" });
export const Passkey = Type.Object({ id: Type.String(), name: Type.String(), createdAt: Moment, lastUsedAt: Type.Union([Moment, Type.Null()]) });

/** What a person has beside the password. */
export const Overview = Type.Object({
  totp: Type.Union([Type.Object({ createdAt: Moment }), Type.Null()]),
  passkeys: Type.Array(Passkey),
  recoveryCodesLeft: Type.Integer(),
  recoveryCodesFew: Type.Boolean(),
});

export const TotpSetup = Type.Object({ secret: Type.String(), uri: Type.String(), qr: Type.String() });

/** Codes are long for people who type spaces and hyphens. */
export const Code = Type.String({ minLength: 1, maxLength: 64 });
export const RecoveryCodes = Type.Object({ recoveryCodes: Type.Array(Type.String()) });
/** With the first factor come the codes for the day that it is lost; they are shown this once. */
export const Added = Type.Object({ recoveryCodes: Type.Union([Type.Array(Type.String()), Type.Null()]) });
