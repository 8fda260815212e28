/**
 * What goes over the pipe between the server and a sandboxed child, both ways:
 * length of the payload (4 bytes, little endian), type (1 byte), payload.
 */
export const frameType = {
  /** Server to child: JSON `{kind, request}`. */
  task: 1,
  /** Server to child: bytes of the task's input. */
  input: 2,
  /** Server to child: no more input. */
  inputEnd: 3,
  /** Child to server: started, and ready for a task. */
  hello: 10,
  /** Child to server: the answer's JSON head. */
  head: 11,
  /** Child to server: bytes of the answer. */
  body: 12,
  /** Child to server: the answer is complete; JSON figures about it. */
  end: 13,
  /** Child to server: JSON `{code, values, line, column}` in place of an answer. */
  problem: 14,
  /** Child to server: JSON, how far it is. */
  progress: 15,
} as const;

export const frameHeaderBytes = 5;
/** Frames other than body and input are JSON and are held in memory whole. */
export const frameBytesMax = 64 * 1024 * 1024;

export function frame(type: number, payload: Uint8Array | string = ""): Buffer {
  const length = typeof payload === "string" ? Buffer.byteLength(payload) : payload.byteLength;
  const bytes = Buffer.allocUnsafe(frameHeaderBytes + length);
  bytes.writeUInt32LE(length, 0);
  bytes[4] = type;
  if (typeof payload === "string") bytes.write(payload, frameHeaderBytes);
  else bytes.set(payload, frameHeaderBytes);
  return bytes;
}

export function frameHeader(type: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(frameHeaderBytes);
  bytes.writeUInt32LE(length, 0);
  bytes[4] = type;
  return bytes;
}

export interface FrameHandler {
  /** A whole frame that is not a body frame. */
  frame(type: number, payload: Buffer): void;
  /** A piece of a body frame, as it arrives. */
  body(piece: Buffer): void;
}

/** Cuts a stream of bytes into frames. Body frames are passed on piece by piece, not gathered. */
export class FrameReader {
  private readonly handler: FrameHandler;
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** How many bytes must be held before there is anything to do. */
  private bytesNeeded = 0;
  private bodyBytesLeft = 0;

  constructor(handler: FrameHandler) {
    this.handler = handler;
  }

  /** Throws on a frame that the protocol does not know: the child is then not to be trusted any more. */
  push(chunk: Buffer): void {
    this.held.push(chunk);
    this.heldBytes += chunk.length;
    if (this.heldBytes < this.bytesNeeded) return;
    const bytes = this.held.length === 1 ? chunk : Buffer.concat(this.held);
    const at = this.consume(bytes);
    this.held = at === bytes.length ? [] : [bytes.subarray(at)];
    this.heldBytes = bytes.length - at;
  }

  private consume(bytes: Buffer): number {
    let at = 0;
    this.bytesNeeded = 0;
    for (;;) {
      if (this.bodyBytesLeft > 0) {
        const piece = bytes.subarray(at, at + this.bodyBytesLeft);
        if (piece.length === 0) break;
        at += piece.length;
        this.bodyBytesLeft -= piece.length;
        this.handler.body(piece);
        continue;
      }
      if (bytes.length - at < frameHeaderBytes) break;
      const length = bytes.readUInt32LE(at);
      const type = bytes[at + 4]!;
      if (type === frameType.body) {
        at += frameHeaderBytes;
        this.bodyBytesLeft = length;
        continue;
      }
      if (length > frameBytesMax || type < frameType.hello || type > frameType.progress) {
        throw new Error(`the child sent a frame of type ${type} and ${length} bytes`);
      }
      this.bytesNeeded = frameHeaderBytes + length;
      if (bytes.length - at < this.bytesNeeded) break;
      this.bytesNeeded = 0;
      this.handler.frame(type, bytes.subarray(at + frameHeaderBytes, at + frameHeaderBytes + length));
      at += frameHeaderBytes + length;
    }
    return at;
  }
}
