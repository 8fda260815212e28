import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "#src/base/problems/problem.ts";
import { attachmentLimits } from "../schema.ts";
import type { Format, Note } from "../schema.ts";
import { tooLarge } from "./refusal.ts";

export interface InspectRequest {
  /** A folder that may be written to: `out` and `small` are left in it. */
  workDir: string;
  /** As the person named the file, for errors. */
  fileName: string;
}

export interface InspectOutcome {
  format: Format;
  width: number | null;
  height: number | null;
  pages: number | null;
  hasSmall: boolean;
  notes: Note[];
}

/**
 * Decides by its bytes what a file is, decodes all of it, and leaves what may be handed to readers. For a sandboxed
 * process of its own. Throws ATTACHMENT_FORMAT, _DAMAGED, _TOO_LARGE, _ACTIVE, FILE_EMPTY.
 */
export async function inspect({ workDir, fileName }: InspectRequest, input: AsyncIterable<Uint8Array>): Promise<InspectOutcome> {
  try {
    const bytes = await readAll(input);
    if (bytes.length === 0) throw new Problem("FILE_EMPTY");
    const format = formatOf(bytes);
    if (format === null) throw new Problem("ATTACHMENT_FORMAT");
    const { bytes: out, small, ...rest } = await inspectAs(format, bytes);
    writeFileSync(join(workDir, "out"), out);
    if (small) writeFileSync(join(workDir, "small"), small);
    return { format, ...rest, hasSmall: small !== null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(error.code, { ...error.options, file: fileName, values: { ...error.options.values, file: fileName } });
  }
}

// Each decoder is large: only the one that is needed is loaded.
async function inspectAs(format: Format, bytes: Buffer): ReturnType<typeof import("./raster.ts").inspectRaster> {
  if (format === "svg") return await (await import("./svg.ts")).inspectSvg(bytes);
  if (format === "pdf") return await (await import("./pdf.ts")).inspectPdf(bytes);
  return await (await import("./raster.ts")).inspectRaster(bytes, format);
}

async function readAll(input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of input) {
    sizeBytes += chunk.length;
    if (sizeBytes > attachmentLimits.uploadBytesMax) throw tooLarge(attachmentLimits.uploadBytesMax, "bytes");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const pngMagic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** What a file is, its first bytes say; its name and what the client says of it do not count. */
export function formatOf(bytes: Buffer): Format | null {
  if (bytes.subarray(0, 8).equals(pngMagic)) return "png";
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "jpeg";
  if (/^%PDF-[12]\.\d/.test(bytes.toString("latin1", 0, 8))) return "pdf";
  const start = bytes.toString("utf8", 0, 8_192).replace(/^\ufeff/, "").trimStart();
  return /^(<\?xml[^>]*\?>\s*)?(<!--[\s\S]*?-->\s*)*(<!DOCTYPE\s+svg[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<(svg|[\w-]+:svg)[\s>/]/i.test(start) ? "svg" : null;
}
