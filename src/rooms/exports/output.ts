import type { TaskOutput } from "#src/base/sandbox/channel.ts";
import { Problem } from "#src/base/problems/problem.ts";

const pieceCharacters = 64 * 1024;

/**
 * Text or bytes on their way out. The answer's head leaves with the first of them: until then a failure is a clear answer, and
 * after it the answer breaks off, so that a part is never taken for the whole. Writing waits for the reader.
 */
export class Output {
  private readonly output: TaskOutput;
  private readonly bytesMax: number;
  private text = "";
  private bytes = 0;
  private begun = false;

  constructor(output: TaskOutput, bytesMax: number) {
    this.output = output;
    this.bytesMax = bytesMax;
  }

  write(text: string): void {
    this.text += text;
    if (this.text.length >= pieceCharacters) this.flush();
  }

  writeBytes(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.bytes += bytes.byteLength;
    if (this.bytes > this.bytesMax) throw new Problem("EXPORT_TOO_LARGE", { values: { bytesMax: this.bytesMax } });
    this.begin();
    this.output.body(bytes);
  }

  finish(rowCount: number): void {
    this.flush();
    this.begin();
    this.output.end({ rowCount, sizeBytes: this.bytes });
  }

  private begin(): void {
    if (!this.begun) this.output.head({});
    this.begun = true;
  }

  private flush(): void {
    // Half of a surrogate pair cannot stand at the end: texts are written whole.
    const text = this.text;
    this.text = "";
    this.writeBytes(Buffer.from(text));
  }
}
