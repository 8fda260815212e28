import { Problem } from "#src/base/problems/problem.ts";
import type { SandboxBody } from "./body.ts";
import { Busy } from "./busy.ts";
import { SandboxChild } from "./child.ts";
import { sandboxCommand } from "./command.ts";
import type { CommandNeeds, SandboxLevel, Walls } from "./command.ts";
import { ChildGone, Exchange, trouble } from "./exchange.ts";
import { codeImage } from "./image.ts";
import type { CodeImage } from "./image.ts";
import { FairQueue } from "./queue.ts";
import { Usage } from "./usage.ts";
import type { Share } from "./usage.ts";
import { probeWalls } from "./walls.ts";

export interface SandboxOptions {
  /** The path of src/worker.ts. */
  entry: string;
  /** How many children work at once. */
  workersMax: number;
  /**
   * How many children more may work when all of these do: each for a team that has nothing running, the last one for
   * a team whose tasks are short. So nobody's long tasks hold all that there is. Default 0.
   */
  sparesMax?: number;
  /** How many are kept warm when there is nothing to do. */
  workersIdle: number;
  /** An idle child above `workersIdle` is ended after so long. */
  idleMs: number;
  /** What one child may allocate beyond what Node itself takes. */
  memoryBytesMax: number;
  /** The only folders with data that a child sees. Files in them need mode 0644, the folders 0711. */
  readableDirs: string[];
  /** Children load npm packages and native addons (drawing); default false. */
  packages?: boolean;
  /** What a team may have running and waiting; without it, all that there is. */
  shareOf?: (team: string) => Share;
  /** How many tasks may wait; default 256 a worker. One team's are at most three quarters of them. */
  waitingMax?: number;
  /** How long a task waits for a child before it is refused; default 30 s. */
  waitingMs?: number;
  /** A kind of task whose code a new child loads at once. */
  warmKind?: string;
  log?: (event: SandboxEvent) => void;
}

export interface SandboxEvent {
  event: "sandbox.probed" | "sandbox.child-started" | "sandbox.child-lost" | "sandbox.start-failed";
  level?: SandboxLevel;
  separateUser?: boolean;
  filtersCalls?: boolean;
  pid?: number | undefined;
  reason?: string;
}

export interface RunOptions {
  /** Counted from the moment that a child begins. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Teams take turns when there is a queue. */
  team?: string | undefined;
}

export interface SandboxAnswer {
  head: any;
  body: SandboxBody;
}

interface Worker {
  child: SandboxChild;
  idleSinceMs: number;
  /** Of the task that it does; NaN where it does none. */
  startedMs: number;
  /** Its task has taken long, and runs behind others by now. */
  isBehind: boolean;
  /** The files that it answered for most recently, latest first: it may still hold them open. */
  files: string[];
}

interface Ticket {
  kind: string;
  request: unknown;
  options: RunOptions;
  attempts: number;
  resolve(answer: SandboxAnswer): void;
  reject(error: unknown): void;
}

const startFailuresMax = 3;
const filesRemembered = 4;

/** Children that answer one task at a time inside the strongest walls that the machine allows. */
export class SandboxPool {
  private readonly options: SandboxOptions;
  private readonly image: CodeImage;
  private readonly queue = new FairQueue<Ticket>();
  private readonly workers = new Set<Worker>();
  /** The one that worked last is at the end, and is taken first. */
  private readonly idle: Worker[] = [];
  private readonly usage = new Usage();
  private readonly busy = new Busy<Worker>(() => this.grow());
  private readonly leaving = new Set<Promise<unknown>>();
  private readonly starts = new Set<Promise<void>>();
  private starting = 0;
  private startFailures = 0;
  private probing: Promise<void> | undefined;
  private walls: Walls | undefined;
  private reaper: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(options: SandboxOptions) {
    this.options = options;
    this.image = codeImage(options.entry);
  }

  /** The walls in force; "process" until the first child has proved better ones. */
  get level(): SandboxLevel {
    return this.walls?.level ?? "process";
  }

  /** Whether children run as another user than the server. */
  get separateUser(): boolean {
    return this.walls?.separateUser ?? false;
  }

  /** Whether the kernel refuses children the system calls that none of them needs. */
  get filtersCalls(): boolean {
    return this.walls?.filtersCalls ?? false;
  }

  /** For the status page and tests. */
  get counts(): { workers: number; idle: number; waiting: number } {
    return { workers: this.workers.size, idle: this.idle.length, waiting: this.queue.size };
  }

