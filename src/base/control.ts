import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Problem } from "./problems/problem.ts";
import type { ProblemOptions } from "./problems/problem.ts";
import type { ProblemCode } from "./problems/registry.ts";

/*
 * What the operator's command line has the running server itself do, over a Unix socket that only the home's owner
 * reaches: no port is opened. One line of JSON each way.
 */

/** What the server does for a command. The signal aborts when the command is gone. */
export type ControlHandlers = Record<string, (input: never, signal: AbortSignal) => Promise<unknown>>;

interface Told {
  result?: unknown;
  problem?: { code: ProblemCode; values: ProblemOptions["values"] };
}

const askBytesMax = 64 * 1024;

/** Listens until it is closed. */
export async function openControl(options: { home: string; handlers: ControlHandlers }): Promise<{ close(): Promise<void> }> {
  const path = socketPath(options.home);
  // Whoever holds the home comes here: a socket that is there already is a killed process's.
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    void serve(socket, options.handlers);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          if (dirname(path) !== options.home) rmSync(dirname(path), { recursive: true, force: true });
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Has the server of this home do something. Throws NOT_RUNNING, or the Problem that the handler threw. */
export async function callControl(options: { home: string; name: string; input: unknown }): Promise<unknown> {
  const { home, name, input } = options;
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(socketPath(home));
    const parts: Buffer[] = [];
    socket.on("connect", () => socket.write(`${JSON.stringify({ name, input })}\n`));
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("error", (cause) => reject(new Problem("NOT_RUNNING", { values: { home }, cause })));
    socket.on("close", () => resolve(Buffer.concat(parts).toString()));
  });
  // The server ended in the middle of it.
  if (text === "") throw new Problem("NOT_RUNNING", { values: { home } });
  const { result, problem } = JSON.parse(text) as Told;
  if (problem) throw new Problem(problem.code, { values: problem.values });
  return result;
}

async function serve(socket: Socket, handlers: ControlHandlers): Promise<void> {
  const gone = new AbortController();
  socket.on("error", () => socket.destroy());
  socket.on("close", () => gone.abort(new Error("the command is gone")));
  const told = await readLine(socket).then((line) => answer(JSON.parse(line), handlers, gone.signal)).catch(tellProblem);
  if (!socket.destroyed) socket.end(JSON.stringify(told));
}

async function answer({ name, input }: { name: string; input: unknown }, handlers: ControlHandlers, signal: AbortSignal): Promise<Told> {
  if (!Object.hasOwn(handlers, name)) throw new Problem("NOT_FOUND");
  return { result: await handlers[name]!(input as never, signal) };
}

function tellProblem(error: unknown): Told {
  const problem = error instanceof Problem ? error : new Problem("INTERNAL", { values: { request: "control" }, cause: error });
  return { problem: { code: problem.code, values: problem.options.values } };
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.on("data", (part: Buffer) => {
      text += part.toString();
      if (text.length > askBytesMax) reject(new Problem("BODY_TOO_LARGE", { values: { bytesMax: askBytesMax } }));
      else if (text.includes("\n")) resolve(text);
    });
    socket.on("end", () => {
      // Half closed before the whole question, or gone while it was being answered.
      reject(new Problem("REQUEST_INVALID", { values: { reason: "the question was cut off" } }));
      socket.destroy();
    });
  });
}

// A Unix socket's path has about 100 bytes at most, so a deep home needs a short one elsewhere.
function socketPath(home: string): string {
  const inside = join(home, "control.sock");
  if (Buffer.byteLength(inside) < 100) return inside;
  const path = join(tmpdir(), `kliv-control-${createHash("sha256").update(home).digest("hex").slice(0, 16)}`, "control.sock");
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const about = lstatSync(folder);
  // In a folder that everyone writes to, somebody else may have been here first.
  if (!about.isDirectory() || (about.mode & 0o077) !== 0 || (process.getuid && about.uid !== process.getuid())) {
    throw new Problem("CONFIG_INVALID", { values: { name: "home", value: home, allowed: "a path of less than 85 bytes" } });
  }
  return path;
}
