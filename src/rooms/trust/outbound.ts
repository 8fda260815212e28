import type { Config } from "#src/base/config.ts";
import { isLoopbackHost } from "#src/base/config.ts";
import type { Outbound } from "./promise.ts";

/**
 * How each outgoing connection of this configuration is protected, as its client will act on it.
 * `verifiesByDefault` is false in a process that was told to trust every certificate.
 */
export function outboundOf(config: Pick<Config, "smtpUrl" | "databaseUrl" | "databaseAppUrl" | "blobsUrl">, options: { verifiesByDefault: boolean }): Outbound[] {
  const found: Outbound[] = [mailOf(config.smtpUrl), databaseOf("database", config.databaseUrl), objectsOf(config.blobsUrl)];
  if (config.databaseAppUrl !== null) found.push(databaseOf("database of the application's role", config.databaseAppUrl));
  if (options.verifiesByDefault) return found;
  return found.map((one) => (one.security === "verified" ? { ...one, security: "unverified" } : one));
}

function mailOf(url: string | null): Outbound {
  if (url === null) return { name: "mail", security: "local", isLoopback: true };
  const parsed = URL.parse(url);
  const isLoopback = isLoopbackHost(parsed?.hostname ?? "");
  if (parsed?.searchParams.get("tls.rejectUnauthorized") === "false") return { name: "mail", security: "unverified", isLoopback };
  // Over smtp: TLS is taken where the server offers it, so anyone on the way can take the offer out, unless it is required.
  const isSecure = parsed?.protocol === "smtps:" || parsed?.searchParams.get("requireTLS") === "true";
  return { name: "mail", security: isSecure ? "verified" : "none", isLoopback };
}

function databaseOf(name: string, url: string | null): Outbound {
  // The embedded one is reached by a Unix socket.
  if (url === null) return { name, security: "local", isLoopback: true };
  // `postgres://user@/name?host=/folder` has no host where a URL must have one.
  const parsed = URL.parse(url.replace("@/", "@localhost/"));
  const host = parsed?.searchParams.get("host") ?? decodeURIComponent(parsed?.hostname ?? "");
  if (host.startsWith("/")) return { name, security: "local", isLoopback: true };
  const isLoopback = host === "" || isLoopbackHost(host);
  const mode = parsed?.searchParams.get("sslmode") ?? (parsed?.searchParams.get("ssl") === "true" ? "verify-full" : "");
  // pg verifies the certificate in all of these, unless it is told to do as libpq does.
  const isLibpq = parsed?.searchParams.get("uselibpqcompat") === "true";
  const tlsModes = ["prefer", "require", "verify-ca", "verify-full", "no-verify"];
  if (!tlsModes.includes(mode)) return { name, security: "none", isLoopback };
  const isVerified = isLibpq ? mode === "verify-full" : mode !== "no-verify";
  return { name, security: isVerified ? "verified" : "unverified", isLoopback };
}

function objectsOf(url: string): Outbound {
  if (url.startsWith("dir:")) return { name: "objects", security: "local", isLoopback: true };
  const endpoint = URL.parse(url)?.searchParams.get("endpoint") ?? null;
  // Without an endpoint it is AWS's own, over HTTPS.
  if (endpoint === null) return { name: "objects", security: "verified", isLoopback: false };
  const parsed = URL.parse(endpoint);
  return { name: "objects", security: parsed?.protocol === "https:" ? "verified" : "none", isLoopback: isLoopbackHost(parsed?.hostname ?? "") };
}
