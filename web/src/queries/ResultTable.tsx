import { ArrowDown, ArrowUp } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Cell, ColumnBrief } from "../api/types.ts";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

const rowPixels = 32;
const overscanRows = 12;
const measuredRowsMax = 200;

interface ResultTableProps {
  columns: ColumnBrief[];
  rows: Cell[][];
  label: string;
  /** Pixels at most. */
  height?: number;
  /** Rows before the first, where this is a page of more. */
  offset?: number;
  sortable?: boolean;
}

/** Rows of a result. Only those in sight are in the page, however many there are. */
export function ResultTable({ columns, rows, label, height = 480, offset = 0, sortable = false }: ResultTableProps) {
  const words = useWords();
  const [scroll, setScroll] = useState(0);
  const [sort, setSort] = useState<{ column: number; down: boolean } | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const shapes = useMemo(() => columns.map((column, at) => shapeOf(column, rows, at)), [columns, rows]);
  const sorted = useMemo(() => (sort === null ? rows : [...rows].sort(by(sort))), [rows, sort]);
  useEffect(() => {
    setScroll(0);
    setSort(null);
    frame.current?.scrollTo({ top: 0 });
  }, [columns, rows]);
  const first = Math.max(0, Math.floor(scroll / rowPixels) - overscanRows);
  const last = Math.min(sorted.length, Math.ceil((scroll + height) / rowPixels) + overscanRows);
  const numberWidth = String(offset + rows.length).length * 8 + 26;
  const width = numberWidth + shapes.reduce((sum, shape) => sum + shape.width, 0);
  const spacer = (pixels: number) => (pixels > 0 ? <tr aria-hidden><td colSpan={columns.length + 2} style={{ height: pixels, padding: 0, border: 0 }} /></tr> : null);
  return (
    <div
      ref={frame} tabIndex={0} role="region" aria-label={label}
      className="overflow-auto rounded-lg border border-line bg-paper focus-visible:outline-offset-[-2px]" style={{ maxHeight: height }}
      onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
    >
      <table aria-rowcount={rows.length + 1} className="border-separate border-spacing-0 text-[0.86rem] leading-none" style={{ tableLayout: "fixed", width, minWidth: "100%" }}>
        <colgroup>
          <col style={{ width: numberWidth }} />
          {shapes.map((shape, at) => <col key={at} style={{ width: shape.width }} />)}
          <col />
        </colgroup>
        <thead className="sticky top-0 z-10">
          <tr>
            <th scope="col" className="bg-paper-2 border-b border-line h-9"><span className="sr-only">#</span></th>
            {columns.map((column, at) => (
              <th
                key={at} scope="col" className={`bg-paper-2 border-b border-line h-9 px-2.5 font-semibold ${shapes[at]?.right ? "text-right" : "text-left"}`}
                {...(sort?.column === at ? { "aria-sort": sort.down ? "descending" as const : "ascending" as const } : {})}
              >
                {sortable ? (
                  <button type="button" className={`inline-flex items-center gap-1 max-w-full min-h-6 ${shapes[at]?.right ? "flex-row-reverse" : ""}`} title={`${words.queries.sortBy(column.name)}${column.type ? ` · ${column.type}` : ""}`} onClick={() => setSort(nextSort(sort, at))}>
                    <span className="truncate">{column.name}</span>
                    {sort?.column === at ? sort.down ? <ArrowDown size={13} aria-hidden /> : <ArrowUp size={13} aria-hidden /> : null}
                  </button>
                ) : <span className="truncate block" title={column.type}>{column.name}</span>}
              </th>
            ))}
            <th className="bg-paper-2 border-b border-line" aria-hidden />
          </tr>
        </thead>
        <tbody>
          {spacer(first * rowPixels)}
          {sorted.slice(first, last).map((row, i) => (
            <tr key={first + i} aria-rowindex={first + i + 2} className="hover:bg-paper-2">
              <td className="h-8 px-2.5 text-right text-ink-2 border-b border-line/60 select-none">{offset + first + i + 1}</td>
              {row.map((cell, at) => <CellView key={at} cell={cell} right={shapes[at]?.right ?? false} nullWord={words.queries.nullValue} bytesWord={words.queries.bytes} />)}
              <td className="border-b border-line/60" />
            </tr>
          ))}
          {spacer((sorted.length - last) * rowPixels)}
        </tbody>
      </table>
    </div>
  );
}

function CellView({ cell, right, nullWord, bytesWord }: { cell: Cell; right: boolean; nullWord: string; bytesWord: (size: string) => string }) {
  const formats = useFormats();
  const classes = `h-8 px-2.5 border-b border-line/60 overflow-hidden text-ellipsis whitespace-nowrap ${right ? "text-right" : ""}`;
  if (cell === null) return <td className={`${classes} text-ink-2 italic`}>{nullWord}</td>;
  if (typeof cell === "object") return <td className={`${classes} text-ink-2`}>{bytesWord(formats.bytes(Math.floor((cell.base64.length * 3) / 4)))}</td>;
  const text = typeof cell === "number" ? plainNumber(cell) : cell;
  return <td className={classes} title={text.length > 24 ? text : undefined}>{text}</td>;
}

// As stored: a result is looked at to see what is there, so digits are not grouped and not rounded.
const plainNumber = (value: number): string => (Object.is(value, -0) ? "0" : String(value));

interface Shape {
  /** Pixels. */
  width: number;
  right: boolean;
}

function shapeOf(column: ColumnBrief, rows: Cell[][], at: number): Shape {
  let widest = widthOf(column.name) + 3;
  let numbers = 0;
  let others = 0;
  for (const row of rows.slice(0, measuredRowsMax)) {
    const cell = row[at] ?? null;
    if (typeof cell === "number") numbers += 1;
    else if (cell !== null) others += 1;
    widest = Math.max(widest, cell === null ? 4 : typeof cell === "object" ? 14 : widthOf(String(cell).slice(0, 60)));
  }
  return { width: Math.round(Math.min(360, Math.max(64, widest * 8.2 + 24))), right: numbers > 0 && others === 0 };
}

/** In letters of half width. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += letter.codePointAt(0)! > 0x2e80 ? 2 : 1;
  return width;
}

function nextSort(sort: { column: number; down: boolean } | null, column: number) {
  if (sort?.column !== column) return { column, down: true };
  return sort.down ? { column, down: false } : null;
}

/** Nulls last, numbers before texts. */
function by({ column, down }: { column: number; down: boolean }) {
  const sign = down ? -1 : 1;
  return (left: Cell[], right: Cell[]): number => {
    const [a, b] = [left[column] ?? null, right[column] ?? null];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    if (typeof a === "number" || typeof b === "number") return typeof a === "number" ? -sign : sign;
    return sign * String(a).localeCompare(String(b));
  };
}
