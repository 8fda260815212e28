import { lookup, resolveTxt } from "node:dns/promises";
import { connect, isIP } from "node:net";
import type { LookupFunction, Socket } from "node:net";
import { isLoopbackHost } from "../config.ts";
import type { Config } from "../config.ts";
import type { Log, LogFields } from "../log.ts";
import { Problem } from "../problems/problem.ts";
import { bareHost, isOwnAddress, isPublicAddress } from "./addresses.ts";
import { download } from "./download.ts";
import type { Download } from "./download.ts";
import { exchange } from "./exchange.ts";
import type { Body } from "./exchange.ts";
import { putUpGuard } from "./guard.ts";
import { adapters, isListed, peersOf } from "./register.ts";
import type { Adapter, AdapterName } from "./register.ts";

export interface FetchOptions {
  method?: string;
  headers?: Record<string, string> | Headers;
  body?: Body;
  /** `follow` (only within the same origin) or `manual`, which gives the redirection itself. */
  redirect?: "follow" | "manual" | "error";
  signal?: AbortSignal | null;
  /** Of the whole exchange. */
  timeoutMs?: number;
  /** Of the answer's body. */
  bytesMax?: number;
}

export interface Outbound {
  /**
   * The one way to call another system by HTTP. HTTPS only, certificate checked; the host has to be listed or, for an
   * adapter whose hosts administrators name, one of the internet's at the moment of connecting; no redirection leads to
   * another origin. `http://` and this machine itself only in development. Options and answer are those of `fetch`, so it
   * can be given to libraries. Throws OUTBOUND_REFUSED, OUTBOUND_FAILED.
   */
  fetch(adapter: AdapterName, url: string | URL, options?: FetchOptions): Promise<Response>;
  /**
   * The same for a file: GET alone, and the answer's bytes as they come. A redirection leads to other origins too, each
   * judged anew; then what was asked with (`headers`) goes no further, so that nothing meant for one host reaches
   * another. Throws OUTBOUND_REFUSED, OUTBOUND_FAILED; the body also FILE_TOO_LARGE.
   */
  download(adapter: AdapterName, url: string | URL, options: DownloadOptions): Promise<Download>;
  /** Whether it would be asked at all, as far as that can be said now. Throws OUTBOUND_REFUSED. */
  judge(adapter: AdapterName, url: string | URL): Promise<void>;
  /** A TCP connection to the adapter's configured host. */
  connect(adapter: AdapterName, target: { host: string; port: number; timeoutMs: number }): Promise<Socket>;
  /** The TXT records of a domain; none where it has none. Throws OUTBOUND_FAILED when nobody can tell. */
  resolveTxt(domain: string): Promise<string[]>;
  /** From now on no other connection leaves this process. Gives what ends that. */
  guard(): () => void;
}

export type { Download } from "./download.ts";

export interface DownloadOptions {
  headers?: Record<string, string>;
  redirect?: "follow" | "error";
  signal?: AbortSignal | null;
  /** Of all of it. */
  timeoutMs: number;
  /** Without a byte. */
  idleMs: number;
  bytesMax: number;
}

const timeoutMsDefault = 10_000;
const bytesMaxDefault = 1024 ** 2;
const redirectsMax = 3;
const lookupTimeoutMs = 5_000;

