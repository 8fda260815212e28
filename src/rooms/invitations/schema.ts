import { Type } from "typebox";
import { Accepted, Pending } from "#src/rooms/agreements/schema.ts";

export const invitationLimits = { daysMax: 7, pendingMax: 500, mailsPerHourMax: 60, groupsMax: 50 };

const Role = Type.Union([Type.Literal("owner"), Type.Literal("admin"), Type.Literal("editor"), Type.Literal("viewer")]);
const Link = Type.String({ minLength: 1, maxLength: 200 });

/** As administrators see it: never whether the address has an account. */
export const Invitation = Type.Object({
  id: Type.String(), email: Type.String(), role: Role, groups: Type.Array(Type.String()), invitedBy: Type.Union([Type.String(), Type.Null()]), createdAt: Type.String(), expiresAt: Type.String(),
});
export const InvitationBody = Type.Object(
  { email: Type.String({ minLength: 1, maxLength: 254 }), role: Role, groups: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { maxItems: invitationLimits.groupsMax })) },
  { additionalProperties: false },
);
export const LinkBody = Type.Object({ link: Link }, { additionalProperties: false });
export const AcceptBody = Type.Object(
  { link: Link, name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })), password: Type.Optional(Type.String({ maxLength: 4_096 })), accepted: Type.Optional(Accepted) },
  { additionalProperties: false },
);
/** As the holder of the link sees it. */
export const InvitationView = Type.Object({
  team: Type.Object({ name: Type.String() }), inviter: Type.Union([Type.String(), Type.Null()]), role: Role, email: Type.String(), hasAccount: Type.Boolean(), expiresAt: Type.String(),
  /** What a new account has to accept; who has one is asked after signing in. */
  agreements: Pending,
});
