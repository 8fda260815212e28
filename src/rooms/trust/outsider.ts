import { Agent, request as send } from "node:https";
import type { Reply, Request } from "./promise.ts";

const replyBytesMax = 64 * 1024 ** 2;
const silenceMs = 20_000;

/** A client that knows nothing but the address and the authorities it trusts: what anyone outside can do. */
export function createOutsider(options: { origin: string; ca: Buffer; signal: AbortSignal }): { request: Request; close(): void } {
  const { origin, ca, signal } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ...(ca.length > 0 ? { ca } : {}) });
  const request: Request = (method, path, { token, cookie, headers = {}, body } = {}) =>
    new Promise<Reply>((resolve, reject) => {
      const isBytes = body === undefined || Buffer.isBuffer(body);
      const data = isBytes ? (body as Buffer | undefined) : Buffer.from(JSON.stringify(body));
      const outgoing = send(new URL(path, origin), {
        method, agent, signal,
        headers: {
          accept: "*/*",
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(cookie ? { cookie } : {}),
          ...(isBytes ? {} : { "content-type": "application/json" }),
          ...(data ? { "content-length": data.length } : {}),
          ...headers,
        },
      });
      outgoing.setTimeout(silenceMs, () => outgoing.destroy(new Error(`no answer within ${silenceMs} ms`)));
      outgoing.on("error", reject);
      outgoing.on("response", (incoming) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        incoming.on("error", reject);
        incoming.on("data", (part: Buffer) => {
          bytes += part.length;
          if (bytes > replyBytesMax) incoming.destroy(new Error(`the reply has more than ${replyBytesMax} bytes`));
          else parts.push(part);
        });
        incoming.on("end", () => resolve(replyOf(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(parts))));
      });
      outgoing.end(data);
    });
  return { request, close: () => agent.destroy() };
}

/** A reply with its JSON read, where its type says that it is JSON. */
export function replyOf(status: number, headers: Reply["headers"], bytes: Buffer): Reply {
  let json: unknown;
  if (/[/+]json\b/.test(String(headers["content-type"] ?? ""))) {
    try {
      json = JSON.parse(bytes.toString("utf8"));
    } catch {
      json = undefined;
    }
  }
  return { status, headers, bytes, json };
}
