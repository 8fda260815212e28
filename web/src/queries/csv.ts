import type { QueryAnswer } from "../api/types.ts";

/** The rows as CSV (RFC 4180). */
export function csvOf({ columns, rows }: Pick<QueryAnswer, "columns" | "rows">): string {
  const field = (value: unknown): string => {
    const text = value === null ? "" : typeof value === "object" ? (value as { base64: string }).base64 : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns.map((column) => column.name), ...rows].map((row) => row.map(field).join(",")).join("\r\n");
}