  /**
   * Runs one task in one child. Resolves when the answer's head is there; the body may still be
   * arriving, and fails with a Problem if the task breaks off. Rejects with a Problem: what the task
   * threw, or QUERY_ (for drawing: WORK_) TIMEOUT, MEMORY, CANCELLED, FAILED, QUEUE_FULL, TEAM_FULL.
   */
  run(kind: string, request: unknown, options: RunOptions): Promise<SandboxAnswer> {
    if (this.closed) return Promise.reject(new Problem("SHUTTING_DOWN", { retryAfterSeconds: 5 }));
    if (options.signal?.aborted === true) return Promise.reject(trouble(kind, "CANCELLED"));
    const { promise, resolve, reject } = Promise.withResolvers<SandboxAnswer>();
    const ticket: Ticket = { kind, request, options, attempts: 0, resolve, reject };
    // Whoever waits while a child is idle may not have it.
    const worker = this.idle.length > 0 && this.rankOf(options.team ?? "") !== null ? this.takeIdle(fileOf(request)) : undefined;
    if (worker !== undefined) this.dispatch(worker, ticket);
    else this.enqueue(ticket);
    return promise;
  }

  /** Probes the walls and starts the children that are kept warm. Rejects if no child can be started. */
  async warm(): Promise<void> {
    await this.probe();
    this.grow();
    await Promise.all(this.starts);
  }

  /** Ends every child. Tasks that run or wait are rejected. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.reaper);
    this.busy.close();
    for (let ticket = this.queue.take(); ticket !== undefined; ticket = this.queue.take()) {
      ticket.reject(new Problem("SHUTTING_DOWN", { retryAfterSeconds: 5 }));
    }
    await this.probing?.catch(() => {});
    await Promise.all(this.starts);
    for (const worker of this.workers) worker.child.kill();
    await Promise.all(this.leaving);
  }

  private get needs(): CommandNeeds {
    const { readableDirs, memoryBytesMax, packages = false } = this.options;
    return { readableDirs, memoryBytesMax, packages, rootDir: this.image.rootDir, fileBytesMax: 0 };
  }

  private enqueue(ticket: Ticket): void {
    const { waitingMax = 256 * this.options.workersMax, waitingMs = 30_000 } = this.options;
    const { team = "", signal } = ticket.options;
    if (this.queue.size >= waitingMax) return ticket.reject(queueFull(ticket.kind));
    // Never the whole queue: others are to find a place in it.
    const own = Math.min(this.options.shareOf?.(team).waitingMax ?? Infinity, Math.ceil(waitingMax * 0.75));
    if (this.queue.waiting(team) >= own) return ticket.reject(trouble(ticket.kind, "TEAM_FULL", { values: { max: own, seconds: 5 }, retryAfterSeconds: 5 }));
    const leave = (error: Problem) => {
      if (this.queue.remove(team, ticket)) ticket.reject(error);
    };
    const timer = setTimeout(() => leave(queueFull(ticket.kind)), waitingMs);
    const cancel = () => leave(trouble(ticket.kind, "CANCELLED"));
    signal?.addEventListener("abort", cancel, { once: true });
    const { resolve, reject } = ticket;
    const settled = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
    };
    ticket.resolve = (answer) => (settled(), resolve(answer));
    ticket.reject = (error) => (settled(), reject(error));
    this.queue.add(team, ticket);
    this.grow();
  }

  /** Starts as many children as are wanted and allowed. */
  private grow(): void {
    if (this.closed) return;
    const { workersMax, workersIdle, sparesMax = 0 } = this.options;
    const busy = this.busy.size;
    const spare = busy >= workersMax && busy < workersMax + sparesMax && (this.busy.hasLong() || this.isAnyDue()) ? 1 : 0;
    const wanted = Math.max(Math.min(workersMax, Math.max(workersIdle, busy + this.queue.size)), (busy + spare) * spare);
    if (this.walls === undefined) {
      this.probe().catch(() => {});
      return;
    }
    for (let count = this.workers.size + this.starting; count < wanted; count += 1) {
      const start = this.startWorker().finally(() => this.starts.delete(start));
      this.starts.add(start);
    }
  }

  private probe(): Promise<void> {
    if (this.walls !== undefined) return Promise.resolve();
    this.probing ??= this.probeNow().finally(() => (this.probing = undefined));
    return this.probing;
  }

  private async probeNow(): Promise<void> {
    try {
      const { walls, child, refused } = await probeWalls(this.image, this.needs);
      this.walls = walls;
      this.log({ event: "sandbox.probed", level: walls.level, separateUser: walls.separateUser, filtersCalls: walls.filtersCalls, reason: refused.join("; ") });
      await this.admit(child);
      this.grow();
    } catch (error) {
      this.log({ event: "sandbox.start-failed", reason: (error as Error).message });
      this.refuseAll(error);
      throw error;
    }
  }

  private async startWorker(): Promise<void> {
    this.starting += 1;
    const child = new SandboxChild(sandboxCommand(this.walls!, this.needs), this.image.bytes);
    try {
      await child.ready.finally(() => (this.starting -= 1));
    } catch (error) {
      this.startFailures += 1;
      this.log({ event: "sandbox.start-failed", reason: (error as Error).message });
      if (this.startFailures < startFailuresMax) return void setImmediate(() => this.grow());
      this.startFailures = 0;
      return this.refuseAll(error);
    }
    this.startFailures = 0;
    this.log({ event: "sandbox.child-started", level: this.level, pid: child.pid });
    await this.admit(child);
  }

