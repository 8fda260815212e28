import { Type } from "typebox";
import type { Static } from "typebox";

/** Limits of a report definition. */
export const reportLimits = {
  blocksMax: 60,
  parametersMax: 20,
  titleCharactersMax: 200,
  descriptionCharactersMax: 2_000,
  markdownCharactersMax: 50_000,
  sqlCharactersMax: 100_000,
  tagsMax: 10,
};

/** Places on a grid of 12 columns; a row is 48 pixels high on a screen of normal width. */
export const gridColumns = 12;
export const gridRowPixels = 48;

const Layout = Type.Object(
  {
    x: Type.Integer({ minimum: 0, maximum: 11 }),
    y: Type.Integer({ minimum: 0, maximum: 1_000 }),
    w: Type.Integer({ minimum: 1, maximum: 12 }),
    h: Type.Integer({ minimum: 1, maximum: 60 }),
  },
  { additionalProperties: false },
);

const common = {
  id: Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" }),
  layout: Layout,
  title: Type.Optional(Type.String({ maxLength: reportLimits.titleCharactersMax })),
  description: Type.Optional(Type.String({ maxLength: reportLimits.descriptionCharactersMax })),
};

const question = {
  database: Type.String({ minLength: 1, maxLength: 64 }),
  sql: Type.String({ minLength: 1, maxLength: reportLimits.sqlCharactersMax }),
  engine: Type.Optional(Type.Union([Type.Literal("sqlite"), Type.Literal("duckdb")])),
};

const asked = {
  ...question,
  /** Where it was asked without SQL, as /api/v1/schemas/question.json describes it; the SQL is then made from it. Goes when only the SQL is changed. */
  question: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
};

/** How a number or a cell is written. Without one, by the language's custom. */
export const Format = Type.Object(
  {
    kind: Type.Optional(
      Type.Union([Type.Literal("number"), Type.Literal("percent"), Type.Literal("currency"), Type.Literal("date"), Type.Literal("text")]),
    ),
    /** ISO 4217, with kind "currency". */
    currency: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$" })),
    decimals: Type.Optional(Type.Integer({ minimum: 0, maximum: 10 })),
    /** K, M, B in English; 万, 億, 兆 in Japanese. */
    compact: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

const TextBlock = Type.Object(
  { ...common, kind: Type.Literal("text"), markdown: Type.String({ maxLength: reportLimits.markdownCharactersMax }) },
  { additionalProperties: false },
);

const ChartBlock = Type.Object(
  // The chart's own shape is the published schema of the charts room, checked there, with a place in the error.
  { ...common, kind: Type.Literal("chart"), ...asked, chart: Type.Optional(Type.Record(Type.String(), Type.Unknown())) },
  { additionalProperties: false },
);

const TableBlock = Type.Object(
  {
    ...common,
    kind: Type.Literal("table"),
    ...asked,
    chart: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    columns: Type.Optional(
      Type.Array(
        Type.Object(
          {
            field: Type.String({ maxLength: 200 }),
            title: Type.Optional(Type.String({ maxLength: 200 })),
            align: Type.Optional(Type.Union([Type.Literal("left"), Type.Literal("right"), Type.Literal("center")])),
            format: Type.Optional(Format),
          },
          { additionalProperties: false },
        ),
        { maxItems: 100 },
      ),
    ),
    rowsMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  },
  { additionalProperties: false },
);

const NumberBlock = Type.Object(
  {
    ...common,
    kind: Type.Literal("number"),
    ...asked,
    /** The column to show; the first without it. */
    field: Type.Optional(Type.String({ maxLength: 200 })),
    /** A second column to compare with; the change is shown. */
    compareField: Type.Optional(Type.String({ maxLength: 200 })),
    /** What a rise means, for the colour of the change: "more" is better unless said otherwise. */
    better: Type.Optional(Type.Union([Type.Literal("more"), Type.Literal("less"), Type.Literal("neither")])),
    format: Type.Optional(Format),
  },
  { additionalProperties: false },
);

const FilterBlock = Type.Object(
  { ...common, kind: Type.Literal("filter"), parameter: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
);

const ImageBlock = Type.Object(
  {
    ...common,
    kind: Type.Literal("image"),
    /** What the picture shows, for those who do not see it. */
    alt: Type.String({ maxLength: 500 }),
    /** The id of an attachment of the team: a picture, or a PDF that readers can download. */
    attachment: Type.Optional(Type.String({ pattern: "^[a-z0-9_]{1,64}$" })),
    /** Instead of an attachment, a PNG or JPEG as a data: address. */
    picture: Type.Optional(Type.String({ pattern: "^data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+$", maxLength: 1_400_000 })),
  },
  { additionalProperties: false },
);

const kinds = [TextBlock, ChartBlock, TableBlock, NumberBlock, FilterBlock, ImageBlock];
const AnyBlock = Type.Union([TextBlock, ChartBlock, TableBlock, NumberBlock, FilterBlock, ImageBlock]);

/** The kind says which shape a block has, so that a refusal speaks of that shape and not of all others. */
export const Block = Type.Unsafe<Static<typeof AnyBlock>>({ type: "object", required: ["kind"], discriminator: { propertyName: "kind" }, oneOf: kinds });

const Scalar = Type.Union([Type.String({ maxLength: 1_000 }), Type.Number(), Type.Null()]);

export const Parameter = Type.Object(
  {
    /** Used in SQL as :name. */
    name: Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]{0,63}$" }),
    label: Type.Optional(Type.String({ maxLength: 200 })),
    type: Type.Union([Type.Literal("text"), Type.Literal("number"), Type.Literal("date"), Type.Literal("choice")]),
    default: Type.Optional(Scalar),
    /** With type "choice": fixed options, or a query whose first column gives the values and second, if any, the labels. */
    options: Type.Optional(
      Type.Union([
        Type.Array(
          Type.Object({ value: Scalar, label: Type.Optional(Type.String({ maxLength: 200 })) }, { additionalProperties: false }),
          { maxItems: 1_000 },
        ),
        Type.Object({ database: question.database, sql: question.sql }, { additionalProperties: false }),
      ]),
    ),
  },
  { additionalProperties: false },
);

/** A report definition, version 1 of its shape. */
export const ReportDefinition = Type.Object(
  {
    schema: Type.Literal(1),
    title: Type.String({ minLength: 1, maxLength: reportLimits.titleCharactersMax }),
    description: Type.Optional(Type.String({ maxLength: reportLimits.descriptionCharactersMax })),
    language: Type.Union([Type.Literal("en"), Type.Literal("ja")]),
    /** The report's own background; charts, page and picture follow it. */
    background: Type.Optional(
      Type.Union([Type.Literal("light"), Type.Literal("dark"), Type.String({ pattern: "^#[0-9a-fA-F]{6}$" })]),
    ),
    tags: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: reportLimits.tagsMax })),
    parameters: Type.Array(Parameter, { maxItems: reportLimits.parametersMax }),
    blocks: Type.Array(Block, { maxItems: reportLimits.blocksMax }),
  },
  { additionalProperties: false },
);

