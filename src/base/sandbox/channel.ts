import { readSync, writevSync } from "node:fs";

import { Problem } from "#src/base/problems/problem.ts";
import { frame, frameBytesMax, frameHeader, frameHeaderBytes, frameType } from "./frames.ts";

/*
 * The child's side of the pipe. It blocks: a child does one thing at a time, a full pipe is then
 * all the backpressure that is needed, and no stream machinery is loaded.
 */

/** Where a task puts its answer. Small answers leave in one write. */
export interface TaskOutput {
  head(value: unknown): void;
  body(bytes: Uint8Array): void;
  /** Figures about the answer, when it is complete. */
  end(figures?: unknown): void;
  progress(value: unknown): void;
}

export interface Task {
  kind: string;
  request: unknown;
}

export class Channel implements TaskOutput {
  private bytes: Buffer = Buffer.allocUnsafe(64 * 1024);
  private from = 0;
  private to = 0;
  private parts: Uint8Array[] = [];
  private partsBytes = 0;

  hello(): void {
    this.add(frame(frameType.hello, JSON.stringify({ pid: process.pid })));
    this.flush();
  }

  /** The next task, or undefined when the server has gone or wants no more. */
  nextTask(): Task | undefined {
    for (;;) {
      const next = this.read();
      if (next === undefined) return undefined;
      // Input left over from a task that did not want all of it.
      if (next.type === frameType.input || next.type === frameType.inputEnd) continue;
      return JSON.parse(next.payload.toString()) as Task;
    }
  }

  /** The bytes that the server streams to the task. */
  async *input(): AsyncIterable<Buffer> {
    for (;;) {
      const next = this.read();
      if (next === undefined) process.exit(0);
      if (next.type === frameType.inputEnd) return;
      // The buffer is read into again: what is handed out must be the taker's own.
      if (next.type === frameType.input) yield Buffer.from(next.payload);
    }
  }

  head(value: unknown): void {
    this.add(frame(frameType.head, JSON.stringify(value ?? null)));
  }

  body(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.add(frameHeader(frameType.body, bytes.byteLength));
    this.add(bytes);
    if (this.partsBytes > 192 * 1024) this.flush();
  }

  end(figures?: unknown): void {
    this.add(frame(frameType.end, JSON.stringify(figures ?? null)));
    this.flush();
  }

  /** A whole answer at once. */
  answer(head: unknown, body?: Uint8Array): void {
    this.head(head);
    if (body !== undefined) this.body(body);
    this.end();
  }

  progress(value: unknown): void {
    this.add(frame(frameType.progress, JSON.stringify(value ?? null)));
    this.flush();
  }

  problem(error: unknown): void {
    const told =
      error instanceof Problem
        ? { code: error.code, ...error.options, cause: undefined }
        : { error: String((error as Error)?.stack ?? error).slice(0, 4000) };
    this.add(frame(frameType.problem, JSON.stringify(told)));
    this.flush();
  }

  private add(part: Uint8Array): void {
    this.parts.push(part);
    this.partsBytes += part.byteLength;
  }

  private flush(): void {
    let parts = this.parts;
    this.parts = [];
    this.partsBytes = 0;
    while (parts.length > 0) {
      let written = writev(parts);
      let first = 0;
      while (first < parts.length && written >= parts[first]!.byteLength) written -= parts[first++]!.byteLength;
      parts = parts.slice(first);
      if (parts.length > 0 && written > 0) parts[0] = parts[0]!.subarray(written);
    }
  }

  private read(): { type: number; payload: Buffer } | undefined {
    if (!this.fill(frameHeaderBytes)) return undefined;
    const length = this.bytes.readUInt32LE(this.from);
    const type = this.bytes[this.from + 4]!;
    if (length > frameBytesMax) throw new Error(`a frame of ${length} bytes`);
    if (!this.fill(frameHeaderBytes + length)) return undefined;
    const payload = this.bytes.subarray(this.from + frameHeaderBytes, this.from + frameHeaderBytes + length);
    this.from += frameHeaderBytes + length;
    return { type, payload };
  }

  /** Reads until `count` bytes are at hand; false at the end of the pipe. */
  private fill(count: number): boolean {
    if (this.from === this.to) this.from = this.to = 0;
    if (this.from + count > this.bytes.length) {
      const roomier = count > this.bytes.length ? Buffer.allocUnsafe(count) : this.bytes;
      this.bytes.copy(roomier, 0, this.from, this.to);
      this.to -= this.from;
      this.from = 0;
      this.bytes = roomier;
    }
    while (this.to - this.from < count) {
      const got = read(this.bytes, this.to);
      if (got === 0) return false;
      this.to += got;
    }
    return true;
  }
}

function read(into: Buffer, at: number): number {
  return blocking(() => readSync(0, into, at, into.length - at, null));
}

function writev(parts: Uint8Array[]): number {
  return blocking(() => writevSync(1, parts.slice(0, 512)));
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** The pipe blocks; should something have made it not block, waits for it in small steps. */
function blocking(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EPIPE" || code === "ECONNRESET" || code === "EOF") process.exit(0);
      if (code !== "EAGAIN" && code !== "EINTR") throw error;
      if (code === "EAGAIN") Atomics.wait(pause, 0, 0, 1);
    }
  }
}
