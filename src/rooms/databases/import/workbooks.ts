import { zipOf } from "./zipping.ts";
import type { Zipped } from "./zipping.ts";

/* Workbooks for tests, written by hand as Excel writes them. */

export interface SheetXml {
  name: string;
  /** What stands between `<sheetData>` and its end. */
  rows: string;
  after?: string;
  before?: string;
  state?: string;
}

export interface BookXml {
  sheets: SheetXml[];
  strings?: string;
  /** Number formats by the place of their style, from 1: an id of a built-in one, or a code. */
  formats?: (number | string)[];
  is1904?: boolean;
  parts?: Zipped[];
}

const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n';

function relationsOf(all: [id: string, kind: string, target: string][]): string {
  return `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.map(([id, kind, target]) => `<Relationship Id="${id}" Type="${relations}/${kind}" Target="${target}"/>`).join("")}</Relationships>`;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

export function workbook({ sheets, strings, formats = [], is1904 = false, parts = [] }: BookXml): Buffer {
  const codes = formats.filter((format) => typeof format === "string");
  const styles = `${head}<styleSheet ${main}><numFmts>${codes.map((code, i) => `<numFmt numFmtId="${164 + i}" formatCode="${escaped(code)}"/>`).join("")}</numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${formats.map((format) => `<xf numFmtId="${typeof format === "number" ? format : 164 + codes.indexOf(format)}" applyNumberFormat="1"/>`).join("")}</cellXfs></styleSheet>`;
  return zipOf([
    { name: "[Content_Types].xml", body: `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>` },
    { name: "_rels/.rels", body: relationsOf([["rId1", "officeDocument", "xl/workbook.xml"]]) },
    { name: "xl/workbook.xml", body: `${head}<workbook ${main} xmlns:r="${relations}"><workbookPr${is1904 ? ' date1904="1"' : ""}/><sheets>${sheets.map(({ name, state }, i) => `<sheet name="${escaped(name)}" sheetId="${i + 1}"${state ? ` state="${state}"` : ""} r:id="rId${i + 1}"/>`).join("")}</sheets></workbook>` },
    { name: "xl/_rels/workbook.xml.rels", body: relationsOf([...sheets.map((_, i): [string, string, string] => [`rId${i + 1}`, "worksheet", i % 2 ? `/xl/worksheets/sheet${i + 1}.xml` : `worksheets/sheet${i + 1}.xml`]), ["rIdS", "styles", "styles.xml"], ["rIdT", "sharedStrings", "sharedStrings.xml"]]) },
    { name: "xl/styles.xml", body: styles },
    ...(strings === undefined ? [] : [{ name: "xl/sharedStrings.xml", body: `${head}<sst ${main}>${strings}</sst>` }]),
    ...sheets.map(({ rows, before = "", after = "" }, i) => ({ name: `xl/worksheets/sheet${i + 1}.xml`, body: `${head}<worksheet ${main}>${before}<sheetData>${rows}</sheetData>${after}</worksheet>` })),
    ...parts,
  ]);
}

/** Rows of texts and numbers, without references: each cell follows the one before. */
export function rowsOf(rows: (string | number | null)[][]): string {
  return rows.map((row) => `<row>${row.map((cell) => (cell === null ? "<c/>" : typeof cell === "number" ? `<c><v>${cell}</v></c>` : `<c t="inlineStr"><is><t>${escaped(cell)}</t></is></c>`)).join("")}</row>`).join("");
}
