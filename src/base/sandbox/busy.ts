import type { SandboxChild } from "./child.ts";
import { lowerPriority, restorePriority } from "./priority.ts";

interface Worker {
  child: SandboxChild;
  /** Of the task that it does; NaN where it does none. */
  startedMs: number;
  /** Its task has taken long, and runs behind others by now. */
  isBehind: boolean;
}

/** A task that has taken this long runs behind others from then on. */
const longMs = 100;

/** The children at work. Whose task takes long goes behind the others for as long as it lasts. */
export class Busy<W extends Worker> {
  private readonly workers = new Set<W>();
  private readonly onLong: () => void;
  private timer: NodeJS.Timeout | undefined;

  /** `onLong` is called again and again while there is work. */
  constructor(onLong: () => void) {
    this.onLong = onLong;
  }

  get size(): number {
    return this.workers.size;
  }

  add(worker: W): void {
    worker.startedMs = performance.now();
    this.workers.add(worker);
    this.timer ??= setTimeout(() => this.look(), longMs).unref();
  }

  /** Its task is over. A child that cannot be put in front again is ended. */
  remove(worker: W): void {
    this.workers.delete(worker);
    worker.startedMs = NaN;
    if (!worker.isBehind || worker.child.dead) return;
    worker.isBehind = false;
    if (!restorePriority(worker.child.pid!)) worker.child.kill();
  }

  /** Whether a task takes long now. */
  hasLong(): boolean {
    const sinceMs = performance.now() - longMs;
    for (const { startedMs } of this.workers) if (startedMs < sinceMs) return true;
    return false;
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private look(): void {
    this.timer = undefined;
    const sinceMs = performance.now() - longMs;
    for (const worker of this.workers) {
      if (worker.isBehind || worker.startedMs > sinceMs || worker.child.pid === undefined) continue;
      worker.isBehind = lowerPriority(worker.child.pid);
    }
    this.onLong();
    if (this.workers.size > 0) this.timer = setTimeout(() => this.look(), longMs).unref();
  }
}
