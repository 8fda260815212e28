import { request as requestPlain } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestSecure } from "node:https";
import type { LookupFunction } from "node:net";
import { Problem } from "../problems/problem.ts";
import { bareHost } from "./addresses.ts";
import { permit } from "./guard.ts";

/** All that `fetch` takes as a body. */
export type Body = ConstructorParameters<typeof Response>[0];

interface Exchange {
  url: URL;
  method?: string;
  headers?: Record<string, string> | Headers;
  body?: Body;
  signal: AbortSignal;
  bytesMax: number;
  lookup: LookupFunction | undefined;
}

/** One request on a connection of its own, and the whole answer. Follows nothing. */
export async function exchange({ url, method = "GET", headers = {}, body, signal, bytesMax, lookup }: Exchange): Promise<Response> {
  const sent = body === undefined || body === null ? null : new Response(body);
  const bytes = sent && Buffer.from(await sent.arrayBuffer());
  const fields = new Headers(headers);
  const type = sent?.headers.get("content-type");
  if (type && !fields.has("content-type")) fields.set("content-type", type);
  if (bytes) fields.set("content-length", String(bytes.length));
  const isSecure = url.protocol === "https:";
  const host = bareHost(url.hostname);
  const port = Number(url.port || (isSecure ? 443 : 80));
  return new Promise((resolve, reject) => {
    const failed = (error: Error & { code?: string }): void => {
      if (error instanceof Problem) return reject(error);
      const reason = signal.aborted ? "ETIMEDOUT" : (error.code ?? error.name);
      reject(new Problem("OUTBOUND_FAILED", { values: { host, reason }, cause: error }));
    };
    if (signal.aborted) return failed(signal.reason as Error);
    permit({ host, port }, () => {
      const outgoing = (isSecure ? requestSecure : requestPlain)(url, { method, agent: false, signal, ...(lookup ? { lookup } : {}), headers: Object.fromEntries(fields) });
      outgoing.on("error", failed);
      outgoing.on("response", (incoming) => readAll(incoming, { host, bytesMax }).then(resolve, failed));
      outgoing.end(bytes ?? undefined);
    });
  });
}

async function readAll(incoming: IncomingMessage, { host, bytesMax }: { host: string; bytesMax: number }): Promise<Response> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bytesMax) {
      incoming.destroy();
      throw new Problem("OUTBOUND_FAILED", { values: { host, reason: `more than ${bytesMax} bytes` } });
    }
    parts.push(part);
  }
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) headers.append(incoming.rawHeaders[i]!, incoming.rawHeaders[i + 1]!);
  return new Response([204, 205, 304].includes(status) ? null : Buffer.concat(parts), { status, headers });
}
