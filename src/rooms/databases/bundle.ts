import { crc32 } from "node:zlib";

/** A file on its way into a bundle. */
export interface BundledFile {
  name: string;
  input: AsyncIterable<Uint8Array>;
}

interface Entry {
  name: Buffer;
  checksum: number;
  bytes: number;
  offset: number;
}

// APPNOTE 6.3.10: version 4.5 for ZIP64; names are UTF-8, and sizes follow the bytes.
const version = 45;
const flags = 0x0808;
const later = 0xffffffff;

/**
 * Files as one ZIP file, made while they arrive, unpacked: whatever stores and imports one stream takes several files so.
 */
export async function* bundled(files: AsyncIterable<BundledFile>): AsyncGenerator<Buffer> {
  const entries: Entry[] = [];
  let offset = 0;
  for await (const { name: text, input } of files) {
    const entry: Entry = { name: Buffer.from(text), checksum: 0, bytes: 0, offset };
    const head = Buffer.concat([signed("\u0003\u0004", 26), entry.name, wide(0, 0)]);
    head.writeUInt16LE(version, 4);
    head.writeUInt16LE(flags, 6);
    head.writeUInt32LE(later, 18);
    head.writeUInt32LE(later, 22);
    head.writeUInt16LE(entry.name.length, 26);
    head.writeUInt16LE(20, 28);
    yield head;
    for await (const chunk of input) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      entry.checksum = crc32(bytes, entry.checksum);
      entry.bytes += bytes.length;
      yield bytes;
    }
    const tail = signed("\u0007\u0008", 20);
    tail.writeUInt32LE(entry.checksum, 4);
    tail.writeBigUInt64LE(BigInt(entry.bytes), 8);
    tail.writeBigUInt64LE(BigInt(entry.bytes), 16);
    yield tail;
    offset += head.length + entry.bytes + tail.length;
    entries.push(entry);
  }
  yield directoryOf(entries, offset);
}

function directoryOf(entries: Entry[], offset: number): Buffer {
  const listed = Buffer.concat(entries.flatMap((entry) => {
    const head = signed("\u0001\u0002", 42);
    head.writeUInt16LE(version, 4);
    head.writeUInt16LE(version, 6);
    head.writeUInt16LE(flags, 8);
    head.writeUInt32LE(entry.checksum, 16);
    head.writeUInt32LE(later, 20);
    head.writeUInt32LE(later, 24);
    head.writeUInt16LE(entry.name.length, 28);
    head.writeUInt16LE(28, 30);
    head.writeUInt32LE(later, 42);
    return [head, entry.name, wide(entry.bytes, entry.bytes, entry.offset)];
  }));
  const end = signed("\u0006\u0006", 52);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(version, 12);
  end.writeUInt16LE(version, 14);
  end.writeBigUInt64LE(BigInt(entries.length), 24);
  end.writeBigUInt64LE(BigInt(entries.length), 32);
  end.writeBigUInt64LE(BigInt(listed.length), 40);
  end.writeBigUInt64LE(BigInt(offset), 48);
  const locator = signed("\u0006\u0007", 16);
  locator.writeBigUInt64LE(BigInt(offset + listed.length), 8);
  locator.writeUInt32LE(1, 16);
  const last = signed("\u0005\u0006", 18);
  last.writeUInt16LE(0xffff, 8);
  last.writeUInt16LE(0xffff, 10);
  last.writeUInt32LE(later, 12);
  last.writeUInt32LE(later, 16);
  return Buffer.concat([listed, end, locator, last]);
}

function signed(signature: string, bytes: number): Buffer {
  return Buffer.concat([Buffer.from(`PK${signature}`, "latin1"), Buffer.alloc(bytes)]);
}

/** The extra field of ZIP64. */
function wide(...sizes: number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * sizes.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * sizes.length, 2);
  sizes.forEach((size, i) => field.writeBigUInt64LE(BigInt(size), 4 + 8 * i));
  return field;
}
