import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";

import { filterDescriptor } from "./command.ts";
import type { SandboxCommand } from "./command.ts";
import { frame, frameHeader, FrameReader, frameType } from "./frames.ts";

/** What the server hears of one task in one child. */
export interface TaskListener {
  head(value: unknown): void;
  body(piece: Buffer): void;
  end(figures: unknown): void;
  problem(told: ToldProblem): void;
  progress?(value: unknown): void;
  /** The child has gone without finishing the task. */
  lost(exit: ChildExit): void;
}

/** A Problem as the child wrote it down, or an unexpected error's text. */
export interface ToldProblem {
  code?: string;
  values?: Record<string, string | number>;
  file?: string;
  line?: number;
  column?: number;
  error?: string;
}

export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of what the child wrote to stderr. */
  stderr: string;
}

const stderrBytesMax = 4000;

/** One sandboxed process. */
export class SandboxChild {
  readonly pid: number | undefined;
  /** Resolves when the child can take a task, rejects when it could not be started. */
  readonly ready: Promise<void>;
  /** Resolves when the process has gone. */
  readonly exited: Promise<ChildExit>;
  private readonly process: ChildProcess;
  private readonly input: Socket;
  private readonly output: Socket;
  private readonly isReady = Promise.withResolvers<void>();
  private readonly hasExited = Promise.withResolvers<ChildExit>();
  private listener: TaskListener | undefined;
  private stderr = "";
  private gone = false;
  private condemned = false;

  constructor(command: SandboxCommand, imageBytes: Buffer) {
    // A session of its own: Ctrl-C in the server's terminal does not reach the child.
    const { file, args, filter } = command;
    this.process = spawn(file, args, { cwd: "/", env: {}, stdio: ["pipe", "pipe", "pipe", ...(filter ? (["pipe"] as const) : [])], detached: true });
    if (filter) this.give(filter);
    this.pid = this.process.pid;
    this.input = this.process.stdin as Socket;
    this.output = this.process.stdout as Socket;
    this.ready = this.isReady.promise;
    this.exited = this.hasExited.promise;
    this.ready.catch(() => {});
    this.listen();
    this.input.write(imageBytes);
  }

  get busy(): boolean {
    return this.listener !== undefined;
  }

  /** Gone, or about to be: takes no more tasks. */
  get dead(): boolean {
    return this.gone || this.condemned;
  }

  /** Gives the child its next task. One at a time. */
  start(task: { kind: string; request: unknown }, listener: TaskListener): void {
    this.listener = listener;
    this.hold(true);
    this.input.write(frame(frameType.task, JSON.stringify(task)));
  }

  /** Streams bytes to the task; resolves when there is room for more. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.gone) return;
    // Not copied into a frame: copies that wait for the pipe grow old, and each 64 MB of them cost a full collection.
    this.input.cork();
    this.input.write(frameHeader(frameType.input, bytes.byteLength));
    const hasRoom = this.input.write(bytes);
    this.input.uncork();
    if (hasRoom) return;
    await Promise.race([new Promise((resolve) => this.input.once("drain", resolve)), this.exited]);
  }

  endInput(): void {
    if (!this.gone) this.input.write(frame(frameType.inputEnd));
  }

  /** Lets the child's answer flow, or makes the child wait. */
  flow(on: boolean): void {
    if (on) this.output.resume();
    else this.output.pause();
  }

  /** Ends the process now. A running SQLite call knows no other way to be stopped. */
  kill(): void {
    this.condemned = true;
    if (this.gone) return;
    this.process.ref();
    this.process.kill("SIGKILL");
  }

  /** Bubblewrap reads the filter to its end, and closes it. */
  private give(filter: Buffer): void {
    const pipe = this.process.stdio[filterDescriptor] as Socket | undefined;
    pipe?.on("error", () => {});
    pipe?.end(filter);
    pipe?.unref();
  }

  private listen(): void {
    const reader = new FrameReader({
      frame: (type, payload) => this.hear(type, payload),
      body: (piece) => this.listener?.body(piece),
    });
    this.output.on("data", (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.stderr += String(error);
        this.kill();
      }
    });
    this.process.stderr!.on("data", (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString()).slice(-stderrBytesMax);
    });
    // The exit tells what there is to tell; a broken pipe only announces it.
    for (const stream of [this.input, this.output, this.process.stderr!]) stream.on("error", () => {});
    this.process.on("error", (error) => this.end({ code: null, signal: null, stderr: error.message }));
    this.process.on("close", (code, signal) => this.end({ code, signal, stderr: this.stderr }));
  }

  private hear(type: number, payload: Buffer): void {
    const value: unknown = JSON.parse(payload.toString());
    const listener = this.listener;
    if (type === frameType.hello) {
      this.process.unref();
      for (const stream of [this.input, this.process.stderr as Socket]) stream.unref();
      this.hold(this.busy);
      this.isReady.resolve();
    } else if (listener === undefined) return;
    else if (type === frameType.head) listener.head(value);
    else if (type === frameType.progress) listener.progress?.(value);
    else {
      this.listener = undefined;
      this.hold(false);
      if (type === frameType.end) listener.end(value);
      else listener.problem(value as ToldProblem);
    }
  }

  private end(exit: ChildExit): void {
    if (this.gone) return;
    this.gone = true;
    this.input.destroy();
    this.output.destroy();
    this.isReady.reject(new Error(`the sandboxed process ended at its start (${exit.code ?? exit.signal}): ${exit.stderr}`));
    this.hasExited.resolve(exit);
    const listener = this.listener;
    this.listener = undefined;
    listener?.lost(exit);
  }

  /** An idle child must not keep the server's process alive; a working one must, and its pipe is enough for that. */
  private hold(on: boolean): void {
    if (on) this.output.ref();
    else this.output.unref();
  }
}
