import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyRequest } from "fastify";
import { createFiles } from "./files.ts";
import type { FileAnswer } from "./files.ts";
import { contentPolicy } from "./walls.ts";

/** The web app: its files, and its page for every address of its own. Not for the API, nor for a file that is not there. */
export function createShell(folder: string): (request: FastifyRequest) => FileAnswer | null {
  const files = createFiles(folder);
  const index = join(folder, "index.html");
  const html = existsSync(index) ? readFileSync(index, "utf8") : null;
  return (request) => {
    const file = files(request);
    if (file) return file;
    const path = request.url.split("?")[0] ?? "/";
    if (html === null || path.startsWith("/api/") || path.startsWith("/assets/") || path.startsWith("/r/") || /\.\w+$/.test(path)) return null;
    const nonce = randomBytes(16).toString("base64");
    return {
      status: 200,
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "content-security-policy": contentPolicy({ nonce }) },
      body: html.replaceAll("__NONCE__", nonce),
    };
  };
}
