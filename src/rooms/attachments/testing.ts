import { deflateSync } from "node:zlib";
import sharp from "sharp";

/** A JPEG of a camera: lying on its side, taken at a place, with a comment. */
export async function photo({ width = 400, height = 200 } = {}): Promise<Buffer> {
  const raw = Buffer.alloc(width * height * 3);
  for (let i = 0; i < raw.length; i++) raw[i] = (i * 7) % 251;
  return await sharp(raw, { raw: { width, height, channels: 3 } })
    .jpeg().withMetadata({ orientation: 6 }).withExifMerge({ IFD0: { Copyright: "canary-person" }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "35/1 41/1 22/1" } }).toBuffer();
}

export async function png({ width = 64, height = 48, alpha = 0.5 } = {}): Promise<Buffer> {
  return await sharp({ create: { width, height, channels: 4, background: { r: 0, g: 114, b: 178, alpha } } }).png().toBuffer();
}

/** A PNG whose header says a size that its data does not have. */
export async function bomb(): Promise<Buffer> {
  const small = await png();
  const header = Buffer.from(small.subarray(0, 33));
  header.writeUInt32BE(60_000, 16);
  header.writeUInt32BE(60_000, 20);
  header.writeUInt32BE(crc(header.subarray(12, 29)), 29);
  return Buffer.concat([header, small.subarray(33)]);
}

function crc(bytes: Buffer): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let k = 0; k < 8; k++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}

/** A PDF of so many pages; `extra` stands in the catalog, `objects` are added. */
export function pdf({ pages = 1, extra = "", objects = [] as string[], packed = false } = {}): Buffer {
  const kids = Array.from({ length: pages }, (_, i) => `${4 + i} 0 R`).join(" ");
  const drawing = Buffer.from("0 0 m 100 50 l S");
  const content = packed ? deflateSync(drawing) : drawing;
  const parts: Buffer[] = [
    Buffer.from(`<</Type/Catalog/Pages 2 0 R ${extra}>>`), Buffer.from(`<</Type/Pages/Kids[${kids}]/Count ${pages}>>`),
    Buffer.concat([Buffer.from(`<</Length ${content.length}${packed ? "/Filter/FlateDecode" : ""}>>stream\n`), content, Buffer.from("\nendstream")]),
    ...Array.from({ length: pages }, () => Buffer.from("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 3 0 R/Resources<<>>>>")), ...objects.map((one) => Buffer.from(one)),
  ];
  let file = Buffer.from("%PDF-1.7\n");
  const places: number[] = [];
  parts.forEach((part, i) => {
    places.push(file.length);
    file = Buffer.concat([file, Buffer.from(`${i + 1} 0 obj\n`), part, Buffer.from("\nendobj\n")]);
  });
  const table = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  return Buffer.concat([file, Buffer.from(`xref\n0 ${parts.length + 1}\n0000000000 65535 f \n${table}trailer\n<</Root 1 0 R/Size ${parts.length + 1}>>\nstartxref\n${file.length}\n%%EOF\n`)]);
}
