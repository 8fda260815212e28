import { crc32 } from "node:zlib";

/* Sound files of formats that are not text, for the check to damage. */

/** Two rows with a whole number and a text, as DuckDB 1.5 wrote them. */
export const parquetSample = Buffer.from(
  [
    "UEFSMRUAFSwVLCwVBBUAFQYVBgAAAgAAAAQBAQAAAAAAAAABAAAAAAAgABUAFV4VXiwVBBUAFQYVBgAAIQAAAEEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAYAAADmnbHkuqwVAhk8NQAYDWR1Y2tk",
    "Yl9zY2hlbWEVBAAVBCUCGAFuJSQAFQwlAhgEbmFtZSUAABYEGRwZLCYAHBUEGRUAGRgBbhUAFgQWThZOJgg8GAgBAAAAAAAgABgIAQAAAAAAAAAWACgIAQAAAAAAIAAYCAEAAAAAAAAAEREAAAAmABwVDBkVABkY",
    "BG5hbWUVABYEFoABFoABJlY8GAbmnbHkuqwYBuadseS6rBYCKAbmnbHkuqwYBuadseS6rBERAAAAFs4BFgQmCBbOAQAoKER1Y2tEQiB2ZXJzaW9uIHYxLjUuNiAoYnVpbGQgMDY5Y2M5ZjliNSkZLBwAABwAAAD8",
    "AAAAUEFSMQ==",
  ].join(""),
  "base64",
);

/** A ZIP file with files that are not packed further. */
export function zipSample(files: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const body = Buffer.from(text);
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt32LE(crc32(body), 10);
    about.writeUInt32LE(body.length, 14);
    about.writeUInt32LE(body.length, 18);
    about.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    parts.push(Buffer.from("PK\u0003\u0004", "latin1"), about, Buffer.from(name), body);
    directory.push(Buffer.from("PK\u0001\u0002\u0014\u0000", "latin1"), about, rest, Buffer.from(name));
    at += 30 + name.length + body.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(directory.length / 4, 8);
  end.writeUInt16LE(directory.length / 4, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}

const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** An Excel workbook with one sheet of two rows, or of what is given instead. */
export function workbookSample(sheet = '<row><c t="str"><v>name</v></c><c t="str"><v>n</v></c></row><row><c t="str"><v>東京</v></c><c><v>1</v></c></row><row><c t="str"><v>大阪</v></c><c><v>2.5</v></c></row>', before = ""): Buffer {
  const linked = (id: string, kind: string, target: string): string => `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="${id}" Type="${relations}/${kind}" Target="${target}"/></Relationships>`;
  return zipSample({
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": linked("a", "officeDocument", "xl/workbook.xml"),
    "xl/workbook.xml": `<workbook xmlns:r="${relations}"><sheets><sheet name="Sheet1" sheetId="1" r:id="b"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": linked("b", "worksheet", "worksheets/sheet1.xml"),
    "xl/worksheets/sheet1.xml": `${before}<worksheet><sheetData>${sheet}</sheetData></worksheet>`,
  });
}
