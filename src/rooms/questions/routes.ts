import { Type } from "typebox";
import type { RowRules } from "#src/access/rows.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import type { Databases } from "#src/rooms/databases/databases.ts";
import type { Questions } from "./questions.ts";
import { questionSchema } from "./schema.ts";

const SqlBody = Type.Object(
  {
    /** As /api/v1/schemas/question.json describes it. */
    question: Type.Record(Type.String(), Type.Unknown()),
    engine: Type.Optional(Type.Union([Type.Literal("sqlite"), Type.Literal("duckdb")])),
    /** The version to write it for; the current one without it. */
    version: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false },
);

const SqlAnswer = Type.Object({
  /** Null where the engine cannot give SQLite's answer. */
  sql: Type.Union([Type.String(), Type.Null()]),
  columns: Type.Array(Type.Object({ name: Type.String(), type: Type.String() })),
  parameters: Type.Array(Type.Object({ name: Type.String(), type: Type.String(), optional: Type.Boolean() })),
  /** Why only SQLite answers it, each with its place in the question. */
  sqliteOnly: Type.Array(Type.Object({ pointer: Type.String(), reason: Type.String() })),
});

export function questionsRoutes({ questions, databases, rules }: { questions: Questions; databases: Databases; rules: RowRules }): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/databases/:id/question/sql",
      summary: "The SQL of a question without SQL, and what it takes and answers",
      tag: "queries",
      access: { action: "database:query", of: "database", param: "id" },
      params: Type.Object({ id: Type.String() }),
      body: SqlBody,
      responses: { 200: SqlAnswer },
      async handler({ actor, resource, body, language }) {
        const { team, id } = resource;
        const version = body.version ? await databases.getVersion({ team, database: id, version: body.version }) : await databases.currentVersion(team, id);
        const { sql, columns, parameters, sqliteOnly } = await questions.compile({ version: { ...version, rows: await rules.accessOf(actor, { id, team }) }, question: body.question, dialect: body.engine ?? "sqlite", at: "/question" });
        return { sql: sql || null, columns, parameters, sqliteOnly: sqliteOnly.map((one) => ({ pointer: `/question${one.pointer}`, reason: one[language] })) };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/schemas/question.json",
      summary: "The JSON schema of a question without SQL",
      tag: "operation",
      access: { public: "the interface is documented for everyone" },
      responses: { 200: "application/schema+json" },
      handler: () => answer({ headers: { "content-type": "application/schema+json", "cache-control": "public, max-age=300" }, body: JSON.stringify(questionSchema()) }),
    }),
  ];
}
