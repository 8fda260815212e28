import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { Problem } from "./problems/problem.ts";
import { readProviders } from "./providers.ts";
import type { ProviderSettings } from "./providers.ts";

export type Environment = "development" | "staging" | "production";

/** One typed configuration. Nothing else in the program reads the environment's variables. */
export interface Config {
  /** The folder of all state. */
  home: string;
  environment: Environment;
  /** The address to listen on; loopback unless the operator says otherwise. */
  host: string;
  port: number;
  /** Where the staff console listens; never the public port. */
  staffPort: number;
  /** Addresses and networks of proxies whose word on the client's address is taken. */
  trustedProxies: string[];
  /** A port that only redirects to HTTPS, or null for none. */
  redirectPort: number | null;
  /** The public address, without a slash at the end. */
  origin: string;
  /** True when `origin` was configured and is a public host, which is when HSTS may be sent. */
  isPublicHost: boolean;
  /** Certificate and key files of the operator; without them a local authority makes them. */
  certificate: { certFile: string; keyFile: string } | null;
  /** Load the sample team on the first start. */
  sample: boolean;
  /** A PostgreSQL of the operator's; without it one is embedded. */
  databaseUrl: string | null;
  /** The same PostgreSQL, as the application's own role. */
  databaseAppUrl: string | null;
  /** `dir:/path` or `s3://bucket?endpoint=...`. */
  blobsUrl: string;
  /** Bounded working copies of hosted databases. */
  cacheDir: string | null;
  /** `smtps://user:password@host` for outgoing mail; without it, mail is written to HOME/mail. */
  smtpUrl: string | null;
  mailFrom: string;
  /** Hosts within the operator's own network that `outbound.fetch` may call though a team named them. */
  outboundPrivate: string[];
  /** The OpenID providers that people may sign in with. */
  providers: ProviderSettings[];
  /** How many full days the log is kept; never fewer than 30. */
  logDays: number;
  /** False in a process that was told to trust every certificate. */
  verifiesByDefault: boolean;
  /** Check the promises by and by; `KLIV_CHECKS=off` leaves it to the command line. */
  checks: boolean;
  /** Teams may use what their plan says; else every team the most. `KLIV_PLANS=on`. */
  sellsPlans: boolean;
  /** Who runs this installation, as the privacy policy and the terms that Kliv brings name them. */
  operator: Operator;
  limits: Limits;
}

/** Null where it is not set. */
export interface Operator {
  name: string | null;
  address: string | null;
  /** An e-mail address, a page's address, or words. */
  contact: string | null;
}

/** Limits that an operator may set; each with its unit last. */
export interface Limits {
  uploadBytesMax: number;
  queryTimeoutMs: number;
  queryRowsMax: number;
  queryBytesMax: number;
  queryMemoryBytesMax: number;
  queryWorkersMax: number;
  importMemoryBytesMax: number;
  cacheBytesMax: number;
  resultCacheBytesMax: number;
  /** Of one day's log. */
  logBytesMax: number;
}

const defaultLimits: Limits = {
  uploadBytesMax: 10 * 1024 ** 3,
  queryTimeoutMs: 30_000,
  queryRowsMax: 1_000_000,
  queryBytesMax: 256 * 1024 ** 2,
  queryMemoryBytesMax: 1.5 * 1024 ** 3,
  queryWorkersMax: 2,
  importMemoryBytesMax: 2 * 1024 ** 3,
  cacheBytesMax: 20 * 1024 ** 3,
  resultCacheBytesMax: 64 * 1024 ** 2,
  logBytesMax: 512 * 1024 ** 2,
};

/** Below this a limit would break what it is the limit of. */
const leastLimits: Partial<Limits> = { logBytesMax: 16 * 1024 ** 2 };

export interface Flags {
  home?: string | undefined;
  port?: string | undefined;
  "staff-port"?: string | undefined;
  "no-sample"?: boolean | undefined;
  environment?: string | undefined;
}

const logDaysMin = 30;
const logDaysMax = 3_650;
const environments: readonly string[] = ["development", "staging", "production"];

