import { closeSync, openSync, readSync } from "node:fs";
import { openPromise } from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import { PassThrough, Transform } from "node:stream";
import { crc32, createInflateRaw, createZstdDecompress } from "node:zlib";
import { refuse } from "./refuse.ts";
import { damagedPack, unpacked } from "./unpack.ts";
import type { Expansion } from "./unpack.ts";

const entriesMax = 1_000;
// Each piece is a turn of another thread: with few large ones a busy machine costs less time.
const chunkBytes = 256 * 1024;
const aheadBytes = 1024 ** 2;
const readBytes = 64 * 1024;
const methods: Record<number, string> = { 0: "stored", 1: "shrink", 6: "implode", 8: "deflate", 9: "deflate64", 12: "bzip2", 14: "LZMA", 20: "zstd", 93: "zstd", 95: "xz", 96: "JPEG", 98: "PPMd", 99: "AES" };
const unpackers: Record<number, () => Transform> = { 0: () => new PassThrough(), 8: () => createInflateRaw({ chunkSize: chunkBytes, highWaterMark: aheadBytes } as object), 93: () => createZstdDecompress() };
const [utf8Flag, unicodePathField] = [0x800, 0x7075];
// What systems put beside the files of people.
const clutter = /(^|\/)(__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i;

export interface ArchivedFile {
  /** With its folders, as the archive has it. */
  name: string;
  packedBytes: number;
  /** As the archive says. */
  sizeBytes: number;
  /** Its bytes, checked against the archive's checksum at their end. */
  read(expansion: Expansion): AsyncGenerator<Buffer>;
}

export interface Archive {
  files: ArchivedFile[];
  close(): void;
}

/** Opens a ZIP file and reads its directory. Folders and what systems put beside files are left out. */
export async function openArchive(path: string): Promise<Archive> {
  let zip: ZipFile;
  try {
    zip = await openPromise(path, { autoClose: false, lazyEntries: true, decodeStrings: false });
  } catch (error) {
    throw damagedPack("ZIP", error);
  }
  const bytes: PackedBytes = { zip, fd: openSync(path, "r"), isOpen: true };
  const close = (): void => {
    bytes.isOpen = false;
    closeSync(bytes.fd);
    zip.close();
  };
  try {
    if (zip.entryCount > entriesMax) throw refuse("FILE_ZIP_ENTRIES", { entries: zip.entryCount, entriesMax });
    const files: ArchivedFile[] = [];
    for (const entry of await entriesOf(zip)) {
      const name = nameOf(entry);
      if (/^\/|^[a-z]:|(^|\/)\.\.(\/|$)/i.test(name)) throw refuse("FILE_ZIP_NAME", { name: name.slice(0, 200) });
      if (name.endsWith("/") || clutter.test(name)) continue;
      files.push({ name, packedBytes: entry.compressedSize, sizeBytes: entry.uncompressedSize, read: (expansion) => readFile(bytes, { entry, name, expansion }) });
    }
    return { files, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function entriesOf(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) entries.push(entry);
  } catch (error) {
    throw damagedPack("ZIP", error);
  }
  return entries;
}

interface PackedBytes {
  zip: ZipFile;
  fd: number;
  isOpen: boolean;
}

/** The bytes of an entry as they are packed. The package's own stream fails where nobody reads it to its end. */
async function* packedBytes(packed: PackedBytes, entry: Entry): AsyncGenerator<Buffer> {
  const { zip, fd } = packed;
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true }).catch((error: unknown) => Promise.reject(damagedPack("ZIP", error)));
  const end = fileDataStart + entry.compressedSize;
  for (let at = fileDataStart; at < end && packed.isOpen; ) {
    const piece = Buffer.allocUnsafe(Math.min(readBytes, end - at));
    const bytes = readSync(fd, piece, 0, piece.length, at);
    if (bytes === 0) throw damagedPack("ZIP", new Error("it ends within a file"));
    at += bytes;
    yield piece.subarray(0, bytes);
  }
}

async function* readFile(packed: PackedBytes, { entry, name, expansion }: { entry: Entry; name: string; expansion: Expansion }): AsyncGenerator<Buffer> {
  if (entry.isEncrypted()) throw refuse("FILE_ZIP_ENCRYPTED", { name });
  const unpacker = unpackers[entry.compressionMethod];
  if (!unpacker) throw refuse("FILE_ZIP_METHOD", { name, method: methods[entry.compressionMethod] ?? String(entry.compressionMethod) });
  let checksum = 0;
  let bytes = 0;
  for await (const chunk of unpacked({ input: packedBytes(packed, entry), stream: unpacker(), format: "ZIP", expansion })) {
    checksum = crc32(chunk, checksum);
    bytes += chunk.length;
    if (bytes > entry.uncompressedSize) throw damagedPack("ZIP", new Error(`${name} has more bytes than the archive says`));
    yield chunk;
  }
  if (bytes !== entry.uncompressedSize || checksum !== entry.crc32) throw damagedPack("ZIP", new Error(`${name} does not have the bytes that the archive says`));
}

/**
 * A file's name. Archives say that it is UTF-8, or have it so and do not say it; what is neither comes from a Japanese
 * Windows more often than from DOS.
 */
function nameOf(entry: Entry): string {
  const raw = entry.fileNameRaw;
  const unicode = entry.extraFields.find(({ id, data }) => id === unicodePathField && data.length > 5 && data[0] === 1 && data.readUInt32LE(1) === crc32(raw));
  const bytes = unicode ? unicode.data.subarray(5) : raw;
  const isSaid = unicode !== undefined || (entry.generalPurposeBitFlag & utf8Flag) !== 0;
  const name = decoded(bytes, "utf-8") ?? (isSaid ? bytes.toString("utf8") : (decoded(bytes, "shift_jis") ?? bytes.toString("latin1")));
  return name.replaceAll("\\", "/").replace(/[\p{Cc}\p{Bidi_Control}]/gu, "");
}

function decoded(bytes: Buffer, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
