import { isAscii, isUtf8 } from "node:buffer";
import { refuse } from "./refuse.ts";
import type { ByteSource } from "./source.ts";

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "shift_jis" | "euc-jp" | "windows-1252";

const sampleBytes = 128 * 1024;
const linesReadMax = 500;

/** Bytes that are not the text they ought to be; `before` is the valid UTF-8 that precedes them since the last block. */
export class UnreadableText extends Error {
  readonly before: Buffer;
  readonly kind: "binary" | "encoding" | "unknown";
  readonly bytes: string;
  readonly encoding: string;

  constructor(options: { kind: "binary" | "encoding" | "unknown"; before: Buffer; bytes?: Uint8Array; encoding?: string }) {
    super(`unreadable text: ${options.kind}`);
    this.kind = options.kind;
    this.before = options.before;
    this.bytes = Buffer.from(options.bytes ?? []).toString("hex").toUpperCase().replace(/(..)(?=.)/g, "$1 ");
    this.encoding = options.encoding ?? "";
  }
}

/**
 * The stream's text as blocks of valid UTF-8 that end between characters, without a byte order mark.
 * The encoding is decided where the first character beyond ASCII shows up, however late, from what
 * follows it; from there on every byte must be of that encoding (else `UnreadableText`).
 */
export class TextBlocks {
  readonly #source: ByteSource;
  readonly #lineBytesMax: number;
  #encoding: Encoding | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #started = false;

  constructor(source: ByteSource, lineBytesMax: number, chosen?: Encoding) {
    this.#source = source;
    this.#lineBytesMax = lineBytesMax;
    this.#encoding = chosen;
  }

  /** What was found; plain ASCII is UTF-8. */
  get encoding(): Encoding {
    return this.#encoding ?? "utf-8";
  }

  /** The next block, or null at the end of the text. */
  async next(): Promise<Buffer | null> {
    if (!this.#started) await this.#start();
    for (;;) {
      const chunk = await this.#source.next();
      if (!chunk) return this.#end();
      if (this.#encoding === undefined) {
        if (isAscii(chunk)) return withoutNul(chunk, "utf-8");
        this.#source.unread(chunk);
        await this.#decide();
        continue;
      }
      const block = this.#encoding === "utf-8" ? this.#validate(chunk) : this.#transcode(chunk);
      if (block.length > 0) return block;
    }
  }

  async #start(): Promise<void> {
    this.#started = true;
    const head = await this.#source.peek(sampleBytes);
    const mark = markOf(head);
    if (this.#encoding !== undefined) {
      if (mark?.encoding === this.#encoding) await this.#skip(mark.bytes);
    } else if (mark) {
      this.#encoding = mark.encoding;
      await this.#skip(mark.bytes);
    } else if (head.includes(0)) {
      this.#encoding = utf16Of(head.subarray(0, sampleBytes));
      if (!this.#encoding) throw new UnreadableText({ kind: "binary", before: head.subarray(0, head.indexOf(0)) });
    }
  }

  async #skip(bytes: number): Promise<void> {
    const chunk = await this.#source.next();
    this.#source.unread(chunk!.subarray(bytes));
  }

  async #decide(): Promise<void> {
    const ahead = await this.#source.peek(sampleBytes);
    const found = encodingOf(ahead, this.#source.ended);
    if (found === undefined) throw new UnreadableText({ kind: "unknown", before: ahead.subarray(0, ahead.findIndex((byte) => byte >= 0x80)) });
    this.#encoding = found;
  }

  #validate(chunk: Buffer): Buffer {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const end = bytes.length - unfinishedUtf8(bytes);
    const block = bytes.subarray(0, end);
    this.#rest = Buffer.from(bytes.subarray(end));
    if (!isUtf8(block)) throw badUtf8(block);
    return withoutNul(block, "utf-8");
  }

