import { createServer } from "node:http";

/** A plain port that answers nothing but where to go instead; no body is read, no cookie is looked at. */
export async function startRedirect(options: { port: number; host: string; origin: string }): Promise<{ close(): Promise<void> }> {
  const server = createServer({ maxHeaderSize: 8_192 }, (request, response) => {
    const path = request.url?.startsWith("/") && !request.url.startsWith("//") ? request.url : "/";
    response.writeHead(308, { location: `${options.origin}${path}`, connection: "close", "content-length": 0 });
    response.end();
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
