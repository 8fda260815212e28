import { readFileSync, writeFileSync } from "node:fs";

import { serve } from "./serve.ts";

/* A child's program for the tests of the sandbox itself. */
await serve(async (kind, channel) => {
  const answer = (make: (request: any) => unknown) => (request: unknown) => channel.answer(make(request));
  switch (kind) {
    case "probe":
      return () => channel.answer(null);
    case "echo":
      return answer((request) => request);
    case "pid":
      return answer(() => process.pid);
    case "user":
      return answer(() => ({ uid: process.getuid?.(), variables: Object.keys(process.env) }));
    case "read":
      return answer((path) => attempt(() => readFileSync(path, "utf8")));
    case "write":
      return answer(({ path, bytes }) => attempt(() => writeFileSync(path, Buffer.alloc(bytes))));
    case "spin":
      return () => {
        for (;;) performance.now();
      };
    case "leave":
      return () => process.exit(0);
    case "crash":
      return () => process.abort();
    case "throw":
      return () => {
        throw new Error("on purpose");
      };
    case "hog":
      return () => {
        for (const held: unknown[] = []; ; ) held.push(Buffer.alloc(16 * 1024 * 1024, 1), Array.from({ length: 100_000 }, () => ({})));
      };
    case "print":
      return answer((text) => console.log(text));
    case "pour":
      return ({ pieces, pieceBytes }: { pieces: number; pieceBytes: number }) => {
        channel.head("pouring");
        for (let piece = 0; piece < pieces; piece += 1) channel.body(Buffer.alloc(pieceBytes, piece));
        channel.end({ pieces });
      };
    case "pour-then-throw":
      return () => {
        channel.head("pouring");
        channel.body(Buffer.alloc(100_000));
        throw new Error("on purpose");
      };
    case "count":
      return async () => {
        let bytes = 0;
        for await (const piece of channel.input()) {
          bytes += piece.length;
          channel.progress({ bytes });
        }
        channel.answer({ bytes });
      };
    default:
      throw new Error(`no such kind of task: ${kind}`);
  }
});

function attempt(act: () => unknown): { done: unknown } | { refused: string } {
  try {
    return { done: act() ?? null };
  } catch (error) {
    return { refused: String((error as NodeJS.ErrnoException).code) };
  }
}
