import { chownSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { SandboxChild } from "./child.ts";
import { sandboxCommand, sandboxUser } from "./command.ts";
import type { CommandNeeds, Walls } from "./command.ts";
import { Exchange, trouble } from "./exchange.ts";
import { codeImage } from "./image.ts";
import { probeWalls } from "./walls.ts";

export interface OnceOptions {
  /** Bytes for the task, streamed with backpressure. If it throws, the child is killed and that error is the answer. */
  input?: AsyncIterable<Uint8Array>;
  /** The one folder that the child may write; it is given to the child's user where that is another one. */
  workDir: string;
  /** Folders with data that the child reads beside it; none by default. */
  readableDirs?: string[];
  memoryBytesMax: number;
  /** The size that one file written by the child may have. */
  fileBytesMax: number;
  cpuSecondsMax?: number;
  timeoutMs?: number;
  /** The child is killed when it takes no input and tells of no progress for so long. */
  idleTimeoutMs?: number;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: unknown) => void) | undefined;
  /** The path of src/worker.ts; the checkout's own by default. */
  entry?: string;
  /** The child loads npm packages and native addons; default true. */
  packages?: boolean;
}

const workerEntry = fileURLToPath(new URL("../../worker.ts", import.meta.url));

/** The walls of an earlier probe: they hold for every folder that others can reach in the same way. */
const knownWalls = new Map<string, Walls>();

/**
 * Runs one task in a child of its own with a folder it may write, and resolves with the answer's
 * head. Rejects with a Problem: what the task threw, or WORK_TIMEOUT, _MEMORY, _CANCELLED, _FAILED;
 * or with whatever `input` threw.
 */
export async function runOnce(kind: string, request: unknown, options: OnceOptions): Promise<any> {
  const { signal, input } = options;
  if (signal?.aborted === true) throw trouble(kind, "CANCELLED");
  const child = await startChild(kind, options);
  try {
    const exchange = new Exchange(child, { kind, request }, options);
    // Both may fail; the first to fail tells why, and the other ends with it.
    const feeding = input === undefined ? Promise.resolve(child.endInput()) : feed(input, child, exchange);
    const { head, body } = await exchange.answer;
    await body.figures;
    await feeding;
    return head;
  } finally {
    child.kill();
    await child.exited;
  }
}

async function startChild(kind: string, options: OnceOptions): Promise<SandboxChild> {
  const image = codeImage(options.entry ?? workerEntry);
  const { workDir, readableDirs = [], memoryBytesMax, fileBytesMax, cpuSecondsMax, packages = true } = options;
  const needs: CommandNeeds = { readableDirs, workDir, rootDir: image.rootDir, packages, memoryBytesMax, fileBytesMax, cpuSecondsMax };
  const own = (walls: Walls) => walls.separateUser && chownSync(workDir, sandboxUser, sandboxUser);
  const key = `${workDir.slice(0, workDir.lastIndexOf("/"))} ${packages}`;
  const known = knownWalls.get(key);
  try {
    if (known !== undefined) {
      own(known);
      const child = new SandboxChild(sandboxCommand(known, needs), image.bytes);
      await child.ready;
      return child;
    }
    const { walls, child } = await probeWalls(image, needs);
    own(walls);
    knownWalls.set(key, walls);
    return child;
  } catch (cause) {
    knownWalls.delete(key);
    throw trouble(kind, "FAILED", { cause });
  }
}

async function feed(input: AsyncIterable<Uint8Array>, child: SandboxChild, exchange: Exchange): Promise<void> {
  try {
    for await (const bytes of input) {
      // Whoever has given up, or has seen enough, takes no more: the rest is not read.
      if (child.dead || exchange.isOver) break;
      await child.write(bytes);
      exchange.beat();
    }
    child.endInput();
  } catch (error) {
    exchange.stop(error);
  }
}
