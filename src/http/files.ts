import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { FastifyRequest } from "fastify";

/** What a fallback answers: a file's bytes, or nothing but that the client has it already. */
export interface FileAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
}

const types: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon",
  ".woff2": "font/woff2", ".webmanifest": "application/manifest+json", ".json": "application/json; charset=utf-8", ".txt": "text/plain; charset=utf-8",
};
const packable = /^(text\/|application\/(json|manifest)|image\/svg)/;
const year = 31_536_000;

interface Kept {
  headers: Record<string, string>;
  etag: string;
  encodings: Partial<Record<"br" | "gzip" | "identity", Buffer>>;
}

/** The built files of a folder by their address; read and packed when first asked for, then from memory. */
export function createFiles(folder: string): (request: FastifyRequest) => FileAnswer | null {
  const names = new Set(existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name)) : []);
  const kept = new Map<string, Kept>();
  return (request) => {
    const path = request.url.split("?")[0] ?? "/";
    // Only names that the build made: an address never walks anywhere.
    const file = join(folder, path);
    const type = types[extname(path)];
    if (!type || !names.has(file)) return null;
    let found = kept.get(path);
    if (!found) {
      const bytes = readFileSync(file);
      // What has its hash in its name never changes.
      const isFrozen = /^\/assets\/.+-[\w-]{8,}\.\w+$/.test(path);
      found = {
        headers: { "content-type": type, "cache-control": isFrozen ? `public, max-age=${year}, immutable` : "no-cache", vary: "accept-encoding" },
        etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
        encodings: { identity: bytes },
      };
      kept.set(path, found);
    }
    if (request.headers["if-none-match"] === found.etag) return { status: 304, headers: { ...found.headers, etag: found.etag }, body: "" };
    const encoding = packable.test(type) ? chooseEncoding(request.headers["accept-encoding"]) : "identity";
    const body = (found.encodings[encoding] ??= pack(found.encodings.identity as Buffer, encoding));
    const headers = { ...found.headers, etag: found.etag, ...(encoding === "identity" ? {} : { "content-encoding": encoding }) };
    return { status: 200, headers, body };
  };
}

/** The best of ours that the client takes. */
export function chooseEncoding(header: string | string[] | undefined): "br" | "gzip" | "identity" {
  const text = String(header ?? "");
  if (/\bbr\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(text)) return "br";
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(text) ? "gzip" : "identity";
}

/** Packed once, so the time that it takes does not matter much. */
export function pack(bytes: Buffer, encoding: "br" | "gzip" | "identity"): Buffer {
  if (encoding === "br") return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  return encoding === "gzip" ? gzipSync(bytes, { level: 6 }) : bytes;
}
