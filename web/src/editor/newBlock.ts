import { queryClient, suggestionsData } from "../api/data.ts";
import type { Database } from "../api/types.ts";
import { mainTable } from "../databases/tables.ts";
import { quoted } from "../queries/sql.ts";
import type { ReportBlock, ReportDefinition } from "../reports/definition.ts";
import type { Words } from "../words/en.ts";
import type { Editor } from "./editor.ts";

export const addText = (editor: Editor, words: Words): string => editor.add("text", (id, layout) => ({ id, kind: "text", layout, markdown: words.editor.sampleText }));

/** A filter of the first parameter without one; without such, of a new one. */
export function addFilter(editor: Editor, words: Words): string {
  const { parameters, blocks } = editor.get().definition;
  const free = parameters.find(({ name }) => !blocks.some((block) => block.kind === "filter" && block.parameter === name));
  if (free) return editor.add("filter", (id, layout) => ({ id, kind: "filter", layout, parameter: free.name }));
  const name = freeName(parameters.map((parameter) => parameter.name));
  const about = `filter ${name}`;
  editor.edit((report) => ({ ...report, parameters: [...report.parameters, { name, type: "text", label: words.editor.kinds.filter }] }), about);
  return editor.add("filter", (id, layout) => ({ id, kind: "filter", layout, parameter: name }), about);
}

export function freeName(taken: string[]): string {
  for (let i = 1; ; i += 1) if (!taken.includes(`value${i}`)) return `value${i}`;
}

/** The one that the report asks already, else the newest. */
export function databaseFor({ blocks }: Pick<ReportDefinition, "blocks">, databases: Database[]): Database | undefined {
  const used = blocks.findLast((block) => "database" in block);
  return databases.find((one) => used && "database" in used && one.id === used.database) ?? databases.toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1)).find((one) => one.tables.length > 0);
}

interface AskingOptions {
  kind: "chart" | "table" | "number";
  editor: Editor;
  database: Database;
}

/** A block with a question that has an answer: what the data suggests by itself, or its main table. */
export async function addAsking({ kind, editor, database }: AskingOptions): Promise<string> {
  const table = mainTable(database.tables);
  const name = quoted(table?.name ?? "");
  if (kind === "number") return editor.add(kind, (id, layout) => ({ id, kind, layout, database: database.id, sql: table ? `select count(*) as "rows"\nfrom ${name}` : "", ...(table ? { title: table.name } : {}) }));
  if (kind === "table") return editor.add(kind, (id, layout) => ({ id, kind, layout, database: database.id, sql: table ? `select *\nfrom ${name}\nlimit 100` : "", ...(table ? { title: table.name } : {}) }));
  const used = new Set(editor.get().definition.blocks.map((block) => ("sql" in block ? block.sql : "")));
  const suggestions = await queryClient.fetchQuery(suggestionsData(database.id)).catch(() => null);
  const suggestion = suggestions?.items.find(({ sql }) => !used.has(sql)) ?? suggestions?.items[0];
  return editor.add(kind, (id, layout): ReportBlock => {
    if (!suggestion) return { id, kind, layout, database: database.id, sql: table ? `select *\nfrom ${name}\nlimit 1000` : "" };
    const { title, sql, chart } = suggestion;
    return { id, kind, layout, database: database.id, sql, chart, title };
  });
}
