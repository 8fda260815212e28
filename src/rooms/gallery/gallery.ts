import { createHash } from "node:crypto";
import type { Actor } from "#src/access/access.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { escapeText } from "#src/base/escape.ts";
import { makePage } from "#src/http/page.ts";
import type { Page, PageFiles } from "#src/http/page.ts";
import type { Rates } from "#src/http/rates.ts";
import type { Attachments } from "#src/rooms/attachments/attachments.ts";
import type { Queries, QueryResult } from "#src/rooms/queries/queries.ts";
import { choicesOf, fillBlocks, isFilled } from "#src/rooms/reports/fill.ts";
import type { Filled } from "#src/rooms/reports/fill.ts";
import { cardPixels, withPictures } from "#src/rooms/reports/picture.ts";
import type { Drawing } from "#src/rooms/reports/picture.ts";
import { foldText } from "#src/rooms/reports/reports.ts";
import type { PublicationRow } from "#src/rooms/reports/reports.ts";
import { readValues } from "#src/rooms/reports/values.ts";
import type { Option, Values } from "#src/rooms/reports/values.ts";
import { createShelf } from "./shelf.ts";
import { chartTasks, reportBody, reportStyle } from "./report-page.ts";
import type { DrawnBlock } from "./report-page.ts";
import { galleryLimits } from "./schema.ts";
import * as store from "./store.ts";

export type Publication = PublicationRow;

export interface ReadyPage extends Page {
  etag: string;
}

export interface Gallery {
  /** What an address shows this reader, or null where it shows nothing (any more). */
  open(slug: string, actor: Actor | null): Promise<Publication | null> | Publication | null;
  /** The page, drawn once for each choice of values. `given` are the texts of its address, `by` the reader's address. Throws RATE_LIMITED. */
  page(publication: Publication, options: { given: Record<string, string>; by: string }): Promise<ReadyPage> | ReadyPage;
  /** The picture for messengers and the gallery, a PNG. */
  picture(publication: Publication): Promise<Buffer>;
  /** A chart with its data, for a browser that draws it alive; null where the block has none. Throws RATE_LIMITED. */
  chart(publication: Publication, options: { block: string; given: Record<string, string>; by: string }): Promise<LiveChart | null>;
  list(options: { q?: string | undefined; tag?: string | undefined; sort: "recent" | "popular"; cursor?: string | undefined; limit: number }): Promise<{ items: store.Listed[]; nextCursor: string | null }>;
  /** Counts one reading of the page. */
  countView(publication: Publication): void;
  /** Writes the counted readings. */
  close(): Promise<void>;
}

export interface LiveChart {
  chart: Record<string, unknown>;
  result: QueryResult;
  background: string;
  language: string;
}

export interface GalleryParts {
  postgres: Postgres;
  queries: Queries;
  drawing: Drawing;
  clock: Clock;
  log: Log;
  config: { origin: string };
  files: PageFiles;
  rates: Rates;
  attachments: Attachments;
}

/** What is drawn from one revision of a publication never changes. */
const keyOf = ({ report_id, slug, revision }: Publication): string => `${report_id} ${slug} ${revision}`;

const shelfBytesMax = { pages: 64 * 1024 ** 2, pictures: 32 * 1024 ** 2 };
// As with databases: announced at once, and read again soon in case an announcement was lost.
const ageMsMax = 4_000;
const publicationsMax = 5_000;
const viewsEveryMs = 10_000;
const aheadMax = 20;
/** Of one reader's address on each node: every choice that nobody made before is queries and drawings. */
const choicesPerHourMax = 1_000;
const chosenChartsPerHourMax = 10_000;

