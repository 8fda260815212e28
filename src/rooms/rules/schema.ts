import { Type } from "typebox";
import type { Static } from "typebox";

export const ruleLimits = { rulesMax: 200, conditionCharactersMax: 2_000 };

/** Whom a rule speaks of. Owners and administrators see all rows: they make the rules. */
export const Subject = Type.Union([
  Type.Object({ kind: Type.Literal("everyone") }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal("role"), role: Type.Union([Type.Literal("editor"), Type.Literal("viewer")]) }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal("member"), id: Type.String({ maxLength: 64 }) }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal("group"), id: Type.String({ maxLength: 64 }) }, { additionalProperties: false }),
]);
export type Subject = Static<typeof Subject>;

export const Rule = Type.Object(
  {
    table: Type.String({ minLength: 1, maxLength: 500 }),
    subject: Subject,
    /** An SQL expression on the table's columns; may use :user_id, :user_email and column IN (:groups). null: all rows. */
    condition: Type.Union([Type.String({ minLength: 1, maxLength: ruleLimits.conditionCharactersMax }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type Rule = Static<typeof Rule>;

export const RulesBody = Type.Object({ rules: Type.Array(Rule, { maxItems: ruleLimits.rulesMax }) }, { additionalProperties: false });

export const RuleSet = Type.Object({
  /** Grows with each change; 0 before the first. The ETag. */
  number: Type.Integer(),
  rules: Type.Array(Rule),
  updatedAt: Type.Union([Type.String(), Type.Null()]),
  updatedBy: Type.Union([Type.String(), Type.Null()]),
});

export const PreviewBody = Type.Object(
  {
    /** A member of the team, or whoever has a role and is in no group. */
    subject: Type.Union([
      Type.Object({ kind: Type.Literal("member"), id: Type.String({ maxLength: 64 }) }, { additionalProperties: false }),
      Type.Object({ kind: Type.Literal("role"), role: Type.Union([Type.Literal("editor"), Type.Literal("viewer")]) }, { additionalProperties: false }),
    ]),
    /** Rules that are not saved yet; the saved ones without it. */
    rules: Type.Optional(Type.Array(Rule, { maxItems: ruleLimits.rulesMax })),
  },
  { additionalProperties: false },
);

export const Preview = Type.Object({
  /** The subject sees all rows of all tables. */
  isUnrestricted: Type.Boolean(),
  tables: Type.Array(Type.Object({
    name: Type.String(),
    /** null: not counted within the time. */
    rows: Type.Union([Type.Integer(), Type.Null()]),
    visible: Type.Union([Type.Integer(), Type.Null()]),
  })),
});
