import type { ReportDefinition, StoredReport } from "../reports/definition.ts";
import { merge } from "./merge.ts";
import { same } from "./same.ts";

export type SaveState = "saved" | "changed" | "saving" | "conflict" | "failed";

/** What the server has, as far as we know. */
export interface Known {
  version: number;
  definition: ReportDefinition;
}

export interface PutOptions {
  definition: ReportDefinition;
  /** The version that it was made from. */
  expected: number;
  /** One of many small savings, which the server may keep as one version. */
  isStep: boolean;
  /** The page is about to go: the request must outlive it. */
  isLast: boolean;
}

export interface SaverParts {
  start: Known;
  put(options: PutOptions): Promise<StoredReport>;
  get(): Promise<StoredReport>;
  definitionOf(stored: StoredReport): ReportDefinition;
  /** Whether the error says that someone else has saved meanwhile. */
  isStale(error: unknown): boolean;
  /** Whether the same request may succeed later: the network, a busy server. */
  isPassing(error: unknown): boolean;
  /** Another's change that goes well with ours: both belong into what is edited. */
  onMerged(base: ReportDefinition, theirs: ReportDefinition): void;
  onSaved(stored: StoredReport): void;
  onChange(): void;
  delayMs: number;
  retryMs: number;
}

const mergesMax = 5;

/** Saves a report while it is edited, one request at a time. Knows nothing of the page. */
export class Saver {
  readonly #parts: SaverParts;
  #known: Known;
  #wanted: ReportDefinition;
  #theirs: Known | null = null;
  #state: SaveState = "saved";
  #error: unknown = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;

  constructor(parts: SaverParts) {
    this.#parts = parts;
    this.#known = parts.start;
    this.#wanted = parts.start.definition;
  }

  get state(): SaveState { return this.#state; }
  get error(): unknown { return this.#error; }
  get known(): Known { return this.#known; }
  /** Of a conflict: what the other has saved. */
  get theirs(): Known | null { return this.#theirs; }

  /** What is edited now; saved after a while without further changes. */
  change(definition: ReportDefinition): void {
    this.#wanted = definition;
    if (this.#state === "conflict") return;
    if (this.#running) return this.#later(this.#parts.delayMs);
    if (same(this.#wanted, this.#known.definition)) {
      clearTimeout(this.#timer);
      if (this.#state !== "saved") this.#turn("saved");
      return;
    }
    if (this.#state !== "changed") this.#turn("changed");
    this.#later(this.#parts.delayMs);
  }

  /** Saves at once; true when nothing is left to save. */
  async flush({ isStep = true, isLast = false } = {}): Promise<boolean> {
    clearTimeout(this.#timer);
    while (this.#running) await this.#running;
    if (this.#state === "conflict") return false;
    if (same(this.#wanted, this.#known.definition)) {
      if (this.#state !== "saved") this.#turn("saved");
      return true;
    }
    this.#running = this.#save({ isStep, isLast })
      .catch((error: unknown) => {
        this.#turn("failed", error);
        if (this.#parts.isPassing(error)) this.#later(this.#parts.retryMs);
      })
      .finally(() => { this.#running = null; });
    await this.#running;
    return this.state === "saved";
  }

  /** Ends a conflict: ours is saved over theirs, which stays among the versions. */
  async keepMine(): Promise<boolean> {
    if (this.#theirs) this.#known = this.#theirs;
    this.#theirs = null;
    this.#turn("changed");
    return await this.flush({ isStep: false });
  }

  /** Ends a conflict: ours is kept as a version, theirs is the current one again. Resolves to theirs. */
  async takeTheirs(): Promise<ReportDefinition> {
    const { put, get, definitionOf, onSaved } = this.#parts;
    if (!this.#theirs) return this.#wanted;
    const { version, definition } = this.#theirs;
    // What the server refuses to keep as a version must not keep anyone from going on.
    const mine = await put({ definition: this.#wanted, expected: version, isStep: false, isLast: false }).catch(() => null);
    const stored = mine ? await put({ definition, expected: mine.version, isStep: false, isLast: false }) : await get();
    this.#known = { version: stored.version, definition: definitionOf(stored) };
    this.#wanted = this.#known.definition;
    this.#theirs = null;
    onSaved(stored);
    this.#turn("saved");
    return this.#wanted;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #save({ isStep, isLast }: { isStep: boolean; isLast: boolean }): Promise<void> {
    const { put, onSaved, isStale, delayMs } = this.#parts;
    this.#turn("saving");
    for (let merges = 0; ; merges += 1) {
      const sent = this.#wanted;
      try {
        const stored = await put({ definition: sent, expected: this.#known.version, isStep, isLast });
        this.#known = { version: stored.version, definition: sent };
        onSaved(stored);
        break;
      } catch (error) {
        if (!isStale(error) || merges >= mergesMax) throw error;
        if (!(await this.#meet(sent))) return;
        if (same(this.#known.definition, this.#wanted)) break;
      }
    }
    if (same(this.#wanted, this.#known.definition)) return this.#turn("saved");
    this.#turn("changed");
    this.#later(delayMs);
  }

  /** Someone has saved meanwhile: false when it takes a person to decide. */
  async #meet(sent: ReportDefinition): Promise<boolean> {
    const { get, definitionOf, onSaved, onMerged } = this.#parts;
    const stored = await get();
    const their: Known = { version: stored.version, definition: definitionOf(stored) };
    // It was ourselves: our request had arrived, and only its answer was lost.
    if (same(their.definition, sent)) {
      this.#known = their;
      onSaved(stored);
      return true;
    }
    const base = this.#known.definition;
    const merged = merge({ base, mine: this.#wanted, theirs: their.definition });
    if (merged.clashes) {
      this.#theirs = their;
      this.#turn("conflict");
      return false;
    }
    this.#known = their;
    this.#wanted = merged.definition;
    onMerged(base, their.definition);
    return true;
  }

  #turn(next: SaveState, error: unknown = null): void {
    this.#state = next;
    this.#error = error;
    this.#parts.onChange();
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), ms);
  }
}
