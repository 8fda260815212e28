import { Type } from "typebox";
import type { Static } from "typebox";

/** Limits of drawing. What is beyond them is left out, and the picture says so. */
export const chartLimits = {
  titleCharactersMax: 200,
  fieldCharactersMax: 200,
  formatCharactersMax: 40,
  /** Rows of a result that are looked at for one chart. */
  rowsMax: 50_000,
  columnsMax: 1_000,
  /** Marks of one kind in one chart; points beyond it are counted in cells, lines thinned, other marks cut. */
  marksMax: 3_000,
  /** Colours of one chart, the grey of "other" not counted. */
  seriesMax: 7,
  /** Thin grey lines behind the coloured ones. */
  otherLinesMax: 40,
  /** Categories on one axis. */
  categoriesMax: 400,
  facetsMax: 12,
  binsMax: 100,
  sidePixelsMax: 4_096,
  cellCharactersMax: 200,
};

const choice = <const T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>(Type.String({ enum: [...values] }));
const strict = { additionalProperties: false } as const;

export const marks = ["bar", "line", "area", "point", "circle", "arc", "rect", "tick", "rule"] as const;
export const aggregates = ["count", "sum", "mean", "average", "median", "min", "max", "distinct"] as const;
export const timeUnits = ["year", "yearquarter", "yearmonth", "yearmonthdate", "yearmonthdatehours", "quarter", "month", "date", "day", "hours"] as const;
export const schemes = [
  "blues", "greens", "greys", "oranges", "purples", "reds", "viridis", "cividis", "magma", "inferno",
  "tealblues", "yelloworangered", "redblue", "redyellowblue", "blueorange", "purpleorange",
] as const;

const Colour = Type.String({ pattern: "^#[0-9a-fA-F]{6}$" });
const Field = Type.String({ minLength: 1, maxLength: chartLimits.fieldCharactersMax });
const Title = Type.Union([Type.String({ maxLength: chartLimits.titleCharactersMax }), Type.Null()]);
const Scalar = Type.Union([Type.String({ maxLength: 200 }), Type.Number(), Type.Boolean(), Type.Null()]);

/** How a value is written: Kliv's own options, which follow the reader's language, or a pattern of d3-format or d3-time-format. */
export const ValueFormat = Type.Object(
  {
    kind: Type.Optional(choice(["number", "percent", "currency", "date", "text"])),
    currency: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$" })),
    decimals: Type.Optional(Type.Integer({ minimum: 0, maximum: 10 })),
    compact: Type.Optional(Type.Boolean()),
  },
  strict,
);
const Format = Type.Union([Type.String({ maxLength: chartLimits.formatCharactersMax }), ValueFormat]);

const Axis = Type.Object(
  {
    title: Type.Optional(Title),
    format: Type.Optional(Format),
    grid: Type.Optional(Type.Boolean()),
    labels: Type.Optional(Type.Boolean()),
    labelAngle: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
    orient: Type.Optional(choice(["top", "bottom", "left", "right"])),
    tickCount: Type.Optional(Type.Integer({ minimum: 2, maximum: 20 })),
  },
  strict,
);

const Scale = Type.Object(
  {
    type: Type.Optional(choice(["linear", "log", "sqrt", "symlog"])),
    zero: Type.Optional(Type.Boolean()),
    nice: Type.Optional(Type.Boolean()),
    reverse: Type.Optional(Type.Boolean()),
    domain: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 100 })),
    scheme: Type.Optional(choice(schemes)),
    range: Type.Optional(Type.Array(Colour, { minItems: 1, maxItems: 20 })),
  },
  strict,
);

const Legend = Type.Object(
  {
    title: Type.Optional(Title),
    orient: Type.Optional(choice(["top", "bottom", "left", "right"])),
    format: Type.Optional(Format),
  },
  strict,
);

const Bin = Type.Union([
  Type.Boolean(),
  Type.Object(
    { maxbins: Type.Optional(Type.Integer({ minimum: 2, maximum: 100 })), step: Type.Optional(Type.Number({ exclusiveMinimum: 0 })) },
    strict,
  ),
]);

const Sort = Type.Union([
  Type.Null(),
  choice(["ascending", "descending", "x", "y", "-x", "-y", "color", "-color"]),
  Type.Array(Scalar, { maxItems: chartLimits.categoriesMax }),
  Type.Object(
    { field: Field, op: Type.Optional(choice(aggregates)), order: Type.Optional(choice(["ascending", "descending"])) },
    strict,
  ),
]);

const field = {
  field: Type.Optional(Field),
  type: Type.Optional(choice(["quantitative", "temporal", "ordinal", "nominal"])),
  aggregate: Type.Optional(choice(aggregates)),
  bin: Type.Optional(Bin),
  timeUnit: Type.Optional(choice(timeUnits)),
  title: Type.Optional(Title),
  format: Type.Optional(Format),
};
const sorted = { ...field, sort: Type.Optional(Sort) };
const Stack = Type.Union([Type.Null(), Type.Boolean(), choice(["zero", "normalize", "center"])]);

