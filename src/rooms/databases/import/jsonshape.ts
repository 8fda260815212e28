import { refuse } from "./refuse.ts";

/** A place in the rows' objects: the row itself, or what stands under a key of another node. */
export class Node {
  /** As it stands in the text between quotation marks, where nothing is escaped. */
  readonly key: Buffer;
  readonly name: string;
  readonly depth: number;
  /** The column that holds its values; negative before there is one. */
  column = -1;
  /** Objects here are kept as JSON, as lists always are, instead of becoming a column a key. */
  isKept: boolean;
  /** Was null; a column only if nothing else comes. */
  wasNull = false;
  /** The reading that met it last: twice in the same is twice in one object. */
  stamp = 0;
  first: Node | null = null;
  /** The one that was first seen after it, and so is expected next. */
  next: Node | null = null;
  readonly children = new Map<string, Node>();
  #last: Node | null = null;

  constructor(options: { key: string; name: string; depth: number }) {
    // A key that is written with escapes is never compared by its bytes: no text has this one.
    this.key = /["\\\p{Cc}]/u.test(options.key) ? Buffer.from([0xff]) : Buffer.from(options.key);
    this.name = options.name;
    this.depth = options.depth;
    this.isKept = options.depth > flattenedDepthMax;
  }

  add(key: string, child: Node): void {
    this.children.set(key, child);
    if (this.#last) this.#last.next = child;
    else this.first = child;
    this.#last = child;
  }
}

// Deeper objects are kept as JSON.
const flattenedDepthMax = 4;
// An object that has so many keys, each of them rarely, is a list of things by their names.
const keysForListMin = 30;
const keysForListShare = 0.2;
const nodesPerColumnMax = 4;

interface Seen {
  /** Objects at this place, and keys in them. */
  objects: number;
  keys: number;
  isValue: boolean;
}

/** What the rows of a table look like, and which column holds what. */
export class Shape {
  /** A row. A plain value in its place is in its own column. */
  readonly root = new Node({ key: "", name: "", depth: 0 });
  /** The names of the columns as they came. */
  readonly names: string[] = [];
  /** Columns of values that stood in an object of the row. */
  nested = 0;
  /** Names of columns with lists and objects kept as JSON. */
  readonly kept = new Set<string>();
  readonly #columnsMax: number;
  readonly #onColumn: () => void;
  readonly #items: Node[] = [];
  #nodes = 1;

  constructor(options: { columnsMax: number; onColumn(): void }) {
    this.#columnsMax = options.columnsMax;
    this.#onColumn = options.onColumn;
  }

  /** The place under a key of an object. */
  child(parent: Node, key: string, line: number): Node {
    const known = parent.children.get(key);
    if (known) return known;
    if (++this.#nodes > this.#columnsMax * nodesPerColumnMax) throw refuse("FILE_COLUMNS_TOO_MANY", { columns: this.#nodes, columnsMax: this.#columnsMax, line });
    const child = new Node({ key, name: parent.depth === 0 ? key : `${parent.name}.${key}`, depth: parent.depth + 1 });
    parent.add(key, child);
    return child;
  }

  /** The place of an item of a row that is a list. */
  item(i: number, line: number): Node {
    return (this.#items[i] ??= this.child(this.root, `column_${i + 1}`, line));
  }

  /** Gives a place the next column. */
  column(node: Node, line: number): number {
    if (this.names.length >= this.#columnsMax) throw refuse("FILE_COLUMNS_TOO_MANY", { columns: this.names.length + 1, columnsMax: this.#columnsMax, line });
    if (node.depth > 1) this.nested++;
    this.names.push(node === this.root ? "value" : node.name);
    node.column = this.names.length - 1;
    this.#onColumn();
    return node.column;
  }

  /** Columns in the order in which the sample's rows have them, whatever their first row leaves out. */
  learn(rows: readonly unknown[], line: number): void {
    const seen = new Map<Node, Seen>();
    for (const row of rows) this.#look(this.root, row, { seen, line });
    this.#assign(this.root, { seen, line });
  }

  /** Columns for what was never anything but null, and one at least. */
  complete(): void {
    this.#complete(this.root);
    if (this.names.length === 0) this.column(this.root, 1);
  }

  #complete(node: Node): void {
    if (node.wasNull && node.column < 0 && node.first === null && node !== this.root) this.column(node, 1);
    if (node.isKept) return;
    for (let child = node.first; child; child = child.next) this.#complete(child);
  }

  #look(node: Node, value: unknown, learning: { seen: Map<Node, Seen>; line: number }): void {
    const { seen, line } = learning;
    let about = seen.get(node);
    if (!about) seen.set(node, (about = { objects: 0, keys: 0, isValue: false }));
    if (value === null) node.wasNull = true;
    else if (Array.isArray(value) && node === this.root) value.forEach((item, i) => this.#look(this.item(i, line), item, learning));
    else if (typeof value !== "object" || Array.isArray(value) || node.isKept) about.isValue = true;
    else {
      about.objects++;
      for (const [key, inner] of Object.entries(value as object)) {
        about.keys++;
        this.#look(this.child(node, key, line), inner, learning);
      }
    }
  }

  #assign(node: Node, learning: { seen: Map<Node, Seen>; line: number }): void {
    const { seen, line } = learning;
    const about = seen.get(node);
    if (!about) return;
    const keys = node.children.size;
    if (node.depth > 0 && keys > keysForListMin && about.keys < keys * about.objects * keysForListShare) node.isKept = true;
    if (about.isValue || node.isKept) this.column(node, line);
    else if (node.wasNull && node.first === null && node !== this.root) this.column(node, line);
    if (node.isKept) return;
    for (let child = node.first; child; child = child.next) this.#assign(child, learning);
  }
}
