import { Type } from "typebox";
import { Attachment } from "#src/rooms/attachments/schema.ts";
import { Description } from "#src/rooms/catalog/schema.ts";
import { PortableAgreements } from "#src/rooms/agreements/schema.ts";

const Text = Type.String({ maxLength: 100_000 });
const Time = Type.String({ format: "date-time" });
const Email = Type.Union([Type.String({ maxLength: 254 }), Type.Null()]);
const Free = Type.Record(Type.String(), Type.Unknown());

const PortableRule = Type.Object(
  {
    table: Text, condition: Type.Union([Text, Type.Null()]),
    subject: Type.Union([
      Type.Object({ kind: Type.Literal("everyone") }, { additionalProperties: false }),
      Type.Object({ kind: Type.Literal("role"), role: Type.Union([Type.Literal("editor"), Type.Literal("viewer")]) }, { additionalProperties: false }),
      Type.Object({ kind: Type.Literal("member"), email: Email }, { additionalProperties: false }),
      Type.Object({ kind: Type.Literal("group"), name: Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()]) }, { additionalProperties: false }),
    ]),
  },
  { additionalProperties: false },
);

const People = Type.Union([Text, Type.Null()]);
/** What a publication's publisher saw of a database's rows. */
const SeenRows = Type.Object(
  {
    key: Text, tables: Type.Record(Type.String(), Type.Array(Text, { maxItems: 1_000 })),
    person: Type.Object({ id: People, email: People, groups: Type.Array(Text, { maxItems: 10_000 }) }, { additionalProperties: false }),
  },
  { additionalProperties: false },
);

/** A whole workspace, version 1 of its shape: everything but the bytes of the databases, which are downloaded as SQLite. */
export const Workspace = Type.Object(
  {
    schema: Type.Literal(1),
    team: Type.Object({ id: Text, name: Text, createdAt: Time }, { additionalProperties: false }),
    users: Type.Array(
      Type.Object(
        {
          email: Type.String({ maxLength: 254 }), name: Text, userName: Text, language: Type.Union([Type.Literal("en"), Type.Literal("ja")]),
          role: Type.Union([Type.Literal("owner"), Type.Literal("admin"), Type.Literal("editor"), Type.Literal("viewer")]), memberSince: Time,
        },
        { additionalProperties: false },
      ),
      { maxItems: 100_000 },
    ),
    databases: Type.Array(
      Type.Object(
        {
          id: Text, name: Text, description: Text, createdAt: Time, updatedAt: Time, createdBy: Email,
          // Whom it was shared with stays behind; imported, it is for owners and administrators until they share it.
          restricted: Type.Optional(Type.Literal(true)),
          version: Type.Object(
            {
              number: Type.Integer({ minimum: 1 }), sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }), sizeBytes: Type.Integer({ minimum: 0 }),
              tables: Type.Array(Free, { maxItems: 10_000 }), source: Free, createdAt: Time,
            },
            { additionalProperties: false },
          ),
        },
        { additionalProperties: false },
      ),
      { maxItems: 100_000 },
    ),
    queries: Type.Array(
      Type.Object(
        {
          id: Text, name: Text, database: Text, sql: Text, engine: Type.Optional(Type.Union([Type.Literal("sqlite"), Type.Literal("duckdb")])), parameters: Type.Optional(Free), chart: Type.Optional(Type.Union([Free, Type.Null()])),
          createdAt: Time, updatedAt: Time, createdBy: Email,
        },
        { additionalProperties: false },
      ),
      { maxItems: 100_000 },
    ),
    rules: Type.Optional(
      Type.Array(
        Type.Object({ database: Text, number: Type.Integer({ minimum: 1 }), rules: Type.Array(PortableRule, { maxItems: 1_000 }), updatedAt: Time, updatedBy: Email }, { additionalProperties: false }),
        { maxItems: 100_000 },
      ),
    ),
    descriptions: Type.Optional(Type.Array(Type.Object({ database: Text, items: Type.Array(Description, { maxItems: 20_000 }) }, { additionalProperties: false }), { maxItems: 100_000 })),
    attachments: Type.Optional(
      Type.Array(
        Type.Object(
          {
            id: Text, name: Text, format: Attachment.properties.format, sizeBytes: Type.Integer({ minimum: 0 }), sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
            width: Attachment.properties.width, height: Attachment.properties.height, pages: Attachment.properties.pages, notes: Attachment.properties.notes, createdAt: Time, createdBy: Email,
          },
          { additionalProperties: false },
        ),
        { maxItems: 100_000 },
      ),
    ),
    reports: Type.Array(
      Type.Object(
        {
          id: Text, version: Type.Integer({ minimum: 1 }), createdAt: Time, updatedAt: Time, createdBy: Email, restricted: Type.Optional(Type.Literal(true)),
          // Held to the report's own schema where it is imported, with a place in the error.
          definition: Free,
          publication: Type.Union([
            Type.Object(
              {
                slug: Text, visibility: Type.Union([Type.Literal("team"), Type.Literal("link"), Type.Literal("public")]),
                reportVersion: Type.Integer(), revision: Type.Integer(), definition: Free, contents: Type.Record(Type.String(), Type.String()),
                rows: Type.Optional(Type.Record(Type.String(), SeenRows)),
                publishedAt: Time, publishedBy: Email,
              },
              { additionalProperties: false },
            ),
            Type.Null(),
          ]),
        },
        { additionalProperties: false },
      ),
      { maxItems: 100_000 },
    ),
    agreements: Type.Optional(PortableAgreements),
  },
  { additionalProperties: false },
);
