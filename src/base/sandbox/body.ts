/** The bytes of a child's answer, in order, while they arrive. Read it once: by iterating or by `bytes()`. */
export class SandboxBody implements AsyncIterable<Buffer> {
  private pieces: Buffer[] = [];
  private piecesBytes = 0;
  private wake: (() => void) | undefined;
  private state: "open" | "ended" | "failed" = "open";
  private error: unknown;
  private readonly control: BodyControl;
  private readonly ended = Promise.withResolvers<unknown>();

  constructor(control: BodyControl) {
    this.control = control;
    // Whoever does not ask for the figures is told of a failure by the body itself.
    this.ended.promise.catch(() => {});
  }

  /** The child's figures about the complete answer; rejects with the Problem that cut it short. */
  get figures(): Promise<unknown> {
    return this.ended.promise;
  }

  /** The whole body where it is here already, as a small answer is together with its head: nothing is awaited then. */
  takeWhole(): Buffer | null {
    return this.state === "ended" && this.pieces.length === 1 ? this.pieces.pop()! : null;
  }

  /** The whole body. */
  async bytes(): Promise<Buffer> {
    const whole = this.takeWhole();
    if (whole) return whole;
    const all: Buffer[] = [];
    for await (const piece of this) all.push(piece);
    return all.length === 1 ? all[0]! : Buffer.concat(all);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        while (this.pieces.length > 0) {
          const piece = this.pieces.shift()!;
          this.piecesBytes -= piece.length;
          if (this.piecesBytes <= bodyBytesLow) this.control.flow(true);
          yield piece;
        }
        if (this.state === "failed") throw this.error;
        if (this.state === "ended") return;
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    } finally {
      if (this.state === "open") this.control.abandon();
    }
  }

  /** @internal */
  push(piece: Buffer): void {
    this.pieces.push(piece);
    this.piecesBytes += piece.length;
    if (this.piecesBytes >= bodyBytesHigh) this.control.flow(false);
    this.wake?.();
  }

  /** @internal */
  finish(figures: unknown): void {
    this.state = "ended";
    this.ended.resolve(figures);
    this.wake?.();
  }

  /** @internal What has arrived can still be read; then the error comes. */
  fail(error: unknown): void {
    this.state = "failed";
    this.error = error;
    this.ended.reject(error);
    this.wake?.();
  }
}

export interface BodyControl {
  /** false: the reader is slow, let the child wait; true: go on. May be called repeatedly. */
  flow(on: boolean): void;
  /** Nobody wants the rest. */
  abandon(): void;
}

/** How much is held for a slow reader before the child is made to wait. */
const bodyBytesHigh = 4 * 1024 * 1024;
const bodyBytesLow = 1024 * 1024;