export function createOutbound({ config, log: write }: { config: Config; log: Log }): Outbound {
  // What is no name of a host is not written down: it may be anything.
  const log = (event: string, { host, ...rest }: LogFields): void => write(event, { ...rest, ...(host !== undefined && /^[a-z0-9.:[\]_-]{1,253}$/i.test(host) ? { host } : {}) });
  const peers = peersOf(config);
  const refuse = (adapter: string, host: string, [reason, reasonJa]: Reason): Problem => {
    log("outbound refused", { kind: adapter, host });
    return new Problem("OUTBOUND_REFUSED", { values: { host, reason, reasonJa } });
  };
  const hold = (adapter: Adapter, url: URL): void => {
    const reason = objection({ config, adapter, url });
    if (reason) throw refuse(adapter.name, url.hostname, reason);
  };
  return {
    async fetch(name, address, options = {}) {
      const adapter = adapterOf(name);
      let url = URL.parse(String(address));
      if (url === null) throw refuse(name, "", reasons.address);
      const { timeoutMs = timeoutMsDefault, bytesMax = bytesMaxDefault, redirect = "follow" } = options;
      const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(options.signal ? [options.signal] : [])]);
      for (let redirects = 0; ; redirects++) {
        hold(adapter, url);
        const isInsideAllowed = mayBeInside(config, adapter, url);
        const response = await exchange({ ...options, url, signal, bytesMax, lookup: isInsideAllowed ? undefined : publicLookup });
        log("outbound", { kind: name, host: url.hostname, status: response.status });
        const location = response.status >= 300 && response.status < 400 ? response.headers.get("location") : null;
        if (location === null || redirect === "manual") return response;
        const next = URL.parse(location, url);
        const isRead = (options.method ?? "GET") === "GET" || options.method === "HEAD";
        if (redirect === "error" || next?.origin !== url.origin || redirects >= redirectsMax || !isRead) throw refuse(name, next?.hostname ?? "", reasons.redirect);
        url = next;
      }
    },
    async download(name, address, options) {
      const adapter = adapterOf(name);
      let url = URL.parse(String(address));
      if (url === null) throw refuse(name, "", reasons.address);
      const { timeoutMs, idleMs, bytesMax, redirect = "follow" } = options;
      let { headers = {} } = options;
      const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(options.signal ? [options.signal] : [])]);
      for (let redirects = 0; ; redirects++) {
        hold(adapter, url);
        const isInsideAllowed = mayBeInside(config, adapter, url);
        const answered = await download({ url, headers, signal, idleMs, bytesMax, lookup: isInsideAllowed ? undefined : adapter.isForMembers ? foreignLookup : publicLookup });
        log("outbound", { kind: name, host: url.hostname, status: answered.status });
        const location = [301, 302, 303, 307, 308].includes(answered.status) ? answered.headers.get("location") : null;
        if (location === null) return answered;
        await answered.body.return(undefined);
        const next = URL.parse(location, url);
        if (next === null || redirect === "error" || redirects >= redirectsMax) throw refuse(name, next?.hostname ?? "", reasons.redirect);
        if (next.origin !== url.origin) headers = {};
        url = next;
      }
    },
    async judge(name, address) {
      const adapter = adapterOf(name);
      const url = URL.parse(String(address));
      if (url === null) throw refuse(name, "", reasons.address);
      hold(adapter, url);
      const host = bareHost(url.hostname);
      if (isIP(host) !== 0 || mayBeInside(config, adapter, url)) return;
      // A name that is not there now may be later: only connecting tells.
      const found = await withDeadline(lookup(host, { all: true })).catch(() => []);
      if (found.some((one) => !isPublicAddress(one.address) || (adapter.isForMembers && isOwnAddress(one.address)))) throw refuse(name, host, reasons.inside);
    },
    async connect(name, { host, port, timeoutMs }) {
      if (!isListed(adapterOf(name).peers(config), host, port)) throw refuse(name, host, reasons.unlisted);
      return await open({ host, port, timeoutMs });
    },
    async resolveTxt(domain) {
      try {
        const records = await withDeadline(resolveTxt(domain));
        return records.map((parts) => parts.join(""));
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? "TIMEOUT";
        if (code === "ENOTFOUND" || code === "ENODATA") return [];
        throw new Problem("OUTBOUND_FAILED", { values: { host: domain, reason: code }, cause: error });
      }
    },
    guard: () =>
      putUpGuard({
        // This machine itself is no third party: the promises' checks call each of its ports.
        policy: (host, port) => isListed(peers, host, port) || isOwnAddress(bareHost(host)),
        refused: (host, port) => log("outbound refused", { kind: "unlisted", host, port }),
      }),
  };
}

