import { Type } from "typebox";

export const samlLimits = { connectionsMax: 20, domainsMax: 50, rolesMax: 100, nameCharactersMax: 100, metadataCharactersMax: 200_000 };

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(shape: T) => Type.Union([shape, Type.Null()]);
const AttributeName = Type.String({ minLength: 1, maxLength: 300 });
export const GivenRole = Type.Union([Type.Literal("admin"), Type.Literal("editor"), Type.Literal("viewer")]);
export const RoleTable = Type.Record(Type.String({ minLength: 1, maxLength: 300 }), GivenRole, { maxProperties: samlLimits.rolesMax });

/** What an administrator says of a connection; all of it can be left as it is. */
export const ConnectionSettings = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: samlLimits.nameCharactersMax })),
    isEnabled: Type.Optional(Type.Boolean()),
    metadata: Type.Optional(Type.String({ minLength: 1, maxLength: samlLimits.metadataCharactersMax })),
    metadataUrl: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
    signsRequests: Type.Optional(Type.Boolean()),
    idpInitiated: Type.Optional(Type.Boolean()),
    emailAttribute: Type.Optional(Nullable(AttributeName)),
    nameAttribute: Type.Optional(Nullable(AttributeName)),
    roleAttribute: Type.Optional(Nullable(AttributeName)),
    roles: Type.Optional(RoleTable),
    defaultRole: Type.Optional(Nullable(GivenRole)),
  },
  { additionalProperties: false },
);

const Certificate = Type.Object({ fingerprint: Type.String(), subject: Type.String(), expiresAt: Type.String() });

export const Connection = Type.Object({
  id: Type.String(),
  name: Type.String(),
  isEnabled: Type.Boolean(),
  idp: Type.Object({ entityId: Type.String(), ssoUrl: Type.String(), sloUrl: Nullable(Type.String()), certificates: Type.Array(Certificate), metadataUrl: Nullable(Type.String()), readAt: Type.String() }),
  sp: Type.Object({ entityId: Type.String(), metadataUrl: Type.String(), acsUrl: Type.String(), idpInitiatedUrl: Type.String(), sloUrl: Type.String() }),
  keys: Type.Array(Type.Object({ id: Type.String(), use: Type.String(), state: Type.String(), fingerprint: Type.String(), expiresAt: Type.String() })),
  signInUrl: Type.String(),
  signsRequests: Type.Boolean(),
  idpInitiated: Type.Boolean(),
  emailAttribute: Nullable(Type.String()),
  nameAttribute: Nullable(Type.String()),
  roleAttribute: Nullable(Type.String()),
  roles: RoleTable,
  defaultRole: Nullable(GivenRole),
  refusal: Nullable(Type.Object({ reason: Type.String(), at: Type.String() })),
  createdAt: Type.String(),
});

export const Domain = Type.Object({
  domain: Type.String(),
  /** The TXT record to make. */
  record: Type.Object({ name: Type.String(), type: Type.Literal("TXT"), value: Type.String() }),
  verifiedAt: Nullable(Type.String()),
  ssoRequired: Type.Boolean(),
});

export const SsoSettings = Type.Object({ breakGlassUser: Nullable(Type.String()) });
