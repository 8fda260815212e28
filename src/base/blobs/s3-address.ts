import { isLoopbackHost } from "../config.ts";
import { Problem } from "../problems/problem.ts";

export interface S3Address {
  bucket: string;
  /** Null for Amazon's own. */
  endpoint: string | null;
  region: string;
  /** "" or ending in a slash. */
  prefix: string;
  /** Whether the server shows on HEAD how an object is encrypted. Some accept the wish and show nothing. */
  sse: "shown" | "accepted";
}

const allowed = "s3://bucket?endpoint=https://...&region=...&prefix=...&sse=shown|accepted";

/** Reads `s3://bucket?...`. Throws CONFIG_INVALID, and STORE_TLS_REQUIRED for plain HTTP to another machine. */
export function readS3Address(text: string, variables: Record<string, string | undefined> = process.env): S3Address {
  const url = URL.parse(text);
  // The address itself is not quoted: people put secrets in the wrong place.
  const refuse = (name: string, value: string): Problem => new Problem("CONFIG_INVALID", { values: { name: `KLIV_BLOBS ${name}`.trim(), value, allowed } });
  if (url === null || url.host === "" || url.username !== "" || url.password !== "" || url.port !== "") throw refuse("", "s3:");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.host)) throw refuse("bucket", url.host);
  if (url.pathname !== "" && url.pathname !== "/") throw refuse("path", url.pathname);
  for (const name of url.searchParams.keys()) {
    if (!["endpoint", "region", "prefix", "sse"].includes(name)) throw refuse("parameter", name);
  }
  const sse = url.searchParams.get("sse") ?? "shown";
  if (sse !== "shown" && sse !== "accepted") throw refuse("sse", sse);
  const prefix = (url.searchParams.get("prefix") ?? "").replace(/\/+$/, "");
  if (prefix !== "" && !/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/.test(prefix)) throw refuse("prefix", prefix);
  return {
    bucket: url.host,
    endpoint: readEndpoint(url.searchParams.get("endpoint"), refuse),
    region: url.searchParams.get("region") ?? variables.AWS_REGION ?? "us-east-1",
    prefix: prefix === "" ? "" : `${prefix}/`,
    sse,
  };
}

function readEndpoint(text: string | null, refuse: (name: string, value: string) => Problem): string | null {
  if (text === null) return null;
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.search !== "") throw refuse("endpoint", url?.protocol ?? text);
  if (url.protocol === "http:" && !isLoopbackHost(url.hostname)) throw new Problem("STORE_TLS_REQUIRED", { values: { endpoint: url.origin } });
  return url.href;
}
