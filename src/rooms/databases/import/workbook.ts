import type { ArchivedFile } from "./archive.ts";
import { refuse } from "./refuse.ts";
import { shownByCode, shownByNumber } from "./serials.ts";
import type { Shown } from "./serials.ts";
import type { Expansion } from "./unpack.ts";
import { attributeOf, readXml } from "./xml.ts";
import type { XmlListener } from "./xml.ts";

/* The parts of an Excel workbook (ECMA-376) that tell where its tables are and how their cells are shown. */

export const excel = "Excel";
export const textBytesMax = 32 * 1024 ** 2;
const stylesMax = 200_000;
const sheetsMax = 10_000;

export interface Sheet {
  name: string;
  isHidden: boolean;
  file: ArchivedFile;
}

export interface Workbook {
  sheets: Sheet[];
  is1904: boolean;
  strings: ArchivedFile | undefined;
  /** What each style makes of a number. */
  styles: Shown[];
}

export class Parts {
  readonly #files: Map<string, ArchivedFile>;
  readonly #expansion: Expansion;

  constructor(files: ArchivedFile[], expansion: Expansion) {
    this.#files = new Map(files.map((file) => [file.name.replace(/^\//, "").toLowerCase(), file]));
    this.#expansion = expansion;
  }

  find(path: string): ArchivedFile | undefined {
    return this.#files.get(path.toLowerCase());
  }

  get(path: string): ArchivedFile {
    const file = this.find(path);
    if (!file) throw refuse("FILE_UNREADABLE", { format: excel, reason: `the part ${path.slice(0, 100)} is missing` });
    return file;
  }

  /** Answers false where the listener had enough. */
  async read(file: ArchivedFile, listener: XmlListener, expansion = this.#expansion): Promise<boolean> {
    return await readXml(file.read(expansion), listener, { format: excel, name: file.name.slice(0, 100), textBytesMax });
  }

  /** What a part points to: the paths by their ids, with their kinds. */
  async relations(path: string): Promise<Map<string, { kind: string; path: string }>> {
    const [, folder = "", name = path] = /^(.*\/)?([^/]*)$/.exec(path) ?? [];
    const found = new Map<string, { kind: string; path: string }>();
    const file = this.find(`${folder}_rels/${name}.rels`);
    if (file) await this.read(file, elements((element, attributes) => {
      if (element !== "Relationship" || attributeOf(attributes, "TargetMode") === "External") return;
      const [id, type, target] = ["Id", "Type", "Target"].map((one) => attributeOf(attributes, one) ?? "");
      found.set(id!, { kind: type!.replace(/^.*\//, ""), path: resolved(folder, target!) });
    }));
    return found;
  }
}

/** A listener to elements alone. */
export function elements(open: (name: string, attributes: string) => void): XmlListener {
  return { open, close: () => {}, text: () => {}, isText: false };
}

/** Paths are only ever looked up among the archive's names. */
function resolved(folder: string, target: string): string {
  const parts: string[] = [];
  for (const part of (target.startsWith("/") ? target : folder + target).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

export async function readWorkbook(parts: Parts): Promise<Workbook> {
  const top = [...(await parts.relations("")).values()].find(({ kind }) => kind === "officeDocument")?.path ?? "xl/workbook.xml";
  if (/\.bin$/i.test(top)) throw refuse("FILE_FORMAT_UNSUPPORTED", { looksLike: "Excel binary (xlsb)" });
  const relations = await parts.relations(top);
  const listed: { name: string; id: string; isHidden: boolean }[] = [];
  let is1904 = false;
  await parts.read(parts.get(top), elements((element, attributes) => {
    if (element === "workbookPr") is1904 = /^(1|true|on)$/i.test(attributeOf(attributes, "date1904") ?? "");
    if (element !== "sheet") return;
    if (listed.length >= sheetsMax) throw refuse("FILE_TABLES_TOO_MANY", { tables: listed.length, tablesMax: sheetsMax });
    listed.push({ name: attributeOf(attributes, "name") ?? "", id: attributeOf(attributes, "id") ?? "", isHidden: /hidden/i.test(attributeOf(attributes, "state") ?? "") });
  }));
  // Sheets that are charts have no cells.
  const sheets = listed.flatMap(({ name, id, isHidden }): Sheet[] => {
    const relation = relations.get(id);
    return relation?.kind === "worksheet" ? [{ name, isHidden, file: parts.get(relation.path) }] : [];
  });
  const partOf = (kind: string): ArchivedFile | undefined => {
    const path = [...relations.values()].find((relation) => relation.kind === kind)?.path;
    return path === undefined ? undefined : parts.find(path);
  };
  const styles = partOf("styles");
  return { sheets, is1904, strings: partOf("sharedStrings"), styles: styles ? await readStyles(parts, styles) : [] };
}

async function readStyles(parts: Parts, file: ArchivedFile): Promise<Shown[]> {
  const codes = new Map<string, Shown>();
  const styles: Shown[] = [];
  let isCells = false;
  const listener: XmlListener = {
    isText: false, text: () => {},
    open(name, attributes) {
      if (name === "cellXfs") isCells = true;
      else if (name === "numFmt" && codes.size < stylesMax) codes.set(attributeOf(attributes, "numFmtId") ?? "", shownByCode(attributeOf(attributes, "formatCode") ?? ""));
      else if (name === "xf" && isCells && styles.length < stylesMax) {
        const id = attributeOf(attributes, "numFmtId") ?? "0";
        styles.push(codes.get(id) ?? shownByNumber(Number(id)));
      }
    },
    close(name) {
      if (name === "cellXfs") isCells = false;
    },
  };
  await parts.read(file, listener);
  return styles;
}
