/*
 * What the server is held against: a Fastify with the same certificate and TLS settings and one route that returns
 * bytes from memory. A program of its own, as the server is one. `node bench/bare.ts HOME` with the body on stdin;
 * prints its port.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import fastify from "fastify";
import { tlsSettings } from "#src/base/tls.ts";

export interface Bare {
  port: number;
  stop(): void;
}

/** Starts it with the certificate of a running server's home. */
export function startBare(options: { home: string; body: Buffer; contentType: string }): Promise<Bare> {
  const child = spawn(process.execPath, [import.meta.filename, options.home, options.contentType], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(options.body);
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the bare server ended with ${code}`)));
    child.stdout.once("data", (line: Buffer) => resolve({ port: Number(line.toString()), stop: () => void child.kill("SIGKILL") }));
  });
}

async function serveBare(home: string, contentType: string): Promise<void> {
  const body = await buffer(process.stdin);
  const read = (name: string): Buffer => readFileSync(join(home, "tls", name));
  const app = fastify({ https: { cert: read("cert.pem"), key: read("key.pem"), ...tlsSettings } });
  app.get("/", (_request, reply) => reply.header("content-type", contentType).send(body));
  app.post("/", (_request, reply) => reply.header("content-type", contentType).send(body));
  await app.listen({ host: "localhost", port: 0 });
  process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`);
}

if (import.meta.main) await serveBare(process.argv[2] ?? "", process.argv[3] ?? "");