  /** Decodes up to the last line break, so that each piece stands alone and an error has its line. */
  #transcode(chunk: Buffer): Buffer {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const end = this.#encoding!.startsWith("utf-16") ? wholeUtf16(bytes, this.#encoding!) : bytes.lastIndexOf(10) + 1 || bytes.lastIndexOf(13) + 1;
    this.#rest = Buffer.from(bytes.subarray(end));
    if (this.#rest.length > this.#lineBytesMax + sampleBytes) {
      // The reader refuses it with the line's number: the characters do not matter then.
      this.#rest = Buffer.alloc(0);
      return Buffer.alloc(this.#lineBytesMax + 1, "x");
    }
    return end === 0 ? Buffer.alloc(0) : decodeBlock(bytes.subarray(0, end), this.#encoding!);
  }

  #end(): Buffer | null {
    const rest = this.#rest;
    if (rest.length === 0) return null;
    this.#rest = Buffer.alloc(0);
    if (this.#encoding === "utf-8") throw new UnreadableText({ kind: "encoding", before: Buffer.alloc(0), bytes: rest, encoding: "UTF-8" });
    return decodeBlock(rest, this.#encoding!);
  }
}

/** The refusal that `UnreadableText` means, when `line` and `column` (1-based) are where its bytes stand. */
export function unreadable(error: UnreadableText, place: { line: number; column: number }): Error {
  if (error.kind === "binary") return refuse("FILE_BINARY", place, error);
  if (error.kind === "unknown") return refuse("FILE_ENCODING_UNKNOWN", place, error);
  return refuse("FILE_ENCODING", { ...place, bytes: error.bytes, encoding: error.encoding }, error);
}

function markOf(head: Buffer): { encoding: Encoding; bytes: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: "utf-8", bytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: "utf-16le", bytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: "utf-16be", bytes: 2 };
  return undefined;
}

function withoutNul(block: Buffer, encoding: Encoding): Buffer {
  const nul = block.indexOf(0);
  if (nul >= 0) throw new UnreadableText({ kind: "binary", before: block.subarray(0, nul), encoding });
  return block;
}

/** Bytes at the end that begin a character without finishing it. */
function unfinishedUtf8(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

function badUtf8(block: Buffer): UnreadableText {
  let good = 0;
  let bad = block.length;
  // The longest prefix that is valid, by halving; prefixes that end inside a character count by their whole characters.
  while (bad - good > 4) {
    const middle = (good + bad) >>> 1;
    const prefix = block.subarray(good, middle);
    const whole = prefix.length - unfinishedUtf8(prefix);
    if (isUtf8(prefix.subarray(0, whole)) && whole > 0) good += whole;
    else bad = middle;
  }
  while (good < block.length) {
    const length = lengthOf(block, good);
    if (length === 0) break;
    good += length;
  }
  return new UnreadableText({ kind: "encoding", before: block.subarray(0, good), bytes: block.subarray(good, good + 1), encoding: "UTF-8" });
}

/** Bytes of the UTF-8 character at a place, 0 where there is none. */
function lengthOf(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4; length++) if (isUtf8(bytes.subarray(at, at + length))) return Math.min(length, bytes.length - at);
  return 0;
}

function wholeUtf16(bytes: Buffer, encoding: Encoding): number {
  const end = bytes.length & ~1;
  if (end === 0) return 0;
  const high = bytes[encoding === "utf-16le" ? end - 1 : end - 2]!;
  return high >= 0xd8 && high <= 0xdb ? end - 2 : end;
}

const encodingNames: Record<Encoding, string> = {
  "utf-8": "UTF-8", "utf-16le": "UTF-16LE", "utf-16be": "UTF-16BE", shift_jis: "Shift_JIS", "euc-jp": "EUC-JP", "windows-1252": "Windows-1252",
};

const decoders = new Map<Encoding, TextDecoder>();
function decode(bytes: Uint8Array, encoding: Encoding): string {
  let decoder = decoders.get(encoding);
  if (!decoder) decoders.set(encoding, (decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })));
  return decoder.decode(bytes);
}

function decodeOrNull(bytes: Uint8Array, encoding: Encoding): string | null {
  try {
    return decode(bytes, encoding);
  } catch {
    return null;
  }
}

function decodeBlock(bytes: Buffer, encoding: Encoding): Buffer {
  const text = decodeOrNull(bytes, encoding);
  if (text !== null) return withoutNul(Buffer.from(text, "utf8"), encoding);
  const step = encoding.startsWith("utf-16") ? 2 : 1;
  // Character by character from the longest prefix of whole lines that can be read.
  let good = 0;
  for (;;) {
    const line = bytes.indexOf(10, good + step - 1);
    const next = line < 0 ? bytes.length : step === 2 ? (line | 1) + 1 : line + 1;
    if (next <= good || next > bytes.length || decodeOrNull(bytes.subarray(good, next), encoding) === null) break;
    good = next;
  }
  for (;;) {
    let length = step;
    while (length <= 4 && (good + length > bytes.length || decodeOrNull(bytes.subarray(good, good + length), encoding) === null)) length += step;
    if (length > 4 || good >= bytes.length) break;
    good += length;
  }
  const before = Buffer.from(decode(bytes.subarray(0, good), encoding), "utf8");
  throw new UnreadableText({ kind: "encoding", before: withoutNul(before, encoding), bytes: bytes.subarray(good, good + step), encoding: encodingNames[encoding] });
}

