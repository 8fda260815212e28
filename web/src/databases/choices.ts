import type { Choices, ColumnChoice, Preview, TableChoice } from "../api/arrivals.ts";

/** The choices with one of a table's changed. */
export function withTable(choices: Choices, from: string, change: Omit<TableChoice, "from">): Choices {
  const tables = choices.tables ?? [];
  const known = tables.find((table) => table.from === from);
  const next = { from, ...known, ...change };
  return { ...choices, tables: known ? tables.map((table) => (table === known ? next : table)) : [...tables, next] };
}

/** The choices with one of a column's changed. */
export function withColumn(choices: Choices, place: { table: string; column: string }, change: Omit<ColumnChoice, "from">): Choices {
  const columns = choices.tables?.find((table) => table.from === place.table)?.columns ?? [];
  const known = columns.find((column) => column.from === place.column);
  const next = { from: place.column, ...known, ...change };
  return withTable(choices, place.table, { columns: known ? columns.map((column) => (column === known ? next : column)) : [...columns, next] });
}

/** The choices without one that is for the whole file: it is found out again. */
export function without(choices: Choices, what: "encoding" | "delimiter" | "header"): Choices {
  return Object.fromEntries(Object.entries(choices).filter(([key]) => key !== what));
}

/** A preview as it is going to be, as far as that is known before the file is looked at again. */
export function shownWith(preview: Preview, choices: Choices): Preview {
  const tables = preview.tables.map((table) => {
    const chosen = choices.tables?.find((one) => one.from === table.from) ?? (preview.tables.length === 1 ? choices.tables?.[0] : undefined);
    if (!chosen) return table;
    const columns = table.columns.map((column) => {
      const { name = column.name, type = column.type, leftOut = column.leftOut } = chosen.columns?.find((one) => one.from === column.from) ?? {};
      return { ...column, name, type, leftOut };
    });
    return { ...table, name: chosen.name ?? table.name, leftOut: chosen.leftOut ?? table.leftOut, columns };
  });
  return { ...preview, choices, tables };
}