export function createGallery(parts: GalleryParts): Gallery {
  const pages = createShelf<ReadyPage>({ bytesMax: shelfBytesMax.pages, weigh: (page) => page.bytes * 2 });
  const pictures = createShelf<Buffer>({ bytesMax: shelfBytesMax.pictures, weigh: (picture) => picture.length });
  const views = createViews(parts);
  let isClosed = false;
  const picture = async (publication: Publication): Promise<Buffer> =>
    await pictures.get(keyOf(publication), async () => {
      const { filled, values, isPassing } = await fill(parts, publication, {});
      const { width, height } = cardPixels;
      const value = await parts.drawing.picture({ definition: await withPictures(parts.attachments, publication.definition, publication.attachments), filled, values: values.values, width, height, team: publication.team_id });
      return { value, isKept: !isPassing };
    });
  drawAhead({ parts, picture, isClosed: () => isClosed });
  return {
    open: createOpener(parts),
    page(publication, { given, by }) {
      const search = givenSearch(publication, given);
      return pages.get(`${keyOf(publication)} ${search}`, async () => {
        if (search !== "") parts.rates.hold({ route: "chosen pages", address: by, perHourMax: choicesPerHourMax });
        return await drawPage(parts, publication, given);
      });
    },
    picture,
    async chart(publication, { block: id, given, by }) {
      const { definition } = publication;
      if (givenSearch(publication, given) !== "") parts.rates.hold({ route: "chosen charts", address: by, perHourMax: chosenChartsPerHourMax });
      const block = definition.blocks.find((one) => one.id === id);
      if (block?.kind !== "chart" || block.chart === undefined) return null;
      const { filled } = await fill(parts, publication, given, [id]);
      const result = filled[id];
      if (!isFilled(result)) throw result?.problem ?? new Problem("NOT_FOUND");
      const { title: _title, ...untitled } = block.chart;
      return { chart: block.title ? untitled : block.chart, result, background: definition.background ?? "light", language: definition.language };
    },
    list: (options) => list(parts.postgres, options),
    countView: (publication) => views.count(publication.report_id),
    close() {
      isClosed = true;
      return views.close();
    },
  };
}

// A picture is drawn as soon as its report is published, so that the gallery's next reader need not wait; one after the
// other, and not at all while many wait: who asks for one comes first.
function drawAhead({ parts, picture, isClosed }: { parts: GalleryParts; picture: Gallery["picture"]; isClosed(): boolean }): void {
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  const draw = async (slug: string): Promise<void> => {
    try {
      if (isClosed()) return;
      const publication = await parts.postgres.transaction({}, (tx) => store.findBySlug(tx, slug));
      if (publication) await picture(publication);
    } catch (error) {
      if (!isClosed()) parts.log("picture not drawn ahead", describeError(error));
    } finally {
      waiting--;
    }
  };
  parts.postgres.onChange((change) => {
    if (change?.kind !== "publication" || waiting >= aheadMax) return;
    waiting++;
    last = last.then(() => draw(change.id));
  });
}

/** The given values in one order and without what no parameter reads: equal choices are one page. */
function givenSearch({ definition }: Publication, given: Record<string, string>): string {
  const search = new URLSearchParams();
  for (const { name } of definition.parameters) if (Object.hasOwn(given, name)) search.set(name, given[name]!);
  return search.toString();
}

function createOpener({ postgres, clock }: GalleryParts): Gallery["open"] {
  const known = new Map<string, { publication: Publication; readMs: number }>();
  let generation = 0;
  postgres.onChange((change) => {
    if (change && change.kind !== "publication" && change.kind !== "team") return;
    generation++;
    if (change?.kind === "publication") known.delete(change.id);
    else known.clear();
  });
  const admit = (publication: Publication, actor: Actor | null): Publication | null =>
    publication.visibility === "team" && !actor?.teams.has(publication.team_id) ? null : publication;
  const read = async (slug: string, actor: Actor | null): Promise<Publication | null> => {
    const startedAt = generation;
    const publication = await postgres.transaction({ slug, teams: actor ? [...actor.teams.keys()] : [] }, (tx) => store.findBySlug(tx, slug));
    if (!publication) return null;
    if (known.size >= publicationsMax) known.clear();
    if (generation === startedAt) known.set(slug, { publication, readMs: clock.now() });
    return admit(publication, actor);
  };
  return (slug, actor) => {
    const kept = known.get(slug);
    return kept && clock.now() - kept.readMs < ageMsMax ? admit(kept.publication, actor) : read(slug, actor);
  };
}

interface FilledPublication {
  filled: Record<string, Filled>;
  values: Values;
  options: ReadonlyMap<string, readonly Option[]>;
  /** Something failed that may work in a moment: not to be kept. */
  isPassing: boolean;
}

async function fill({ queries }: GalleryParts, publication: Publication, given: Record<string, string>, only?: readonly string[]): Promise<FilledPublication> {
  const { definition, pins } = publication;
  const options = await choicesOf(queries, { parameters: definition.parameters, pins });
  const values = readValues(definition.parameters, given, options);
  const blocks = only ? definition.blocks.filter((block) => only.includes(block.id)) : definition.blocks;
  const filled = await fillBlocks(queries, { definition: { ...definition, blocks }, pins, values: values.values });
  const isPassing = Object.values(filled).some((one) => !isFilled(one) && [499, 500, 503].includes(one.problem.status));
  return { filled, values, options, isPassing };
}