/** Reads flags first, then variables (`KLIV_HOME`, `KLIV_PORT`, ...), then defaults. Throws CONFIG_INVALID. */
export function readConfig(flags: Flags = {}, variables: Record<string, string | undefined> = process.env): Config {
  const environment = flags.environment ?? variables.KLIV_ENVIRONMENT ?? "development";
  if (!environments.includes(environment)) {
    throw new Problem("CONFIG_INVALID", { values: { name: "environment", value: environment, allowed: environments.join(", ") } });
  }
  const home = resolve(flags.home ?? variables.KLIV_HOME ?? ".kliv");
  const port = readPort("port", flags.port ?? variables.KLIV_PORT ?? "8443");
  const origin = (variables.KLIV_ORIGIN ?? `https://localhost:${port}`).replace(/\/+$/, "");
  const host = readOrigin(origin);
  return {
    home,
    environment: environment as Environment,
    host: variables.KLIV_HOST ?? "localhost",
    port,
    staffPort: readPort("staff-port", flags["staff-port"] ?? variables.KLIV_STAFF_PORT ?? "8444"),
    trustedProxies: readNetworks("KLIV_TRUSTED_PROXIES", variables.KLIV_TRUSTED_PROXIES),
    redirectPort: variables.KLIV_REDIRECT_PORT ? readPort("redirect-port", variables.KLIV_REDIRECT_PORT) : null,
    origin,
    isPublicHost: !isLoopbackHost(host),
    certificate: readCertificateFiles(variables.KLIV_TLS_CERT, variables.KLIV_TLS_KEY),
    sample: flags["no-sample"] !== true && variables.KLIV_NO_SAMPLE === undefined,
    databaseUrl: variables.DATABASE_URL ?? null,
    databaseAppUrl: variables.KLIV_DATABASE_APP_URL ?? null,
    blobsUrl: variables.KLIV_BLOBS ?? `dir:${join(home, "blobs")}`,
    cacheDir: variables.KLIV_CACHE ?? null,
    smtpUrl: variables.KLIV_SMTP ?? null,
    mailFrom: variables.KLIV_MAIL_FROM ?? "Kliv <kliv@localhost>",
    outboundPrivate: (variables.KLIV_OUTBOUND_PRIVATE ?? "").split(",").map((host) => host.trim().toLowerCase()).filter((host) => host !== ""),
    providers: readProviders(variables, (name) => environment === "development" && isLoopbackHost(name)),
    logDays: readLogDays(variables.KLIV_LOG_DAYS ?? String(logDaysMin)),
    verifiesByDefault: variables.NODE_TLS_REJECT_UNAUTHORIZED !== "0",
    checks: variables.KLIV_CHECKS !== "off",
    sellsPlans: readSwitch("KLIV_PLANS", variables.KLIV_PLANS ?? "off"),
    operator: {
      name: readText("KLIV_OPERATOR_NAME", variables.KLIV_OPERATOR_NAME),
      address: readText("KLIV_OPERATOR_ADDRESS", variables.KLIV_OPERATOR_ADDRESS),
      contact: readText("KLIV_OPERATOR_CONTACT", variables.KLIV_OPERATOR_CONTACT),
    },
    limits: readLimits(variables),
  };
}

/** `localhost`, 127.0.0.0/8 and [::1]. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

// One without the other was meant to be used: the local authority's certificate in its place would surprise everyone.
function readCertificateFiles(certFile: string | undefined, keyFile: string | undefined): Config["certificate"] {
  if (certFile && keyFile) return { certFile, keyFile };
  if (certFile) throw new Problem("CONFIG_INVALID", { values: { name: "KLIV_TLS_KEY", value: "", allowed: "the file of the key that belongs to KLIV_TLS_CERT" } });
  if (keyFile) throw new Problem("CONFIG_INVALID", { values: { name: "KLIV_TLS_CERT", value: "", allowed: "the file of the certificate that belongs to KLIV_TLS_KEY" } });
  return null;
}

/** Addresses and networks like 10.0.0.0/8, between commas. */
function readNetworks(name: string, text = ""): string[] {
  const networks = text.split(",").map((one) => one.trim()).filter(Boolean);
  for (const network of networks) {
    const [address = "", bits, ...rest] = network.split("/");
    const version = isIP(address);
    const isRight = version !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)));
    if (!isRight) throw new Problem("CONFIG_INVALID", { values: { name, value: network, allowed: "10.0.0.0/8, 192.0.2.7, fd00::/8" } });
  }
  return networks;
}

function readSwitch(name: string, text: string): boolean {
  if (text !== "on" && text !== "off") throw new Problem("CONFIG_INVALID", { values: { name, value: text, allowed: "on, off" } });
  return text === "on";
}

function readPort(name: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Problem("CONFIG_INVALID", { values: { name, value: text, allowed: "1-65535" } });
  }
  return port;
}

const textCharactersMax = 300;

function readText(name: string, text: string | undefined): string | null {
  const clean = text?.replace(/\s+/g, " ").trim() ?? "";
  if (clean.length > textCharactersMax || /\p{Cc}/u.test(clean)) throw new Problem("CONFIG_INVALID", { values: { name, value: clean.slice(0, 40), allowed: `up to ${textCharactersMax} characters` } });
  return clean === "" ? null : clean;
}

// What customers were promised can be made longer, not shorter.
function readLogDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < logDaysMin || days > logDaysMax) {
    throw new Problem("CONFIG_INVALID", { values: { name: "KLIV_LOG_DAYS", value: text, allowed: `${logDaysMin}-${logDaysMax}` } });
  }
  return days;
}

function readOrigin(origin: string): string {
  const url = URL.parse(origin);
  if (url === null || url.protocol !== "https:" || url.pathname !== "/") {
    throw new Problem("CONFIG_INVALID", { values: { name: "KLIV_ORIGIN", value: origin, allowed: "https://host[:port]" } });
  }
  return url.hostname;
}

// KLIV_UPLOAD_BYTES_MAX sets uploadBytesMax, and so on for each limit.
function readLimits(variables: Record<string, string | undefined>): Limits {
  const limits = { ...defaultLimits };
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    const variable = `KLIV_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
    const text = variables[variable];
    if (text === undefined) continue;
    const value = Number(text);
    const least = leastLimits[name] ?? 0;
    if (!Number.isFinite(value) || value <= 0 || value < least) throw new Problem("CONFIG_INVALID", { values: { name: variable, value: text, allowed: least > 0 ? `>= ${least}` : "> 0" } });
    limits[name] = value;
  }
  return limits;
}
