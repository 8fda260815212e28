import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { disposition } from "#src/http/disposition.ts";
import { answer } from "#src/http/routes.ts";
import type { Answer } from "#src/http/routes.ts";
import type { VersionRef } from "./databases.ts";

export interface Range {
  start: number;
  end: number;
}

/** The stored bytes, whole or one range of them (RFC 9110 14), with the SHA-256 as a strong ETag. `record` is called where bytes leave. */
export async function sendVersion(options: { version: VersionRef; name: string; request: FastifyRequest; blobs: Pick<Blobs, "get">; record(range: Range | null): Promise<void> }): Promise<Answer> {
  const { version, request, blobs, record } = options;
  if (version.blobKey === "") throw new Problem("VERSION_CONTENTS_MISSING");
  const etag = `"${version.sha256}"`;
  const headers: Record<string, string> = {
    etag, "accept-ranges": "bytes", "cache-control": "private, no-cache", "content-type": "application/vnd.sqlite3", "content-disposition": disposition(options.name, "sqlite"),
  };
  const known = request.headers["if-none-match"];
  if (known !== undefined && known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag)) return answer({ status: 304, headers });
  // A range means something to GET alone. Without a stream the framework would write a length of 0 over ours.
  if (request.method === "HEAD") return answer({ headers: { ...headers, "content-length": String(version.sizeBytes) }, stream: Readable.from([]) });
  const condition = request.headers["if-range"];
  const isCurrent = condition === undefined || condition === etag;
  const range = isCurrent ? readRange(request.headers.range, version.sizeBytes) : null;
  if (range === "none") throw new Problem("RANGE_INVALID", { values: { sizeBytes: version.sizeBytes }, headers: { "content-range": `bytes */${version.sizeBytes}` } });
  // Before the first byte: nothing leaves without its event.
  await record(range);
  if (!range) {
    const { body } = await blobs.get(version.blobKey);
    return answer({ status: 200, headers: { ...headers, "content-length": String(version.sizeBytes) }, stream: body });
  }
  const { body } = await blobs.get(version.blobKey, range);
  return answer({
    status: 206,
    headers: { ...headers, "content-length": String(range.end - range.start + 1), "content-range": `bytes ${range.start}-${range.end}/${version.sizeBytes}` },
    stream: body,
  });
}

// One range is served; several at once, or what is not understood, gets the whole (which RFC 9110 allows).
function readRange(header: string | undefined, sizeBytes: number): Range | null | "none" {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!parts) return null;
  const [, first = "", last = ""] = parts;
  if (first === "" && last === "") return null;
  const start = first === "" ? Math.max(sizeBytes - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (first !== "" && last !== "" && Number(last) < Number(first)) return null;
  return start >= sizeBytes || start > end ? "none" : { start, end };
}