/** UTF-16 without its mark: the byte order in which the sample has plain characters and no control characters. */
function utf16Of(sample: Buffer): Encoding | undefined {
  // Plain 8-bit text with a few NULs in it: in UTF-16, plain characters have a NUL each.
  const nuls = sample.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  const plainBytes = sample.reduce((count, byte) => count + (isPlain(byte) ? 1 : 0), 0);
  if (plainBytes > (sample.length - nuls) * 0.95 && nuls < sample.length * 0.3) return undefined;
  let best: Encoding | undefined;
  let most = 0;
  for (const encoding of ["utf-16le", "utf-16be"] as const) {
    const text = decodeOrNull(sample.subarray(0, wholeUtf16(sample, encoding)), encoding);
    // oxlint-disable-next-line no-control-regex
    if (text === null || /[\u0000-\u0008\u000e-\u001f\ufffe\uffff]/.test(text)) continue;
    const plain = (text.match(/[\t\n\r -~]/g) ?? []).length;
    if (plain > most && plain * 50 >= text.length) [best, most] = [encoding, plain];
  }
  return best;
}

const isPlain = (byte: number) => (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13;

/**
 * The encoding of a sample that holds bytes beyond ASCII. `whole`: nothing follows the sample, so
 * that it may not end inside a character.
 */
export function encodingOf(sample: Buffer, whole: boolean): Encoding | undefined {
  if (isMostlyUtf8(sample)) return "utf-8";
  const cut = sample.lastIndexOf(10) + 1;
  const lines = whole || cut === 0 ? sample : sample.subarray(0, cut);
  const { high, alone, western } = countHigh(lines);
  // Accented letters stand between plain ones; Japanese characters stand together.
  if (western && alone > high * 0.7) return "windows-1252";
  const shiftJis = readable(lines, "shift_jis");
  const eucJp = readable(lines, "euc-jp");
  const best = Math.max(shiftJis.share, eucJp.share);
  // A damaged line among good ones is better reported than read as something else.
  if (best < 1 && western) return "windows-1252";
  if (best <= 0.5) return undefined;
  if (shiftJis.share !== eucJp.share) return shiftJis.share > eucJp.share ? "shift_jis" : "euc-jp";
  // Half-width katakana are the one text in Shift_JIS that is often valid EUC-JP: in a longer EUC-JP text some bytes are beyond theirs.
  if (high >= 24 && lines.every((byte) => byte < 0x80 || (byte >= 0xa1 && byte <= 0xdf))) return "shift_jis";
  return likelihood(shiftJis.text) >= likelihood(eucJp.text) ? "shift_jis" : "euc-jp";
}

/** What can be read of a sample in an encoding, and the share of its lines beyond ASCII that this is. */
function readable(sample: Buffer, encoding: Encoding): { text: string; share: number } {
  const whole = decodeOrNull(sample, encoding);
  if (whole !== null) return { text: whole, share: 1 };
  let [text, read, lines] = ["", 0, 0];
  for (let at = 0; at < sample.length && lines < linesReadMax; ) {
    const end = sample.indexOf(10, at) + 1 || sample.length;
    const line = sample.subarray(at, end);
    at = end;
    if (isAscii(line)) continue;
    lines++;
    const decoded = decodeOrNull(line, encoding);
    if (decoded === null) continue;
    read++;
    text += decoded;
  }
  return { text, share: lines === 0 ? 0 : read / lines };
}

/** UTF-8, or UTF-8 with a damaged place that is better reported than read as something else. */
function isMostlyUtf8(sample: Buffer): boolean {
  if (isUtf8(sample.subarray(0, sample.length - unfinishedUtf8(sample)))) return true;
  let valid = 0;
  let invalid = 0;
  for (let at = 0; at < sample.length; at++) {
    if (sample[at]! < 0x80) continue;
    const length = lengthOf(sample, at);
    if (length === 0) invalid++;
    else valid++;
    at += Math.max(0, length - 1);
  }
  return valid >= 4 && valid > invalid * 3;
}

function countHigh(bytes: Buffer): { high: number; alone: number; western: boolean } {
  let high = 0;
  let alone = 0;
  let letters = 0;
  let undefinedBytes = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte < 0x80) continue;
    high++;
    if ((bytes[i - 1] ?? 0) < 0x80 && (bytes[i + 1] ?? 0) < 0x80) alone++;
    if (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7) letters++;
    if (byte === 0x81 || byte === 0x8d || byte === 0x8f || byte === 0x90 || byte === 0x9d) undefinedBytes++;
  }
  return { high, alone, western: undefinedBytes === 0 && letters * 2 >= high };
}

/** How much like Japanese a decoded text is, from 0 to 1. */
function likelihood(text: string): number {
  let sum = 0;
  let count = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) continue;
    count++;
    if ((code >= 0x3000 && code <= 0x30ff) || (code >= 0xff01 && code <= 0xff5e)) sum += 1;
    else if (code >= 0x4e00 && code <= 0x9fff) sum += 0.7;
    else if (code >= 0xff61 && code <= 0xff9f) sum += 0.4;
  }
  return count === 0 ? 0 : sum / count;
}
