import type { FastifyRequest } from "fastify";
import { Problem } from "#src/base/problems/problem.ts";
import { bundled } from "./bundle.ts";
import type { BundledFile } from "./bundle.ts";
import type { FileUpload } from "./databases.ts";

const fileNameCharactersMax = 255;
const fieldsMax = 10;
// The name of the form's field whose files become one database, and how many there may be.
const bundleField = "files";
const bundleFilesMax = 100;

interface FilePart {
  type: "file";
  fieldname: string;
  filename: string;
  mimetype: string;
  file: AsyncIterable<Uint8Array> & { truncated: boolean };
}

interface MultipartRequest {
  isMultipart(): boolean;
  parts(options: { limits: object; throwFileSizeLimit: boolean }): AsyncIterableIterator<FilePart | { type: "field" }>;
}

/**
 * The file of a request, as its body or as the part of a form, with the name that the client gave it. Its bytes end in
 * a Problem where they are more than `bytesMax`, or break off: what is read from them to the end is whole.
 */
export async function uploadOf(request: FastifyRequest, bytesMax: number): Promise<FileUpload> {
  const { headers } = request;
  const multipart = request as unknown as MultipartRequest;
  if (multipart.isMultipart()) return await uploadOfForm(multipart, bytesMax);
  const length = headers["content-length"];
  const sizeBytes = length === undefined ? undefined : Number(length);
  const name = headers["x-filename"];
  const fileName = labelOf(decodeName(typeof name === "string" ? name : ""));
  if (sizeBytes !== undefined && sizeBytes > bytesMax) throw tooLarge(fileName, bytesMax);
  return { kind: "file", fileName, contentType: headers["content-type"] ?? "", sizeBytes, input: bodyOf(request, { fileName, bytesMax }) };
}

/** The bytes of a body, which end in a Problem where they are more than `bytesMax`, or break off. */
export async function* bodyOf(request: FastifyRequest, { fileName, bytesMax }: { fileName: string; bytesMax: number }): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of (request.body ?? request.raw) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge(fileName, bytesMax);
    yield chunk;
  }
  if (isCut(request)) throw new Problem("UPLOAD_CUT_SHORT");
}

// Over HTTP/1 a body that breaks off is an error of its stream. Over HTTP/2 one that was taken back just ends.
function isCut(request: FastifyRequest): boolean {
  const raw = request.raw as FastifyRequest["raw"] & { stream?: { rstCode?: number; aborted?: boolean } };
  return raw.aborted || raw.stream?.aborted === true || (raw.stream?.rstCode ?? 0) !== 0;
}

async function uploadOfForm(request: MultipartRequest, bytesMax: number): Promise<FileUpload> {
  const parts = request.parts({ limits: { files: bundleFilesMax + 1, fields: fieldsMax, fileSize: bytesMax }, throwFileSizeLimit: false });
  const next = async (): Promise<FilePart | null> => {
    for (;;) {
      const { done, value } = await parts.next().catch((error: unknown) => Promise.reject(malformed(error)));
      if (done) return null;
      if (value.type === "file") return value;
    }
  };
  const part = await next();
  if (!part) throw new Problem("UPLOAD_MISSING");
  const fileName = labelOf(part.filename ?? "");
  if (part.fieldname === bundleField) return { kind: "file", fileName: "files.zip", contentType: "application/zip", sizeBytes: undefined, input: bundled(filesOf(part, next, bytesMax)) };
  return { kind: "file", fileName, contentType: part.mimetype, sizeBytes: undefined, input: heldForm(part, next, { fileName, bytesMax }) };
}

// The form is read to its end: only there it shows whether all of it has arrived.
async function* heldForm(part: FilePart, next: () => Promise<FilePart | null>, { fileName, bytesMax }: { fileName: string; bytesMax: number }): AsyncGenerator<Uint8Array> {
  try {
    yield* part.file;
  } catch (error) {
    throw malformed(error);
  }
  if (part.file.truncated) throw tooLarge(fileName, bytesMax);
  if (await next()) throw new Problem("UPLOAD_SEVERAL");
}

/** The files of a form that become one database. Its end shows whether all of it has arrived. */
async function* filesOf(first: FilePart, next: () => Promise<FilePart | null>, bytesMax: number): AsyncGenerator<BundledFile> {
  let left = bytesMax;
  let count = 0;
  for (let part: FilePart | null = first; part; part = await next()) {
    if (part.fieldname !== bundleField) throw new Problem("UPLOAD_SEVERAL");
    if (++count > bundleFilesMax) throw new Problem("UPLOAD_FILES_TOO_MANY", { values: { filesMax: bundleFilesMax } });
    const name = labelOf(part.filename ?? "");
    const { file } = part;
    yield {
      name,
      input: (async function* () {
        try {
          for await (const chunk of file) {
            left -= chunk.length;
            if (left < 0) throw tooLarge(name, bytesMax);
            yield chunk;
          }
        } catch (error) {
          throw malformed(error);
        }
        if (file.truncated) throw tooLarge(name, bytesMax);
      })(),
    };
  }
}

function tooLarge(file: string, bytesMax: number): Problem {
  return new Problem("FILE_TOO_LARGE", { file, values: { bytesMax, file } });
}

function malformed(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (/unexpected end|premature|aborted/i.test(reason)) return new Problem("UPLOAD_CUT_SHORT", { cause: error });
  return new Problem("UPLOAD_MALFORMED", { values: { reason: reason.slice(0, 200) }, cause: error });
}

// A header holds bytes: a name beyond ASCII comes percent-encoded, as RFC 5987 has it (UTF-8''...), or as raw UTF-8 that
// Node shows as Latin-1. Some clients put it into quotation marks.
function decodeName(header: string): string {
  const quoted = /^"(.*)"$/.exec(header)?.[1] ?? header;
  const text = /^utf-8'[\w-]*'(.*)$/i.exec(quoted)?.[1] ?? quoted;
  if (/%[0-9a-fA-F]{2}/.test(text)) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }
  const bytes = Buffer.from(text, "latin1");
  const decoded = bytes.toString("utf8");
  return decoded.includes("\ufffd") ? text : decoded;
}

// Only ever shown and used to name a table: the path that a client may have put into it is dropped.
export function labelOf(name: string): string {
  if (name.split(/[\\/]/).includes("..")) throw new Problem("FILE_NAME_INVALID");
  const last = name.split(/[\\/]/).at(-1) ?? "";
  return last.replace(/[\p{Cc}\p{Bidi_Control}]/gu, "").trim().slice(0, fileNameCharactersMax) || "upload";
}
