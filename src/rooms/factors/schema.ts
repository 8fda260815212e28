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

const Base64 = Type.String({ minLength: 1, maxLength: 16_384, pattern: "^[A-Za-z0-9_-]+$" });
const credential = { id: Base64, rawId: Base64, type: Type.Literal("public-key"), authenticatorAttachment: Type.Optional(Type.String({ maxLength: 40 })), clientExtensionResults: Type.Object({}, { additionalProperties: true }) };

/** What `navigator.credentials.create` answers, as JSON (WebAuthn Level 3, 5.1.8). */
export const Created = Type.Object({
  ...credential,
  response: Type.Object({ clientDataJSON: Base64, attestationObject: Base64, transports: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 16 })) }, { additionalProperties: true }),
}, { additionalProperties: true });

/** What `navigator.credentials.get` answers, as JSON. */
export const Asserted = Type.Object({
  ...credential,
  response: Type.Object({ clientDataJSON: Base64, authenticatorData: Base64, signature: Base64, userHandle: Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()])) }, { additionalProperties: true }),
}, { additionalProperties: true });

/** For `navigator.credentials`, as JSON. */
export const Options = Type.Object({ options: Type.Object({}, { additionalProperties: true }) });
export const PasskeyName = Type.String({ minLength: 1, maxLength: passkeyNameCharactersMax });
