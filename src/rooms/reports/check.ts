import { Problem } from "#src/base/problems/problem.ts";
import { checkChart } from "#src/rooms/charts/charts.ts";
import { gridColumns } from "./schema.ts";
import type { ReportBlock, ReportDefinition, ReportParameter } from "./schema.ts";
import { isDate } from "./values.ts";

/**
 * Holds a definition, whose shape is right already, to what a shape cannot say: ids and names once each, blocks inside
 * the grid, filters of parameters that exist, charts of the published schema. Throws REPORT_INVALID or CHART_INVALID
 * with the JSON pointer.
 */
export function checkDefinition(definition: ReportDefinition): void {
  const parameters = new Set<string>();
  definition.parameters.forEach((parameter, i) => {
    const pointer = `/parameters/${i}`;
    if (parameters.has(parameter.name)) refuse(`${pointer}/name`, `the name ${parameter.name} is used twice`, `${parameter.name} という名前が重複しています`);
    parameters.add(parameter.name);
    checkDefault(parameter, pointer);
  });
  const ids = new Set<string>();
  definition.blocks.forEach((block, i) => {
    const pointer = `/blocks/${i}`;
    if (ids.has(block.id)) refuse(`${pointer}/id`, `the id ${block.id} is used twice`, `ID ${block.id} が重複しています`);
    ids.add(block.id);
    const { x, w } = block.layout;
    if (x + w > gridColumns) refuse(`${pointer}/layout`, `x + w is ${x + w}, and the grid has ${gridColumns} columns`, `x + w が ${x + w} で、グリッドの ${gridColumns} 列を超えています`);
    if (block.kind === "filter" && !parameters.has(block.parameter)) {
      refuse(`${pointer}/parameter`, `there is no parameter ${block.parameter}`, `パラメーター ${block.parameter} は定義されていません`);
    }
    if (block.kind === "image" && (block.attachment === undefined) === (block.picture === undefined)) {
      refuse(pointer, "an image has either an attachment or a picture", "画像には attachment と picture のどちらか一方を指定してください");
    }
    checkBlockChart(block, pointer);
  });
}

function checkDefault({ type, default: value }: ReportParameter, pointer: string): void {
  if (value === undefined || value === null || type === "choice") return;
  const fits = type === "number" ? typeof value === "number" : type === "text" ? typeof value === "string" : typeof value === "string" && isDate(value);
  if (!fits) refuse(`${pointer}/default`, `it is not of the type ${type}`, `型 ${type} の値ではありません`);
}

function checkBlockChart(block: ReportBlock, pointer: string): void {
  if (block.kind !== "chart" || block.chart === undefined) return;
  try {
    checkChart(block.chart);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "CHART_INVALID") throw error;
    const { pointer: inner = "/", allowed = "" } = error.options.values ?? {};
    throw new Problem("CHART_INVALID", { values: { pointer: `${pointer}/chart${inner === "/" ? "" : inner}`, allowed } });
  }
}

function refuse(pointer: string, reason: string, reasonJa: string): never {
  throw new Problem("REPORT_INVALID", { values: { pointer, reason, reasonJa } });
}

/** The attachments that a definition shows, each with the first place that names it. */
export function attachmentsOf(definition: Pick<ReportDefinition, "blocks">): Map<string, string> {
  const found = new Map<string, string>();
  definition.blocks.forEach((block, i) => {
    if (block.kind === "image" && block.attachment !== undefined && !found.has(block.attachment)) found.set(block.attachment, `/blocks/${i}/attachment`);
  });
  return found;
}

/** What a definition asks of which database, and where it says so. */
export function questionsOf(definition: ReportDefinition): { database: string; sql: string; question?: Record<string, unknown> | undefined; pointer: string }[] {
  const chosen = definition.parameters.flatMap(({ options }, i) => (options && !Array.isArray(options) ? [{ database: options.database, sql: options.sql, pointer: `/parameters/${i}/options/sql` }] : []));
  const asked = definition.blocks.flatMap((block, i) => ("database" in block ? [{ database: block.database, sql: block.sql, question: block.question, pointer: `/blocks/${i}/${block.question ? "question" : "sql"}` }] : []));
  return [...chosen, ...asked];
}

/** The databases that a definition asks, each with the first place that names it. */
export function databasesOf(definition: ReportDefinition): Map<string, string> {
  const found = new Map<string, string>();
  const add = (database: string, pointer: string): void => void (found.has(database) || found.set(database, pointer));
  definition.parameters.forEach(({ options }, i) => {
    if (options && !Array.isArray(options)) add(options.database, `/parameters/${i}/options/database`);
  });
  definition.blocks.forEach((block, i) => {
    if ("database" in block) add(block.database, `/blocks/${i}/database`);
  });
  return found;
}
