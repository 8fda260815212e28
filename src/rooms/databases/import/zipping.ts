import { crc32, deflateRawSync, zstdCompressSync } from "node:zlib";

/* ZIP files for tests, also ones that no program makes. */

export interface Zipped {
  name: string | Buffer;
  body: Buffer | string;
  /** 0 stored, 8 deflate, 93 Zstandard, or another that is only said. */
  method?: number;
  flags?: number;
  /** What the directory says of the file, where it is not so. */
  crc?: number;
  sizeBytes?: number;
  extra?: Buffer;
}

/** A ZIP file (APPNOTE 6.3.10, without ZIP64). */
export function zipOf(files: Zipped[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const file of files) {
    const name = Buffer.from(file.name as string);
    const body = Buffer.from(file.body as string);
    const { method = 8, flags = typeof file.name === "string" && /[^ -~]/.test(file.name) ? 0x800 : 0, extra = Buffer.alloc(0) } = file;
    const packed = method === 8 ? deflateRawSync(body) : method === 93 ? zstdCompressSync(body) : body;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(file.crc ?? crc32(body), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(file.sizeBytes ?? body.length, 18);
    common.writeUInt16LE(name.length, 22);
    common.writeUInt16LE(extra.length, 24);
    parts.push(Buffer.from("PK\u0003\u0004", "latin1"), common, name, extra, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\u0001\u0002\u0014\u0000", "latin1"), common, rest, name, extra);
    at += 30 + name.length + extra.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}
