import sharp from "sharp";
import { attachmentLimits } from "../schema.ts";
import type { Note } from "../schema.ts";
import { damaged, tooLarge } from "./refusal.ts";

export interface Inspected {
  bytes: Buffer;
  /** A small PNG or JPEG for pictures of reports; null for a PDF. */
  small: Buffer | null;
  width: number | null;
  height: number | null;
  pages: number | null;
  notes: Note[];
}

// One picture at a time in a process of its own: threads and a cache would only take memory.
sharp.concurrency(1);
sharp.cache(false);

const { decodedPixelsMax, edgePixelsMax, smallEdgePixels } = attachmentLimits;
const smallQuality = 82;

/**
 * A picture decoded whole and encoded anew: turned as its camera was held, in sRGB, and without anything else that
 * the file said (places, names, thumbnails, comments). Throws ATTACHMENT_DAMAGED, ATTACHMENT_TOO_LARGE.
 */
export async function inspectRaster(input: Buffer, format: "png" | "jpeg"): Promise<Inspected> {
  // Any doubt of the decoder is a refusal: half a picture is not stored.
  const open = () => sharp(input, { failOn: "warning", limitInputPixels: false, sequentialRead: true });
  try {
    const said = await open().metadata();
    // From the header, before any pixel has memory.
    if (said.width * said.height > decodedPixelsMax) throw tooLarge(decodedPixelsMax, "pixels");
    const whole = open().autoOrient().toColourspace("srgb").resize({ width: edgePixelsMax, height: edgePixelsMax, fit: "inside", withoutEnlargement: true });
    const { data, info } = await (format === "png" ? whole.png({ compressionLevel: 9 }) : whole.jpeg({ quality: 90 })).toBuffer({ resolveWithObject: true });
    const notes: Note[] = [];
    if (said.exif ?? said.xmp ?? said.iptc ?? said.comments) notes.push({ code: "metadata" });
    if (Math.max(said.width, said.height) > edgePixelsMax) notes.push({ code: "resized" });
    if (format === "png" && isAnimated(input)) notes.push({ code: "animation" });
    return { bytes: data, small: await smallOf(data), width: info.width, height: info.height, pages: null, notes };
  } catch (error) {
    throw error instanceof Error && error.constructor.name !== "Problem" ? damaged(format, plain(error.message)) : error;
  }
}

/** At most 1,200 pixels long; with transparency a PNG, else a JPEG. */
export async function smallOf(picture: Buffer): Promise<Buffer> {
  const small = sharp(picture).resize({ width: smallEdgePixels, height: smallEdgePixels, fit: "inside", withoutEnlargement: true });
  const { isOpaque } = await sharp(picture).stats();
  return await (isOpaque ? small.jpeg({ quality: smallQuality }) : small.png({ palette: true, quality: 90 })).toBuffer();
}

function isAnimated(png: Buffer): boolean {
  return png.subarray(0, 4_096).includes("acTL");
}

// The library's message may name its own parts and nothing of the file's content.
const plain = (message: string): string => message.split("\n")[0]!.replace(/^Input buffer (contains|has) /, "").replace(/[^\x20-\x7e]/g, "");
