import { compact, move, newBlockId, placeFor, resize } from "../reports/definition.ts";
import type { Layout, Moving, ReportBlock, ReportDefinition, Sizing, StoredReport } from "../reports/definition.ts";
import { amend, begin, rebase, redo, step, undo } from "./history.ts";
import type { History } from "./history.ts";
import { merge } from "./merge.ts";
import { Saver } from "./saver.ts";
import type { Known, SaveState, SaverParts } from "./saver.ts";
import { same } from "./same.ts";

export type Panel = "report" | "block";

/** What the page shows. A new object whenever something of it has changed. */
export interface Editing {
  definition: ReportDefinition;
  /** As the server answered last. */
  stored: StoredReport;
  canUndo: boolean;
  canRedo: boolean;
  save: SaveState;
  error: unknown;
  theirs: Known | null;
  /** The id of a block. */
  selected: string | null;
  panel: Panel | null;
  /** While SQL is being written, its block goes on showing the answer to what stood there before. */
  held: { block: string; sql: string } | null;
}

export interface EditorParts extends Pick<SaverParts, "put" | "get" | "isStale" | "isPassing" | "delayMs" | "retryMs"> {
  stored: StoredReport;
  definitionOf(stored: StoredReport): ReportDefinition;
  /** What a report without a title is saved as. */
  untitled: string;
  nowMs(): number;
  onSaved(stored: StoredReport): void;
  /** Another's change came in. */
  onMerged(): void;
}

/** A report while it is edited: its history, what is selected, and its saving. */
export class Editor {
  readonly #parts: EditorParts;
  readonly #saver: Saver;
  readonly #listeners = new Set<() => void>();
  #history: History<ReportDefinition>;
  #stored: StoredReport;
  #place: Pick<Editing, "selected" | "panel" | "held"> = { selected: null, panel: null, held: null };
  #shown: Editing;

  constructor(parts: EditorParts) {
    this.#parts = parts;
    this.#stored = parts.stored;
    const first = readable(parts.definitionOf(parts.stored));
    this.#history = begin(first);
    this.#saver = new Saver({
      ...parts,
      start: { version: parts.stored.version, definition: this.#storable(first) },
      definitionOf: (answer) => this.#storable(readable(parts.definitionOf(answer))),
      onSaved: (answer) => {
        this.#stored = answer;
        parts.onSaved(answer);
      },
      onMerged: (base, theirs) => {
        this.#history = rebase(this.#history, (state) => readable(merge({ base, mine: this.#storable(state), theirs }).definition));
        this.#saver.change(this.#storable(this.#history.now));
        parts.onMerged();
      },
      onChange: () => this.#announce(),
    });
    this.#shown = this.#view();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  readonly get = (): Editing => this.#shown;