async function drawPage(parts: GalleryParts, publication: Publication, given: Record<string, string>): Promise<{ value: ReadyPage; isKept: boolean }> {
  const { definition, slug, visibility } = publication;
  const { filled, values, options, isPassing } = await fill(parts, publication, given);
  const tasks = chartTasks(definition, filled);
  const drawn = await parts.drawing.charts({ charts: tasks.map(({ task }) => task), team: publication.team_id });
  const charts = new Map<string, DrawnBlock>();
  tasks.forEach(({ block, isNarrow }, i) => {
    const one = drawn[i]!;
    if (isNarrow) charts.get(block)!.narrow = one;
    else charts.set(block, { wide: one, narrow: null });
  });
  const isPublic = visibility === "public";
  const body = reportBody({ definition, slug, attachments: publication.attachments, version: publication.report_version, publishedAt: publication.published_at, isPublic, values, options, filled, charts });
  const page = makePage(parts.files, {
    language: definition.language, title: definition.title, description: descriptionOf(publication), body, style: reportStyle(definition), className: "is-report",
    isAlive: true, isOneLanguage: true, head: headOf(parts.config.origin, publication),
  });
  const etag = `"${createHash("sha256").update(page.encodings.identity!).digest("base64url").slice(0, 22)}"`;
  const headers = { ...page.headers, ...(isPublic ? {} : { "x-robots-tag": "noindex, nofollow" }) };
  return { value: { ...page, headers, etag }, isKept: !isPassing };
}

function descriptionOf({ definition: { description, title } }: Publication): string {
  return (description ?? title).slice(0, 300);
}

/** How messengers and search engines show the page. */
function headOf(origin: string, publication: Publication): string {
  const { slug, definition, revision, visibility } = publication;
  const url = `${origin}/r/${slug}`;
  const { width, height } = cardPixels;
  const properties: [string, string][] = [
    ["og:type", "article"], ["og:site_name", "Kliv"], ["og:title", definition.title], ["og:description", descriptionOf(publication)], ["og:url", url],
    ["og:locale", definition.language === "ja" ? "ja_JP" : "en_GB"], ["og:image", `${url}/picture.png?r=${revision}`], ["og:image:type", "image/png"],
    ["og:image:width", String(width)], ["og:image:height", String(height)], ["og:image:alt", definition.title],
  ];
  return [
    visibility === "public" ? `<link rel="canonical" href="${url}">` : '<meta name="robots" content="noindex, nofollow">',
    ...properties.map(([name, content]) => `<meta property="${name}" content="${escapeText(content)}">`),
    '<meta name="twitter:card" content="summary_large_image">',
  ].join("");
}

async function list(postgres: Postgres, options: Parameters<Gallery["list"]>[0]): ReturnType<Gallery["list"]> {
  const { q = "", tag, sort, limit, cursor } = options;
  const words = foldText(q).split(/\s+/).filter((word) => word !== "").slice(0, galleryLimits.queryWordsMax);
  const rows = await postgres.transaction({}, (tx) => store.listPublic(tx, { words, q, tag, sort, after: readCursor(cursor), limit: limit + 1 }));
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const value = last && (sort === "recent" ? last.published_at.getTime() : last.views);
  return { items, nextCursor: rows.length > limit && last ? Buffer.from(`${value} ${last.report_id}`).toString("base64url") : null };
}

function readCursor(cursor: string | undefined): { value: number; id: string } | undefined {
  if (cursor === undefined) return undefined;
  const [, value, id] = /^(\d{1,15}) (rep_[a-z0-9]{1,60})$/.exec(Buffer.from(cursor, "base64url").toString("utf8")) ?? [];
  if (value === undefined || id === undefined) throw new Problem("REQUEST_INVALID", { values: { reason: "cursor is not one of this list" } });
  return { value: Number(value), id };
}

// Readings are added up here and written now and then: a reader waits for no write, and a crash loses a few seconds of them.
function createViews({ postgres, log }: GalleryParts): { count(report: string): void; close(): Promise<void> } {
  let counts = new Map<string, number>();
  const write = async (): Promise<void> => {
    if (counts.size === 0) return;
    const written = counts;
    counts = new Map();
    await postgres.transaction({ operator: true }, (tx) => store.addViews(tx, written)).catch((error: unknown) => log("views not counted", describeError(error)));
  };
  const timer = setInterval(() => void write(), viewsEveryMs);
  timer.unref();
  return {
    count: (report) => void counts.set(report, (counts.get(report) ?? 0) + 1),
    close: async () => {
      clearInterval(timer);
      await write();
    },
  };
}

