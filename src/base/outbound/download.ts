import { request as requestPlain } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestSecure } from "node:https";
import type { LookupFunction } from "node:net";
import { Problem } from "../problems/problem.ts";
import { bareHost } from "./addresses.ts";
import { permit } from "./guard.ts";

/** A file on its way: its bytes are read to their end, or destroyed. */
export interface Download {
  status: number;
  /** Where it came from in the end. */
  url: URL;
  headers: Headers;
  /** Ends in OUTBOUND_FAILED where it is cut short, too large, or nothing comes any more. */
  body: AsyncGenerator<Uint8Array>;
}

interface Asked {
  url: URL;
  headers: Record<string, string>;
  signal: AbortSignal;
  idleMs: number;
  bytesMax: number;
  lookup: LookupFunction | undefined;
}

/** One GET on a connection of its own, and its answer as it comes. Follows nothing. */
export function download({ url, headers, signal, idleMs, bytesMax, lookup }: Asked): Promise<Download> {
  const isSecure = url.protocol === "https:";
  const host = bareHost(url.hostname);
  const port = Number(url.port || (isSecure ? 443 : 80));
  const trouble = (error: Error & { code?: string }): Problem => {
    if (error instanceof Problem) return error;
    if (signal.aborted && signal.reason instanceof Problem) return signal.reason;
    return new Problem("OUTBOUND_FAILED", { values: { host, reason: signal.aborted ? "ETIMEDOUT" : (error.code ?? error.name) }, cause: error });
  };
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(trouble(error));
    if (signal.aborted) return failed(signal.reason as Error);
    permit({ host, port }, () => {
      const outgoing = (isSecure ? requestSecure : requestPlain)(url, {
        method: "GET", agent: false, signal, timeout: idleMs, ...(lookup ? { lookup } : {}),
        // The file itself is wanted, not a compressed form of it that nobody bounded.
        headers: { "user-agent": "Kliv", accept: "*/*", "accept-encoding": "identity", ...headers },
      });
      outgoing.on("timeout", () => outgoing.destroy(Object.assign(new Error("idle"), { code: "ETIMEDOUT" })));
      outgoing.on("error", failed);
      outgoing.on("response", (incoming) => {
        const answered = new Headers();
        for (let i = 0; i < incoming.rawHeaders.length; i += 2) answered.append(incoming.rawHeaders[i]!, incoming.rawHeaders[i + 1]!);
        resolve({ status: incoming.statusCode ?? 0, url, headers: answered, body: bounded(incoming, { host, bytesMax, trouble }) });
      });
      outgoing.end();
    });
  });
}

async function* bounded(incoming: IncomingMessage, { host, bytesMax, trouble }: { host: string; bytesMax: number; trouble(error: Error): Problem }): AsyncGenerator<Uint8Array> {
  const tooLarge = (): Problem => new Problem("FILE_TOO_LARGE", { values: { bytesMax } });
  const encoding = incoming.headers["content-encoding"];
  try {
    if (encoding !== undefined && encoding !== "identity") throw new Problem("OUTBOUND_FAILED", { values: { host, reason: `content-encoding: ${encoding.slice(0, 40)}` } });
    if (Number(incoming.headers["content-length"] ?? 0) > bytesMax) throw tooLarge();
    let bytes = 0;
    for await (const part of incoming as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > bytesMax) throw tooLarge();
      yield part;
    }
  } catch (error) {
    throw trouble(error as Error);
  } finally {
    incoming.destroy();
  }
}
