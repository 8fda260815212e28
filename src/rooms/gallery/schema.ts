import { Type } from "typebox";

/** What readers may search with and how much they get at once. */
export const galleryLimits = { queryCharactersMax: 200, queryWordsMax: 10, pageItems: 24 };

export const GalleryItem = Type.Object({
  slug: Type.String(),
  /** The page of the report. */
  url: Type.String(),
  title: Type.String(),
  description: Type.String(),
  language: Type.String(),
  tags: Type.Array(Type.String()),
  publishedAt: Type.String(),
  /** How often the page was read. */
  views: Type.Integer(),
  /** A PNG of 1200 x 630 pixels. */
  picture: Type.String(),
});

const Search = Type.Optional(Type.String({ maxLength: galleryLimits.queryCharactersMax }));

export const GalleryQuery = Type.Object({
  q: Search,
  tag: Search,
  sort: Type.Optional(Type.Union([Type.Literal("recent"), Type.Literal("popular")])),
  limit: Type.Optional(Type.String({ pattern: "^\\d{1,4}$" })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
  lang: Type.Optional(Type.String({ maxLength: 10 })),
});

/** The values of a report's parameters in the address of its page: whatever else stands there is not read. */
export const ValuesQuery = Type.Object({}, { additionalProperties: Type.Union([Type.String({ maxLength: 2_000 }), Type.Array(Type.String({ maxLength: 2_000 }))]) });