  private async admit(child: SandboxChild): Promise<void> {
    const worker: Worker = { child, idleSinceMs: performance.now(), startedMs: NaN, isBehind: false, files: [] };
    this.workers.add(worker);
    const leaving = child.exited.then((exit) => {
      this.leaving.delete(leaving);
      this.workers.delete(worker);
      const at = this.idle.indexOf(worker);
      if (at >= 0) this.idle.splice(at, 1);
      this.log({ event: "sandbox.child-lost", pid: child.pid, reason: `${exit.code ?? exit.signal} ${exit.stderr}`.trim() });
      this.grow();
    });
    this.leaving.add(leaving);
    if (this.closed) return child.kill();
    if (this.options.warmKind !== undefined && this.queue.size === 0) {
      const warming = new Exchange(child, { kind: "warm", request: { kind: this.options.warmKind } }, { timeoutMs: 30_000 });
      await warming.answer.catch(() => {});
      if (child.dead) return;
    }
    this.release(worker);
    this.reaper ??= setInterval(() => this.reap(), Math.max(50, this.options.idleMs / 4)).unref();
  }

  /** A child is free: the next in the queue gets it. */
  private release(worker: Worker): void {
    if (worker.child.dead || this.closed) return;
    worker.idleSinceMs = performance.now();
    this.idle.push(worker);
    this.pump();
  }

  /** Gives waiting tasks to idle children, in the order of who is due. */
  private pump(): void {
    while (this.idle.length > 0 && this.queue.size > 0) {
      const ticket = this.queue.take((team) => this.rankOf(team));
      if (ticket === undefined) return;
      this.dispatch(this.takeIdle(fileOf(ticket.request))!, ticket);
    }
    if (this.queue.size > 0) this.grow();
  }

  /** How due a team is, the least first; null where it may have no child now. */
  private rankOf(team: string): number | null {
    const { shareOf, workersMax, sparesMax = 0 } = this.options;
    const running = this.usage.running(team);
    if (shareOf !== undefined && running >= shareOf(team).atOnceMax) return null;
    const nowMs = performance.now();
    if (this.busy.size < workersMax) return this.usage.rank(team, nowMs);
    const left = workersMax + sparesMax - this.busy.size;
    // Who comes back soon may have the last spare child: it is free again before the next one needs it.
    const mayHaveSpare = running === 0 && (left > 1 || (left === 1 && this.usage.isQuick(team)));
    return mayHaveSpare ? this.usage.rank(team, nowMs) : null;
  }

  private isAnyDue(): boolean {
    for (const team of this.queue.teams()) if (this.rankOf(team) !== null) return true;
    return false;
  }

  private takeIdle(file: string | undefined): Worker | undefined {
    if (file !== undefined) {
      const at = this.idle.findLastIndex((worker) => worker.files.includes(file));
      if (at >= 0) return this.idle.splice(at, 1)[0];
    }
    return this.idle.pop();
  }

  private dispatch(worker: Worker, ticket: Ticket): void {
    const file = fileOf(ticket.request);
    if (file !== undefined && worker.files[0] !== file) {
      worker.files = [file, ...worker.files.filter((other) => other !== file)].slice(0, filesRemembered);
    }
    const { kind, request, options } = ticket;
    const { team = "" } = options;
    this.busy.add(worker);
    this.usage.begin(team);
    const exchange = new Exchange(worker.child, { kind, request }, options);
    exchange.done.then(() => this.finish(worker, team));
    exchange.answer.then(ticket.resolve, (error: unknown) => {
      if (!(error instanceof ChildGone)) return ticket.reject(error);
      ticket.attempts += 1;
      if (ticket.attempts > 2 || this.closed) return ticket.reject(trouble(kind, "FAILED", { cause: error }));
      this.enqueue(ticket);
    });
  }

  private finish(worker: Worker, team: string): void {
    this.usage.end(team, { startedMs: worker.startedMs, nowMs: performance.now() });
    this.busy.remove(worker);
    if (worker.child.dead) this.pump();
    else this.release(worker);
  }

  private reap(): void {
    const oldest = performance.now() - this.options.idleMs;
    // One stays ready where long tasks hold others.
    const ready = this.busy.hasLong() ? 1 : 0;
    while (this.workers.size > this.options.workersIdle && this.idle.length > ready && this.idle[0]!.idleSinceMs < oldest) {
      const worker = this.idle.shift()!;
      this.workers.delete(worker);
      worker.child.kill();
    }
  }

  private refuseAll(cause: unknown): void {
    for (let ticket = this.queue.take(); ticket !== undefined; ticket = this.queue.take()) {
      ticket.reject(trouble(ticket.kind, "FAILED", { cause }));
    }
  }

  private log(event: SandboxEvent): void {
    this.options.log?.(event);
  }
}

function queueFull(kind: string): Problem {
  return trouble(kind, "QUEUE_FULL", { values: { seconds: 5 }, retryAfterSeconds: 5 });
}

function fileOf(request: unknown): string | undefined {
  const file = (request as { file?: unknown } | null)?.file;
  return typeof file === "string" ? file : undefined;
}
