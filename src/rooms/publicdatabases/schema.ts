import { Type } from "typebox";
import { Table } from "#src/rooms/databases/schema.ts";
import { queryLimits } from "#src/rooms/queries/schema.ts";

/** What a stranger may ask for; by address and node where it says an hour. */
export const publicLimits = {
  queryTimeoutMs: 5_000,
  queryRowsMax: 1_000,
  queryBytesMax: 2 * 1024 ** 2,
  queriesPerHourMax: 300,
  pagesPerHourMax: 3_000,
  downloadsPerHourMax: 30,
  sqlCharactersMax: 10_000,
  /** On the page. */
  sampleRows: 20,
  shownRows: 200,
  tablesShown: 200,
  pageItems: 30,
  searchWordsMax: 8,
};

export const Publication = Type.Object({ slug: Type.String(), url: Type.String(), publishedAt: Type.String() });

export const PublicationState = Type.Object({
  publication: Type.Union([Publication, Type.Null()]),
  /** Why strangers cannot be shown the database: "rules" on its rows, "restricted" to some of the team, "contents" that are missing. */
  hindrance: Type.Union([Type.Literal("rules"), Type.Literal("restricted"), Type.Literal("contents"), Type.Null()]),
});

export const PublicItem = Type.Object({
  slug: Type.String(),
  url: Type.String(),
  name: Type.String(),
  description: Type.String(),
  tables: Type.Integer(),
  rows: Type.Union([Type.Integer(), Type.Null()]),
  sizeBytes: Type.Integer(),
  publishedAt: Type.String(),
  updatedAt: Type.String(),
});

export const PublicDatabase = Type.Object({
  slug: Type.String(),
  url: Type.String(),
  name: Type.String(),
  description: Type.String(),
  version: Type.String(),
  tables: Type.Array(Table),
  sizeBytes: Type.Integer(),
  sha256: Type.String(),
  publishedAt: Type.String(),
  updatedAt: Type.String(),
});

export const PublicQueryBody = Type.Object({
  sql: Type.String({ maxLength: publicLimits.sqlCharactersMax }),
  parameters: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), { maxProperties: queryLimits.parametersMax })),
  rowsMax: Type.Optional(Type.Integer({ minimum: 1 })),
}, { additionalProperties: false });

export const ListQuery = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.String({ pattern: "^\\d{1,4}$" })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
  lang: Type.Optional(Type.String({ maxLength: 10 })),
});

export const PageQuery = Type.Object({
  table: Type.Optional(Type.String({ maxLength: 1_000 })),
  sql: Type.Optional(Type.String({ maxLength: publicLimits.sqlCharactersMax })),
  lang: Type.Optional(Type.String({ maxLength: 10 })),
});
