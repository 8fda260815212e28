import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** What stands between the driver and the real server in a test, to show what Amazon's own shows or what networks do. */
export interface S3Behaviour {
  /** HEAD shows server-side encryption. */
  showsEncryption?: boolean;
  /** Completing an upload with If-None-Match is refused where this finds an object. The path is `/bucket/key`. */
  isThere?: (path: string) => Promise<boolean>;
  /** The answers to so many writing requests of objects get lost after the server did them. */
  losesAnswers?: number;
  /** Bodies of GET end so many bytes early. */
  cutsBytes?: number;
}

/** A passing-on server on loopback. `behaviour` can be changed while it runs. */
export async function startS3Proxy(endpoint: string, behaviour: S3Behaviour): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const server = createServer((asked, answer) => {
    pass({ endpoint, behaviour, asked, answer }).catch(() => asked.socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

async function pass(options: { endpoint: string; behaviour: S3Behaviour; asked: IncomingMessage; answer: ServerResponse }): Promise<void> {
  const { endpoint, behaviour, asked, answer } = options;
  const url = new URL(asked.url ?? "/", endpoint);
  const isComplete = asked.method === "POST" && url.searchParams.has("uploadId");
  const ifNoneMatch = asked.headers["if-none-match"] === "*";
  if (isComplete && ifNoneMatch && (await behaviour.isThere?.(url.pathname))) {
    await asked.resume().toArray();
    answer.writeHead(412, { "content-type": "application/xml" }).end("<Error><Code>PreconditionFailed</Code></Error>");
    return;
  }
  // The signature covers the host that was asked: headers go on as they are.
  const passed = request(url, { method: asked.method ?? "GET", headers: asked.headers });
  asked.pipe(passed);
  const [got] = (await once(passed, "response")) as [IncomingMessage];
  const isObject = url.pathname.split("/").length > 3 && !url.searchParams.has("partNumber") && !url.searchParams.has("uploads");
  if (isObject && ifNoneMatch && (got.statusCode ?? 500) < 300 && (behaviour.losesAnswers ?? 0) > 0) {
    behaviour.losesAnswers! -= 1;
    await got.resume().toArray();
    asked.socket.destroy();
    return;
  }
  const isHead = asked.method === "HEAD";
  answer.writeHead(got.statusCode ?? 500, { ...got.headers, ...(isHead && behaviour.showsEncryption ? { "x-amz-server-side-encryption": "AES256" } : {}) });
  if (asked.method === "GET" && isObject && behaviour.cutsBytes) {
    const body = Buffer.concat((await got.toArray()) as Buffer[]);
    answer.write(body.subarray(0, Math.max(0, body.length - behaviour.cutsBytes)), () => asked.socket.destroy());
    return;
  }
  got.pipe(answer);
}