export type ReportDefinition = Static<typeof ReportDefinition>;
export type ReportBlock = Static<typeof Block>;
export type ReportParameter = Static<typeof Parameter>;
export type ValueFormat = Static<typeof Format>;

/** The most a team may have. */
export const reportsMax = 10_000;

export const visibilities = ["team", "link", "public"] as const;
export type Visibility = (typeof visibilities)[number];
const VisibilityShape = Type.Union([Type.Literal("team"), Type.Literal("link"), Type.Literal("public")]);

export const PublicationBody = Type.Object({ visibility: VisibilityShape }, { additionalProperties: false });

/** A publication as the API shows it; `version` is the report's version that readers see. */
export const Publication = Type.Object({
  url: Type.String(),
  slug: Type.String(),
  visibility: VisibilityShape,
  version: Type.Integer(),
  publishedAt: Type.String(),
  /** Rules hid rows from whoever published it; readers see none of those. */
  hasHiddenRows: Type.Boolean(),
});

const known = {
  id: Type.String(),
  team: Type.String(),
  version: Type.Integer(),
  createdAt: Type.String(),
  updatedAt: Type.String(),
  publication: Type.Union([Publication, Type.Null()]),
};

/** A definition with what the server knows about it. */
export const StoredReport = Type.Object({ ...known, ...ReportDefinition.properties }, { additionalProperties: false });

export const ReportBrief = Type.Object({
  ...known,
  title: Type.String(),
  description: Type.String(),
  language: Type.String(),
  tags: Type.Array(Type.String()),
});

export const ReportVersion = Type.Object({
  version: Type.Integer(),
  title: Type.String(),
  createdAt: Type.String(),
  createdBy: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()]),
});