const Position = Type.Object(
  {
    ...sorted,
    stack: Type.Optional(Stack),
    axis: Type.Optional(Type.Union([Type.Null(), Axis])),
    scale: Type.Optional(Scale),
  },
  strict,
);
const Offset = Type.Object(sorted, strict);
const Facet = Type.Object(sorted, strict);
const Detail = Type.Object(field, strict);
const Order = Type.Object(sorted, strict);
const Theta = Type.Object({ ...field, stack: Type.Optional(Stack) }, strict);
const shown = { ...sorted, scale: Type.Optional(Scale), legend: Type.Optional(Type.Union([Type.Null(), Legend])) };
const ColourChannel = Type.Object({ ...shown, value: Type.Optional(Colour) }, strict);
const SizeChannel = Type.Object({ ...shown, value: Type.Optional(Type.Number({ minimum: 0, maximum: 2_000 })) }, strict);
const OpacityChannel = Type.Object({ ...shown, value: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })) }, strict);

const MarkObject = Type.Object(
  {
    type: choice(marks),
    color: Type.Optional(Colour),
    opacity: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    filled: Type.Optional(Type.Boolean()),
    point: Type.Optional(Type.Boolean()),
    line: Type.Optional(Type.Boolean()),
    tooltip: Type.Optional(Type.Boolean()),
    size: Type.Optional(Type.Number({ minimum: 1, maximum: 2_000 })),
    strokeWidth: Type.Optional(Type.Number({ minimum: 0, maximum: 20 })),
    strokeDash: Type.Optional(Type.Array(Type.Number({ minimum: 0, maximum: 50 }), { maxItems: 4 })),
    cornerRadius: Type.Optional(Type.Number({ minimum: 0, maximum: 20 })),
    /** Pixels left open in the middle of an arc: a ring instead of a pie. */
    innerRadius: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000 })),
    interpolate: Type.Optional(choice(["linear", "monotone", "step", "step-after", "step-before"])),
  },
  strict,
);

/** A chart, version 1 of its shape: an allow-listed subset of Vega-Lite. Data comes from the block's query only. */
export const Chart = Type.Object(
  {
    /** Accepted so that a Vega-Lite chart can be pasted; not read, never fetched. */
    $schema: Type.Optional(Type.String({ maxLength: 200 })),
    title: Type.Optional(Type.String({ maxLength: chartLimits.titleCharactersMax })),
    description: Type.Optional(Type.String({ maxLength: 2_000 })),
    mark: Type.Union([choice(marks), MarkObject]),
    encoding: Type.Object(
      {
        x: Type.Optional(Position),
        y: Type.Optional(Position),
        xOffset: Type.Optional(Offset),
        yOffset: Type.Optional(Offset),
        theta: Type.Optional(Theta),
        color: Type.Optional(ColourChannel),
        size: Type.Optional(SizeChannel),
        opacity: Type.Optional(OpacityChannel),
        detail: Type.Optional(Detail),
        order: Type.Optional(Order),
        tooltip: Type.Optional(Type.Array(Detail, { maxItems: 20 })),
        row: Type.Optional(Facet),
        column: Type.Optional(Facet),
      },
      strict,
    ),
  },
  { ...strict, $id: "https://kliv.dev/schemas/chart-1.json", title: "Kliv chart 1" },
);

export type Chart = Static<typeof Chart>;
export type ValueFormat = Static<typeof ValueFormat>;
export type FormatChoice = string | ValueFormat;
export type MarkName = (typeof marks)[number];
export type ChannelName = keyof Chart["encoding"];

/** Every property a channel may have; which of them a channel takes is the schema's business. */
export interface Channel {
  field?: string;
  type?: "quantitative" | "temporal" | "ordinal" | "nominal";
  aggregate?: (typeof aggregates)[number];
  bin?: Static<typeof Bin>;
  timeUnit?: (typeof timeUnits)[number];
  title?: string | null;
  format?: FormatChoice;
  sort?: Static<typeof Sort>;
  stack?: Static<typeof Stack>;
  axis?: Static<typeof Axis> | null;
  scale?: Static<typeof Scale>;
  legend?: Static<typeof Legend> | null;
  value?: string | number;
}

export interface ResultColumn {
  name: string;
  type?: string | null;
}

/** What a query answers: columns, and rows as arrays in their order. */
export interface QueryResult {
  columns: ResultColumn[];
  rows: unknown[][];
  truncated?: boolean;
}

export type Language = "en" | "ja";
/** "light", "dark" or a colour as #rrggbb. */
export type Background = string;
