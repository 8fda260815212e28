import type { Language } from "#src/base/problems/problem.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { SandboxPool } from "#src/base/sandbox/pool.ts";
import type { Attachments, Shown } from "#src/rooms/attachments/attachments.ts";
import type { ChartsHead, ChartsTask, PictureTask } from "#src/rooms/charts/charts.ts";
import { isFilled, reasonOf } from "./fill.ts";
import type { Filled } from "./fill.ts";
import type { ReportBlock, ReportDefinition } from "./schema.ts";
import type { Value } from "./values.ts";

/** Of a picture for messengers and for the gallery, in pixels. */
export const cardPixels = { width: 1_200, height: 630 };
export const screenshotWidth = { min: 100, max: 2_400, usual: 1_200 };

const drawMs = 30_000;

export interface Drawing {
  /** A PNG of the report: `width` pixels wide, its full height unless `height` cuts it. */
  picture(options: { definition: ReportDefinition; filled: Record<string, Filled>; values: Record<string, Value>; width: number; height?: number; team: string }): Promise<Buffer>;
  charts(options: { charts: ChartsTask["charts"]; team: string }): Promise<ChartsHead>;
}

/** Draws in the sandboxed children, each picture once while it is remembered. */
export function createDrawing({ pool }: { pool: SandboxPool }): Drawing {
  return {
    async picture({ definition, filled, values, width, height, team }) {
      const task: PictureTask = {
        kind: "picture",
        // The picture shows the values that the reader chose.
        report: { ...definition, parameters: definition.parameters.map((parameter) => ({ ...parameter, default: values[parameter.name] ?? null })) },
        results: Object.fromEntries(Object.entries(filled).map(([id, one]) => [id, isFilled(one) ? one : { problem: reasonOf(one.problem, definition.language) }])),
        widthPixels: width,
        ...(height === undefined ? {} : { heightPixels: height }),
        language: definition.language as Language,
      };
      const { body } = await pool.run("draw", task, { timeoutMs: drawMs, team });
      return await body.bytes();
    },
    async charts({ charts, team }) {
      if (charts.length === 0) return [];
      const { head } = await pool.run("draw", { kind: "charts", charts } satisfies ChartsTask, { timeoutMs: drawMs, team });
      return head as ChartsHead;
    },
  };
}

/** The same definition with the small copies of its attachments in it, for who draws without asking anybody. */
export async function withPictures(attachments: Pick<Attachments, "small">, definition: ReportDefinition, shown: Record<string, Shown>): Promise<ReportDefinition> {
  const blocks = await Promise.all(definition.blocks.map(async (block): Promise<ReportBlock> => {
    if (block.kind !== "image" || block.attachment === undefined) return block;
    const { attachment, alt, ...rest } = block;
    const found = shown[attachment];
    const picture = found ? await attachments.small(found) : null;
    if (picture !== null) return { ...rest, alt, picture };
    // A document is told by its name.
    return { ...rest, kind: "text", markdown: found ? found.name.replace(/[\\`*_{}[\]()#+.!|<>-]/g, "\\$&") : "" };
  }));
  return { ...definition, blocks };
}

/** A width in pixels from an address; throws CHART_SIZE_REFUSED. */
export function readWidth(text: string | undefined): number {
  if (text === undefined) return screenshotWidth.usual;
  const width = Number(text);
  const { min, max } = screenshotWidth;
  if (!Number.isInteger(width) || width < min || width > max) throw new Problem("CHART_SIZE_REFUSED", { values: { pixels: text.slice(0, 30), pixelsMin: min, pixelsMax: max } });
  return width;
}
