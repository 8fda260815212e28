import { randomBytes } from "node:crypto";
import { connect } from "node:net";

/*
 * TLS greetings written by hand. A client made of a TLS library can only offer what that library still speaks, so a refusal
 * may be its own; these offer anything, and the server's first answer tells what it would take (RFC 5246, RFC 8446).
 */

export const tlsVersions = { "SSL 3.0": 0x0300, "TLS 1.0": 0x0301, "TLS 1.1": 0x0302, "TLS 1.2": 0x0303, "TLS 1.3": 0x0304 } as const;
export type TlsVersion = keyof typeof tlsVersions;

export type Answer =
  | { kind: "accepted"; version: number; suite: number }
  /** An alert, or the connection closed. */
  | { kind: "refused"; how: string }
  /** Something that is no TLS: its first bytes. */
  | { kind: "plain"; text: string };

interface Offer {
  host: string;
  port: number;
  version: TlsVersion;
  suites: number[];
  /** The server's name, as a client would ask for it. */
  serverName: string;
  signal: AbortSignal;
}

const answerBytesMax = 16_384;
const silenceMs = 5_000;

/** What the server answers to one greeting. Throws when there is no connection or no answer at all: that tells nothing. */
export function offerTls(offer: Offer): Promise<Answer> {
  const { host, port, signal } = offer;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    const finish = (answer: Answer | Error): void => {
      signal.removeEventListener("abort", stop);
      socket.destroy();
      if (answer instanceof Error) reject(answer);
      else resolve(answer);
    };
    const stop = (): void => finish(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
    let isConnected = false;
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop);
    socket.setTimeout(silenceMs, () => finish(new Error(`port ${port} did not answer within ${silenceMs} ms`)));
    socket.on("connect", () => {
      isConnected = true;
      socket.write(greeting(offer));
    });
    socket.on("error", (error: NodeJS.ErrnoException) => finish(isConnected && error.code === "ECONNRESET" ? { kind: "refused", how: "reset" } : error));
    socket.on("close", () => finish({ kind: "refused", how: "closed" }));
    socket.on("data", (part: Buffer) => {
      received = Buffer.concat([received, part]);
      const answer = readAnswer(received);
      if (answer) finish(answer);
      else if (received.length > answerBytesMax) finish(new Error(`port ${port} answered more than a greeting`));
    });
  });
}

function readAnswer(bytes: Buffer): Answer | null {
  if (bytes.length < 7) return bytes.length > 0 && bytes[0] !== 0x15 && bytes[0] !== 0x16 ? { kind: "plain", text: bytes.toString("latin1") } : null;
  const type = bytes[0];
  if (bytes[1] !== 3 || (type !== 0x15 && type !== 0x16)) return { kind: "plain", text: bytes.subarray(0, 60).toString("latin1") };
  if (type === 0x15) return { kind: "refused", how: `alert ${bytes[6]}` };
  if (bytes[5] !== 2) return { kind: "refused", how: `handshake ${bytes[5]}` };
  if (bytes.length < 5 + bytes.readUInt16BE(3)) return null;
  let at = 9;
  let version = bytes.readUInt16BE(at);
  at += 2 + 32;
  at += 1 + (bytes[at] ?? 0);
  const suite = bytes.readUInt16BE(at);
  at += 3;
  // From TLS 1.3 on, the version that counts stands in an extension.
  const end = 9 + bytes.readUIntBE(6, 3);
  for (at += 2; at + 4 <= end; at += 4 + bytes.readUInt16BE(at + 2)) if (bytes.readUInt16BE(at) === 43) version = bytes.readUInt16BE(at + 4);
  return { kind: "accepted", version, suite };
}

function greeting({ version, suites, serverName }: Offer): Buffer {
  const isNew = version === "TLS 1.3";
  const number = isNew ? 0x0303 : tlsVersions[version];
  const extensions = Buffer.concat([
    extension(0, sized(2, Buffer.concat([Buffer.from([0]), sized(2, Buffer.from(serverName))]))),
    extension(10, sized(2, words([0x001d, 0x0017, 0x0018, 0x0019]))),
    extension(11, sized(1, Buffer.from([0]))),
    extension(13, sized(2, words([0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201]))),
    ...(isNew
      ? [extension(43, sized(1, words([0x0304]))), extension(51, sized(2, Buffer.concat([words([0x001d]), sized(2, randomBytes(32))])))]
      : []),
  ]);
  const body = Buffer.concat([
    words([number]), randomBytes(32), sized(1, isNew ? randomBytes(32) : Buffer.alloc(0)), sized(2, words(suites)), Buffer.from([1, 0]),
    // Servers of SSL 3.0 knew no extensions.
    ...(version === "SSL 3.0" ? [] : [sized(2, extensions)]),
  ]);
  const message = Buffer.concat([Buffer.from([1]), sized(3, body)]);
  return Buffer.concat([Buffer.from([0x16]), words([version === "SSL 3.0" ? 0x0300 : 0x0301]), sized(2, message)]);
}

function extension(id: number, body: Buffer): Buffer {
  return Buffer.concat([words([id]), sized(2, body)]);
}

function words(values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => bytes.writeUInt16BE(value, at * 2));
  return bytes;
}

function sized(lengthBytes: number, body: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(body.length, 0, lengthBytes);
  return Buffer.concat([length, body]);
}
