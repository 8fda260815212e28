import { Frontier } from "./merkle.ts";

/** Why a log is not what it was. `event` is the first one that does not fit, where one can be named. */
export interface Trouble {
  kind: "altered" | "deleted" | "inserted" | "reordered" | "checkpoint";
  /** Its place in the tree, from 0; null for an event that has none. */
  position: number | null;
  event: string | null;
  reason: string;
}

export interface KnownRoot {
  size: number;
  root: Buffer;
  /** For the reader: whose word this is. */
  from: string;
}

/** Goes through the leaves of a tree in their order and holds each root that is known on the way against them. */
export class Walk {
  readonly frontier: Frontier;
  readonly #known: Iterator<KnownRoot>;
  #next: KnownRoot | undefined;
  /** The first leaf after the newest root that was right. */
  #doubtful: { position: number; event: string } | null = null;
  checkpoints = 0;

  /** `known` in the order of their sizes; `frontier` where the walk does not begin at the first leaf. */
  constructor(known: Iterable<KnownRoot>, frontier = new Frontier()) {
    this.frontier = frontier;
    this.#known = known[Symbol.iterator]();
    this.#advance();
    // A walk that begins later begins at what is known.
    if (frontier.size > 0) this.#hold();
  }

  #advance(): void {
    this.#next = this.#known.next().value as KnownRoot | undefined;
  }

  add({ event, hash }: { event: string; hash: Buffer }): Trouble | null {
    this.#doubtful ??= { position: this.frontier.size, event };
    this.frontier.push(hash);
    return this.#hold();
  }

  #hold(): Trouble | null {
    for (let known = this.#next; known && known.size <= this.frontier.size; known = this.#next) {
      if (known.size !== this.frontier.size || !known.root.equals(this.frontier.root())) return this.#wrong(known);
      this.checkpoints += 1;
      this.#doubtful = null;
      this.#advance();
    }
    return null;
  }

  #wrong({ from }: KnownRoot): Trouble {
    const { position, event } = this.#doubtful ?? { position: null, event: null };
    const last = this.frontier.size - 1;
    const which = position === last ? "This event is" : `One or more of the events at ${position} to ${last} are`;
    return { kind: "altered", position, event, reason: `${which} not what ${from} says: altered together with the hash, put in another's place, or left out` };
  }

  /** At the end of the leaves. */
  end(): Trouble | null {
    if (this.#next) {
      const missing = this.#next.size - this.frontier.size;
      return { kind: "deleted", position: this.frontier.size, event: null, reason: `The newest events are missing, at least ${missing}: ${this.#next.from} counts ${this.#next.size}, here are ${this.frontier.size}` };
    }
    if (this.#doubtful) return { kind: "inserted", ...this.#doubtful, reason: "No signed checkpoint covers this event and those after it" };
    return null;
  }
}
