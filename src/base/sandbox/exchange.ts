import { Problem } from "#src/base/problems/problem.ts";
import type { ProblemOptions } from "#src/base/problems/problem.ts";
import { problems } from "#src/base/problems/registry.ts";
import type { ProblemCode } from "#src/base/problems/registry.ts";
import { SandboxBody } from "./body.ts";
import type { ChildExit, SandboxChild, ToldProblem } from "./child.ts";

export interface ExchangeOptions {
  /** The child is killed when the task has not ended by then. Time that it waits for a slow reader does not count. */
  timeoutMs?: number;
  /** The child is killed when nothing has been heard from it, or fed to it, for so long. */
  idleTimeoutMs?: number;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: unknown) => void) | undefined;
}

/** A child that ended by itself between two tasks; the task was not begun and can go to another child. */
export class ChildGone extends Error {}

/** What went wrong around a task, told in the words of queries or of other work. */
type Trouble = "TIMEOUT" | "MEMORY" | "CANCELLED" | "FAILED" | "QUEUE_FULL" | "TEAM_FULL";

export function trouble(kind: string, what: Trouble, options: ProblemOptions = {}): Problem {
  const code: ProblemCode = /^(query|query-columnar|describe)$/.test(kind) ? `QUERY_${what}` : `WORK_${what}`;
  return new Problem(code, options);
}

/** How long a reader may take nothing before its task is given up. */
const stallMs = 20_000;

/** One task in one child, from its start to its last byte. */
export class Exchange {
  /** Resolves with the head and the (perhaps still arriving) body; rejects with a Problem or ChildGone. */
  readonly answer: Promise<{ head: any; body: SandboxBody }>;
  /** Resolves when the child is free again or lost. Never rejects. */
  readonly done: Promise<void>;
  private readonly finished = Promise.withResolvers<void>();
  private readonly told = Promise.withResolvers<{ head: any; body: SandboxBody }>();
  private readonly body: SandboxBody;
  private readonly child: SandboxChild;
  private readonly kind: string;
  private readonly options: ExchangeOptions;
  private over = false;
  private answered = false;
  private flowing = true;
  private timer: NodeJS.Timeout | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private timerEndsMs = 0;
  private timeLeftMs: number;

  constructor(child: SandboxChild, task: { kind: string; request: unknown }, options: ExchangeOptions) {
    this.child = child;
    this.kind = task.kind;
    this.options = options;
    this.answer = this.told.promise;
    this.done = this.finished.promise;
    this.timeLeftMs = options.timeoutMs ?? Infinity;
    this.body = new SandboxBody({ flow: (on) => this.flow(on), abandon: () => this.cancel() });
    options.signal?.addEventListener("abort", this.cancel, { once: true });
    child.start(task, {
      head: (head) => this.hearHead(head),
      body: (piece) => {
        this.beat();
        this.body.push(piece);
      },
      end: (figures) => this.close(() => this.body.finish(figures)),
      problem: (problem) => this.fail(decodeProblem(this.kind, problem)),
      progress: (progress) => {
        this.beat();
        options.onProgress?.(progress);
      },
      lost: (exit) => this.lose(exit),
    });
    this.runTimer(this.timeLeftMs);
    this.beat();
    if (options.signal?.aborted === true) this.cancel();
  }

  get isOver(): boolean {
    return this.over;
  }

  /** The task is alive: starts the idle time anew. */
  beat(): void {
    const { idleTimeoutMs } = this.options;
    if (idleTimeoutMs === undefined || this.over) return;
    if (this.idleTimer !== undefined) this.idleTimer.refresh();
    else this.idleTimer = setTimeout(() => this.expire(idleTimeoutMs), idleTimeoutMs);
  }

  /** Ends the task from outside with its own Problem, for example because its input broke off. */
  stop(problem: unknown): void {
    this.child.kill();
    this.fail(problem);
  }

  private readonly cancel = (): void => this.stop(trouble(this.kind, "CANCELLED"));

  private expire(ms: number): void {
    this.stop(trouble(this.kind, "TIMEOUT", { values: { seconds: Math.round(ms / 100) / 10 } }));
  }

  private runTimer(ms: number): void {
    clearTimeout(this.timer);
    if (ms === Infinity) return;
    this.timerEndsMs = performance.now() + ms;
    this.timer = setTimeout(() => this.expire(this.options.timeoutMs!), ms);
  }

  /** A slow reader pauses the child, and with it the deadline; it has a time limit of its own. */
  private flow(on: boolean): void {
    if (this.over || on === this.flowing) return;
    this.flowing = on;
    this.child.flow(on);
    if (on) return this.runTimer(this.timeLeftMs);
    if (this.timeLeftMs !== Infinity) this.timeLeftMs = Math.max(1, this.timerEndsMs - performance.now());
    clearTimeout(this.timer);
    this.timer = setTimeout(this.cancel, stallMs);
  }

  private hearHead(head: unknown): void {
    this.answered = true;
    this.beat();
    this.told.resolve({ head, body: this.body });
  }

  private lose(exit: ChildExit): void {
    if (!this.answered && exit.code === 0) return this.fail(new ChildGone("the child ended before the task"));
    const outOfMemory = /heap out of memory|bad_alloc|allocation failed|Out of memory|ENOMEM/i.test(exit.stderr);
    const cause = new Error(`exit ${exit.code ?? exit.signal}: ${exit.stderr}`);
    if (exit.signal === "SIGXCPU") return this.fail(trouble(this.kind, "TIMEOUT", { cause }));
    this.fail(trouble(this.kind, outOfMemory ? "MEMORY" : "FAILED", { cause }));
  }

  private fail(error: unknown): void {
    this.close(() => {
      if (this.answered) this.body.fail(error);
      else this.told.reject(error);
    });
  }

  private close(tell: () => void): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    clearTimeout(this.idleTimer);
    this.options.signal?.removeEventListener("abort", this.cancel);
    // The next task's answer must be heard even if this one's reader was slow.
    if (!this.flowing) this.child.flow(true);
    tell();
    if (!this.answered) this.told.resolve({ head: null, body: this.body });
    this.finished.resolve();
  }
}

function decodeProblem(kind: string, told: ToldProblem): Problem {
  if (told.code === undefined || !Object.hasOwn(problems, told.code)) {
    return trouble(kind, "FAILED", { cause: new Error(told.error ?? `unknown code ${told.code}`) });
  }
  const { values, file, line, column } = told;
  return new Problem(told.code as ProblemCode, { values, file, line, column });
}
