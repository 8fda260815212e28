import type { FastifyRequest } from "fastify";
import type { Config } from "#src/base/config.ts";
import { isLoopbackHost } from "#src/base/config.ts";
import { Problem } from "#src/base/problems/problem.ts";

/**
 * What every response carries. A page of the web app replaces the policy by one with its nonce. Data is no document:
 * opened as one it may do nothing, and what only documents heed is left out.
 */
export function securityHeaders(config: Config, of: "page" | "data"): Record<string, string> {
  return {
    // What may be kept says so itself.
    "cache-control": "no-store",
    ...(of === "data" ? { "content-security-policy": "default-src 'none'; frame-ancestors 'none'" } : {
      "content-security-policy": contentPolicy(),
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }),
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    // On localhost it would bind every other program on that name.
    ...(config.isPublicHost ? { "strict-transport-security": "max-age=63072000; includeSubDomains" } : {}),
  };
}

/**
 * Nothing but our own files. The nonce is for the style elements that the editor makes, the hash for the one style
 * element of a page that is sent to many.
 */
export function contentPolicy({ nonce, styleHash }: { nonce?: string; styleHash?: string } = {}): string {
  return [
    "default-src 'none'", "script-src 'self'", `style-src 'self'${nonce ? ` 'nonce-${nonce}'` : ""}${styleHash ? ` 'sha256-${styleHash}'` : ""}`, "img-src 'self' data: blob:", "font-src 'self'",
    "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
  ].join("; ");
}

/** A page of another name that resolves to this machine must not be answered (DNS rebinding). */
export function holdHost(request: FastifyRequest, config: Config): void {
  const host = (request.headers[":authority"] as string | undefined) ?? request.headers.host ?? "";
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (isLoopbackHost(name) || `https://${host}` === config.origin || name === new URL(config.origin).hostname) return;
  throw new Problem("HOST_UNKNOWN", { values: { origin: config.origin } });
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** Another site's page must not change anything here, with or without a cookie. Browsers always tell; programs need not. */
export function holdSite(request: FastifyRequest): void {
  if (safeMethods.has(request.method)) return;
  // Only what an identity provider's page posts, which is believed for its signature and bound to the browser otherwise.
  if ((request.routeOptions.config as { isCrossSite?: boolean }).isCrossSite) return;
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") throw new Problem("CROSS_SITE_REFUSED");
  const { origin } = request.headers;
  if (origin === undefined) return;
  const host = (request.headers[":authority"] as string | undefined) ?? request.headers.host;
  if (origin !== `https://${host}`) throw new Problem("CROSS_SITE_REFUSED");
}