type Reason = readonly [en: string, ja: string];

const reasons = {
  address: ["the address is not a URL without name and password", "URLの形式が正しくないか、ユーザー名やパスワードを含んでいます"],
  plain: ["only https:// is used", "https:// のみ使用できます"],
  unlisted: ["no adapter in the register of third parties names this host", "外部サービスの登録簿にないホストです"],
  inside: ["the address is within a private network", "プライベートネットワーク内のアドレスです"],
  redirect: ["it sends on to another place", "別の場所へ転送されます"],
} as const;

function adapterOf(name: AdapterName): Adapter {
  const adapter = adapters.find((one) => one.name === name);
  if (!adapter) throw new Error(`no adapter ${name} is in the register`);
  return adapter;
}

function objection({ config, adapter, url }: { config: Config; adapter: Adapter; url: URL }): Reason | null {
  if (url.username !== "" || url.password !== "") return reasons.address;
  const host = bareHost(url.hostname);
  const isDevelopment = config.environment === "development" && isLoopbackHost(host) && mayBeInside(config, adapter, url);
  if (url.protocol !== "https:" && !(isDevelopment && url.protocol === "http:")) return reasons.plain;
  if (adapter.reach === "configured" && !isListed(adapter.peers(config), host, portOf(url))) return reasons.unlisted;
  // A name is judged by what it leads to, when it is connected to.
  if (adapter.isForMembers && !mayBeInside(config, adapter, url) && (isLoopbackHost(host) || host.endsWith(".localhost"))) return reasons.inside;
  if (isIP(host) !== 0 && !mayBeInside(config, adapter, url) && (!isPublicAddress(host) || (adapter.isForMembers && isOwnAddress(host)))) return reasons.inside;
  return null;
}

/** The operator's own words may lead into the operator's own network; what anyone else names may not. */
function mayBeInside(config: Config, adapter: Adapter, url: URL): boolean {
  const host = bareHost(url.hostname);
  if (config.environment === "development" && isLoopbackHost(host) && !adapter.isForMembers) return true;
  return config.outboundPrivate.includes(host) || adapter.peers(config).some((peer) => peer.host === host && (peer.port === null || peer.port === portOf(url)));
}

const portOf = (url: URL): number => Number(url.port || (url.protocol === "https:" ? 443 : 80));

/** Resolves as the connection is made and hands on only what was looked at: a name cannot change in between. */
const publicLookup = lookupOf(isPublicAddress);
/** The same, and none of this machine's own addresses either, be they public. */
const foreignLookup = lookupOf((address) => isPublicAddress(address) && !isOwnAddress(address));

function lookupOf(isGood: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) => void resolveGood({ hostname, options, done, isGood });
}

function resolveGood({ hostname, options, done, isGood }: { hostname: string; options: Parameters<LookupFunction>[1]; done: Parameters<LookupFunction>[2]; isGood: (address: string) => boolean }): void {
  lookup(hostname, { ...options, all: true }).then(
    (found) => {
      if (found.length === 0 || found.some(({ address }) => !isGood(address))) {
        done(new Problem("OUTBOUND_REFUSED", { values: { host: hostname, reason: reasons.inside[0], reasonJa: reasons.inside[1] } }), [], 0);
      } else if (options.all) done(null, found);
      else done(null, found[0]!.address, found[0]!.family);
    },
    (error: NodeJS.ErrnoException) => done(error, [], 0),
  );
}

function open({ host, port, timeoutMs }: { host: string; port: number; timeoutMs: number }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const failed = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => failed(new Problem("OUTBOUND_FAILED", { values: { host, reason: "ETIMEDOUT" } })));
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", failed);
      resolve(socket);
    });
  });
}

function withDeadline<T>(work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error("no answer")), lookupTimeoutMs);
  return Promise.race([work.then(resolve, reject), promise]).then(() => promise).finally(() => clearTimeout(timer));
}
