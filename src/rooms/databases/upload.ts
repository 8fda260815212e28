import type { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { Problem } from "#src/base/problems/problem.ts";
import type { FileUpload } from "./databases.ts";

const fileNameCharactersMax = 255;

interface MultipartRequest {
  isMultipart(): boolean;
  file(): Promise<{ filename: string; mimetype: string; file: Readable } | undefined>;
}

/** The file of a request, as its body or as the part `file` of a form, with the name that the client gave it. */
export async function uploadOf(request: FastifyRequest): Promise<FileUpload> {
  const { headers } = request;
  const multipart = request as unknown as MultipartRequest;
  if (multipart.isMultipart()) {
    const part = await multipart.file();
    if (!part) throw new Problem("UPLOAD_MISSING");
    return { kind: "file", fileName: labelOf(part.filename), contentType: part.mimetype, sizeBytes: undefined, input: part.file };
  }
  const length = headers["content-length"];
  const sizeBytes = length === undefined ? undefined : Number(length);
  const name = headers["x-filename"];
  const input = (request.body as Readable | undefined) ?? (request.raw as unknown as Readable);
  return { kind: "file", fileName: labelOf(decodeName(typeof name === "string" ? name : "")), contentType: headers["content-type"] ?? "", sizeBytes, input };
}

// A header holds bytes: a name beyond ASCII comes percent-encoded, or as raw UTF-8 that Node shows as Latin-1.
function decodeName(text: string): string {
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
function labelOf(name: string): string {
  if (name.split(/[\\/]/).includes("..")) throw new Problem("FILE_NAME_INVALID");
  const last = name.split(/[\\/]/).at(-1) ?? "";
  return last.replace(/[\p{Cc}\p{Bidi_Control}]/gu, "").trim().slice(0, fileNameCharactersMax) || "upload";
}
