import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyRequest } from "fastify";
import { contentPolicy } from "./walls.ts";

/** The web app's page for every address of its own; not for the API, files or anything that is no navigation. */
export function createShell(folder: string): (request: FastifyRequest) => { headers: Record<string, string>; body: string } | null {
  const file = join(folder, "index.html");
  const html = existsSync(file) ? readFileSync(file, "utf8") : null;
  return (request) => {
    const path = request.url.split("?")[0] ?? "/";
    if (html === null || path.startsWith("/api/") || path.startsWith("/assets/") || /\.\w+$/.test(path)) return null;
    const nonce = randomBytes(16).toString("base64");
    return {
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "content-security-policy": contentPolicy(nonce) },
      body: html.replaceAll("__NONCE__", nonce),
    };
  };
}
