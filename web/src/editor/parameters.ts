import { tokenize } from "#src/rooms/queries/sql.ts";
import type { ReportDefinition, ReportParameter } from "../reports/definition.ts";

/** Some properties of a parameter; a new name goes into every filter and question that uses it. */
export function withParameter(report: ReportDefinition, name: string, part: Partial<ReportParameter>): ReportDefinition {
  const parameters = report.parameters.map((one) => (one.name === name ? clean({ ...one, ...part }) : one));
  const next = part.name;
  if (next === undefined || next === name) return { ...report, parameters };
  const blocks = report.blocks.map((block) => {
    if (block.kind === "filter") return block.parameter === name ? { ...block, parameter: next } : block;
    if (!("sql" in block)) return block;
    const sql = renameIn(block.sql, name, next);
    if (sql === block.sql) return block;
    // The question that the SQL was made of still has the old name.
    const { question: _, ...bySql } = { question: undefined, ...block };
    return { ...bySql, sql } as typeof block;
  });
  return { ...report, parameters, blocks };
}

/** Without the parameter, and without the filters that were for it. */
export function withoutParameter(report: ReportDefinition, name: string): ReportDefinition {
  return { ...report, parameters: report.parameters.filter((one) => one.name !== name), blocks: report.blocks.filter((block) => block.kind !== "filter" || block.parameter !== name) };
}

const clean = (parameter: ReportParameter): ReportParameter =>
  Object.fromEntries(Object.entries(parameter).filter(([name, value]) => value !== undefined && !(name === "label" && value === "") && !(name === "default" && value === null))) as ReportParameter;

function renameIn(sql: string, from: string, to: string): string {
  let renamed = "";
  let at = 0;
  for (const token of tokenize(sql)) {
    if (token.kind !== "parameter" || token.text.slice(1) !== from) continue;
    renamed += `${sql.slice(at, token.at + 1)}${to}`;
    at = token.at + token.text.length;
  }
  return renamed + sql.slice(at);
}

/** Fixed choices as text, one a line: a value, or "value = label". */
export function choicesText(options: ReportParameter["options"]): string {
  if (!Array.isArray(options)) return "";
  return options.map(({ value, label }) => (label === undefined ? String(value ?? "") : `${String(value ?? "")} = ${label}`)).join("\n");
}

export function readChoices(text: string): Extract<ReportParameter["options"], unknown[]> {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").slice(0, 1_000).map((line) => {
    const [, value = line, label] = /^(.*?)\s+=\s+(.+)$/.exec(line) ?? [];
    return { value: value.slice(0, 1_000), ...(label === undefined ? {} : { label: label.slice(0, 200) }) };
  });
}
