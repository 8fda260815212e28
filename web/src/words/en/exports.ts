export const exports = {
  download: "Download",
  downloadTable: (table: string) => `Download ${table}`,
  formats: { csv: "CSV", excelCsv: "CSV for Excel", tsv: "TSV", json: "JSON", ndjson: "JSON Lines", xlsx: "Excel", sqlite: "SQLite", parquet: "Parquet" },
  hints: { csv: "UTF-8", excelCsv: "UTF-8 with BOM", tsv: "tabs", json: "one array", ndjson: "a row a line", xlsx: "workbook", sqlite: "database", parquet: "columns" },
  whole: "All rows, as you see them",
  copy: "Copy for a spreadsheet",
  copied: "Copied",
  preparing: "Preparing …",
  arrived: (size: string) => `${size} so far`,
  stop: "Stop",
  stopped: "Stopped; nothing was saved.",
  tooLargeToCopy: (size: string) => `More than ${size} cannot be copied. Download it instead.`,
};
