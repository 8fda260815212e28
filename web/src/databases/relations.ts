import type { SchemaTable } from "../api/types.ts";

/** A column whose values name rows of another table. */
export interface Relation {
  from: string;
  columns: string[];
  to: string;
  /** From names alone: the file does not say so. */
  isGuessed: boolean;
}

const singular = (name: string): string => name.toLowerCase().replace(/ies$/, "y").replace(/(s|x|ch|sh)es$/, "$1").replace(/s$/, "");

/** Those that the file declares, and those that its names suggest: customer_id beside a table of customers with a key. */
export function relationsOf(tables: readonly SchemaTable[]): Relation[] {
  const declared = tables.flatMap((table) => (table.foreignKeys ?? []).flatMap(({ columns = [], table: to }): Relation[] => {
    const target = tables.find((one) => one.name.toLowerCase() === to?.toLowerCase());
    return target ? [{ from: table.name, columns, to: target.name, isGuessed: false }] : [];
  }));
  const known = new Set(declared.flatMap(({ from, columns }) => columns.map((column) => `${from}\0${column.toLowerCase()}`)));
  const guessed = tables.flatMap((table) => table.columns.flatMap(({ name, primaryKey }): Relation[] => {
    if (known.has(`${table.name}\0${name.toLowerCase()}`)) return [];
    const stem = /^(.{2,}?)_?(id|code|no)$/i.exec(name)?.[1];
    if (stem === undefined) return [];
    const target = tables.find((one) => one.name !== table.name && one.kind === "table" && singular(one.name) === singular(stem.replace(/_$/, "")));
    const hasKey = target?.columns.some((one) => one.name.toLowerCase() === "id" || one.name.toLowerCase() === name.toLowerCase());
    return target && hasKey && !(primaryKey && table.columns.length === 1) ? [{ from: table.name, columns: [name], to: target.name, isGuessed: true }] : [];
  }));
  return [...declared, ...guessed];
}

export interface Place {
  table: string;
  columns: string[];
  x: number;
  y: number;
  height: number;
}

export const box = { width: 190, head: 30, line: 20, gapX: 90, gapY: 24 };

/** Tables in columns: what is named stands to the right of what names it. */
export function placeTables(relations: readonly Relation[]): { places: Place[]; width: number; height: number } {
  const names = [...new Set(relations.flatMap(({ from, to }) => [from, to]))];
  const depths = new Map(names.map((name) => [name, 0]));
  // Longest way from a table that nothing names; circles end after as many rounds as there are tables.
  for (let round = 0; round < names.length; round++) {
    for (const { from, to } of relations) if (from !== to && depths.get(to)! < depths.get(from)! + 1 && depths.get(from)! + 1 < names.length) depths.set(to, depths.get(from)! + 1);
  }
  const used = [...new Set(depths.values())].sort((a, b) => a - b);
  const ends = new Map<number, number>();
  const places = names.map((table): Place => {
    const columns = [...new Set(relations.filter(({ from }) => from === table).flatMap((one) => one.columns))];
    const rank = used.indexOf(depths.get(table)!);
    const height = box.head + columns.length * box.line + (columns.length > 0 ? 6 : 0);
    const y = ends.get(rank) ?? 0;
    ends.set(rank, y + height + box.gapY);
    return { table, columns, x: rank * (box.width + box.gapX), y, height };
  });
  return { places, width: used.length * (box.width + box.gapX) - box.gapX, height: Math.max(0, ...ends.values()) - box.gapY };
}
