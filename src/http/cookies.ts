import type { IncomingHttpHeaders } from "node:http";

/** The first cookie of this name that a request carries (RFC 6265, 4.2), as it was sent; null without one. */
export function cookieOf(headers: IncomingHttpHeaders, name: string): string | null {
  // Most requests of programs carry none: nothing is split for them.
  const { cookie } = headers;
  if (cookie === undefined) return null;
  for (const pair of cookie.split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}
