import { Type } from "typebox";
import type { Static } from "typebox";

/** The documents that everybody is asked to accept. */
export const kinds = ["privacy", "terms"] as const;
export type Kind = (typeof kinds)[number];
export const isKind = (kind: string): kind is Kind => (kinds as readonly string[]).includes(kind);

/** Of one version in one language. */
export const textCharactersMax = 100_000;
/** Of the note that says what a version changes. */
export const changesCharactersMax = 2_000;
/** Of the file of one language, in UTF-8. */
export const fileBytesMax = 400_000;
export const titleCharactersMax = 200;
export const referenceCharactersMax = 500;

const Time = Type.String({ format: "date-time" });
const Words = Type.Object({ en: Type.String(), ja: Type.String() });
const Language = Type.Union([Type.Literal("en"), Type.Literal("ja")]);
const Method = Type.Union([Type.Literal("sign-up"), Type.Literal("asked")]);

/** A version of a document, named. */
export const Named = Type.Object({ kind: Type.String({ minLength: 1, maxLength: 60 }), version: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }, { additionalProperties: false });
export type Named = Static<typeof Named>;
export const Accepted = Type.Array(Named, { minItems: 1, maxItems: 20 });
export const Pending = Type.Object({ pending: Type.Array(Type.Object({ kind: Type.String(), version: Type.Integer() })) });

/** A version without its text. */
export const Version = Type.Object({
  kind: Type.String(),
  version: Type.Integer(),
  state: Type.Union([Type.Literal("current"), Type.Literal("upcoming"), Type.Literal("past")]),
  title: Words,
  /** What is different from the version before, where the operator says so. */
  changes: Type.Union([Words, Type.Null()]),
  effectiveAt: Time,
  publishedAt: Time,
  /** Of the texts in both languages: an acceptance names what was accepted by it. */
  sha256: Type.String(),
  url: Type.String(),
});
export type Version = Static<typeof Version>;

export const Document = Type.Object({ ...Version.properties, text: Words, versions: Type.Array(Version) });

export const Acceptance = Type.Object({
  kind: Type.String(), version: Type.Integer(), title: Words, acceptedAt: Time, address: Type.Union([Type.String(), Type.Null()]), language: Language, method: Method,
});

export const TeamAgreement = Type.Object({
  id: Type.String(), title: Type.String(), reference: Type.String(), agreedOn: Type.String({ format: "date" }), notedAt: Time,
  /** It came with an import and was not noted by this operator. */
  imported: Type.Boolean(),
});

// Control characters would be no words, and some of them no text that PostgreSQL keeps.
const line = "^[^\\x00-\\x1f\\x7f]*$";

/** In a workspace's export. */
export const PortableAgreements = Type.Object(
  {
    accepted: Type.Array(
      Type.Object(
        {
          email: Type.String({ maxLength: 254, pattern: line }), kind: Type.String({ maxLength: 60, pattern: line }), version: Type.Integer({ minimum: 1, maximum: 1_000_000 }), sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
          acceptedAt: Time, language: Language, method: Method,
        },
        { additionalProperties: false },
      ),
      { maxItems: 500_000 },
    ),
    noted: Type.Array(
      Type.Object(
        {
          title: Type.String({ minLength: 1, maxLength: titleCharactersMax * 2, pattern: line }), reference: Type.String({ maxLength: referenceCharactersMax * 2, pattern: line }),
          agreedOn: Type.String({ format: "date" }), notedAt: Time,
        },
        { additionalProperties: false },
      ),
      { maxItems: 10_000 },
    ),
  },
  { additionalProperties: false },
);
export type PortableAgreements = Static<typeof PortableAgreements>;