  /** A step that can be undone; steps about the same thing that follow quickly are one. */
  edit(change: (definition: ReportDefinition) => ReportDefinition, about: string | null = null): void {
    const next = tidied(change(this.#history.now));
    if (!same(next, this.#history.now)) this.#take(step(this.#history, next, { about, atMs: this.#parts.nowMs() }));
  }

  /** Some properties of a block; one that is undefined is taken away. */
  editBlock(id: string, part: Record<string, unknown>, about = `${id} ${Object.keys(part).join()}`): void {
    this.#editBlocks((blocks) => blocks.map((block) => (block.id === id ? ({ ...block, ...part } as ReportBlock) : block)), about);
  }

  /** As `editBlock`, but as part of the step before: it is undone with it. */
  amendBlock(id: string, part: Record<string, unknown>): void {
    const { now } = this.#history;
    this.#take(amend(this.#history, tidied({ ...now, blocks: now.blocks.map((block) => (block.id === id ? ({ ...block, ...part } as ReportBlock) : block)) })));
  }

  /** Puts a new block where there is room, and selects it. */
  add(kind: ReportBlock["kind"], make: (id: string, layout: Layout) => ReportBlock, about: string | null = null): string {
    const blocks = compact(this.#history.now.blocks);
    const block = make(newBlockId(kind, blocks), placeFor(kind, blocks));
    this.#editBlocks(() => [...blocks, block], about);
    this.select(block.id);
    return block.id;
  }

  duplicate(id: string): string | null {
    const { blocks } = this.#history.now;
    const block = blocks.find((one) => one.id === id);
    if (!block) return null;
    const copy = { ...block, id: newBlockId(block.kind, blocks), layout: { ...block.layout, y: block.layout.y + block.layout.h } };
    this.#editBlocks(() => compact([...blocks, copy], copy.id));
    this.#look({ selected: copy.id, held: null });
    return copy.id;
  }

  remove(id: string): void {
    this.#editBlocks((blocks) => compact(blocks.filter((block) => block.id !== id)));
  }

  /** False where it cannot go. */
  move(id: string, to: Moving): boolean {
    return this.#arrange(move(compact(this.#history.now.blocks), id, to), `${id} move`);
  }

  resize(id: string, to: Sizing): boolean {
    return this.#arrange(resize(compact(this.#history.now.blocks), id, to), `${id} resize`);
  }

  /** At least so many rows high; as part of the step before, as when a text has got longer. */
  grow(id: string, rows: number): void {
    const { now } = this.#history;
    const block = now.blocks.find((one) => one.id === id);
    if (!block || block.layout.h >= rows) return;
    const blocks = compact(now.blocks.map((one) => (one.id === id ? { ...one, layout: { ...one.layout, h: Math.min(60, rows) } } : one)), id);
    this.#take(amend(this.#history, { ...now, blocks }));
  }

  /** As the mouse left them. */
  arrange(layouts: ReadonlyMap<string, Layout>): void {
    this.#editBlocks((blocks) => blocks.map((block) => ({ ...block, layout: layouts.get(block.id) ?? block.layout })));
  }

  select(id: string | null, panel: Panel | null = id === null ? null : "block"): void {
    if (this.#shown.selected !== id || this.#shown.panel !== panel) this.#look({ selected: id, panel, held: null });
  }

  show(panel: Panel | null): void {
    this.#look({ panel, held: null });
  }

  writeSql(id: string, sql: string): void {
    const block = this.#history.now.blocks.find((one) => one.id === id);
    if (!block || !("sql" in block) || block.sql === sql) return;
    if (this.#place.held?.block !== id) this.#place = { ...this.#place, held: { block: id, sql: block.sql } };
    // Edited as SQL, it is no question made by choices any more.
    this.editBlock(id, { sql, question: undefined });
  }

  /** Shows the answer to the SQL as it stands. */
  run(): void {
    if (this.#place.held) this.#look({ held: null });
  }

  undo(): void {
    this.#place = { ...this.#place, held: null };
    this.#take(undo(this.#history));
  }

  redo(): void {
    this.#place = { ...this.#place, held: null };
    this.#take(redo(this.#history));
  }

  /** Another state of the whole report, as a step that can be undone. */
  replace(definition: ReportDefinition): void {
    this.#place = { ...this.#place, held: null };
    this.edit(() => readable(definition));
  }

  flush(options?: { isStep?: boolean; isLast?: boolean }): Promise<boolean> {
    return this.#saver.flush(options);
  }

  keepMine(): Promise<boolean> {
    return this.#saver.keepMine();
  }

  async takeTheirs(): Promise<void> {
    this.replace(await this.#saver.takeTheirs());
  }

  /** What the server knows beside the definition has changed: its publication. */
  setStored(answer: StoredReport): void {
    this.#stored = answer;
    this.#announce();
  }

  /** What would be lost with the page; null when everything is saved. */
  unsaved(): { base: Known; definition: ReportDefinition } | null {
    return same(this.#storable(this.#history.now), this.#saver.known.definition) ? null : { base: this.#saver.known, definition: this.#history.now };
  }

  stop(): void {
    this.#saver.stop();
  }

  #storable(definition: ReportDefinition): ReportDefinition {
    return storable(definition, this.#parts.untitled);
  }

  #editBlocks(change: (blocks: ReportBlock[]) => ReportBlock[], about: string | null = null): void {
    this.edit((definition) => ({ ...definition, blocks: change(definition.blocks) }), about);
  }

  #arrange(blocks: ReportBlock[] | null, about: string): boolean {
    if (blocks) this.#editBlocks(() => blocks, about);
    return blocks !== null;
  }

  #take(next: History<ReportDefinition>): void {
    if (next === this.#history) return;
    this.#history = next;
    this.#saver.change(this.#storable(next.now));
    this.#announce();
  }

  #look(part: Partial<Pick<Editing, "selected" | "panel" | "held">>): void {
    this.#place = { ...this.#place, ...part };
    this.#announce();
  }

  #view(): Editing {
    const { now, past, future } = this.#history;
    const { state, error, theirs } = this.#saver;
    const selected = now.blocks.some(({ id }) => id === this.#place.selected) ? this.#place.selected : null;
    const panel = this.#place.panel === "block" && selected === null ? null : this.#place.panel;
    return { definition: now, stored: this.#stored, canUndo: past.length > 0, canRedo: future.length > 0, save: state, error, theirs, selected, panel, held: this.#place.held };
  }

  #announce(): void {
    this.#shown = this.#view();
    for (const listener of this.#listeners) listener();
  }
}

/** As the server takes it: a title it always needs, and a question too, be it only a space. */
function storable(definition: ReportDefinition, untitled: string): ReportDefinition {
  const blocks = definition.blocks.map((block) => ("sql" in block && block.sql.trim() === "" ? { ...block, sql: " " } : block));
  return { ...definition, title: definition.title.trim() === "" ? untitled : definition.title, blocks };
}

function readable(definition: ReportDefinition): ReportDefinition {
  return { ...definition, blocks: definition.blocks.map((block) => ("sql" in block && block.sql.trim() === "" ? { ...block, sql: "" } : block)) };
}

/** Without the properties that say nothing, so that a text written and taken away again leaves no change. */
function tidied(definition: ReportDefinition): ReportDefinition {
  const optional = new Set<string>(["title", "description"]);
  const clean = <T extends object>(value: T, keep?: string): T =>
    Object.fromEntries(Object.entries(value).filter(([name, one]) => one !== undefined && !(one === "" && optional.has(name) && name !== keep))) as T;
  const { tags, ...rest } = definition;
  return { ...clean(rest as ReportDefinition, "title"), ...(tags && tags.length > 0 ? { tags } : {}), blocks: definition.blocks.map((block) => clean(block)) };
}
