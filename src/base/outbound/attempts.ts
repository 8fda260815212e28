import { createSocket } from "node:dgram";
import { request as requestPlain } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as requestSecure } from "node:https";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

export interface Attempt {
  /** By which of the runtime's means. */
  way: string;
  /** The guard said no, before anything left the process. */
  isRefused: boolean;
}

/** What the emitters below have in common. */
interface Connecting {
  on(event: string, listener: (error?: unknown) => void): unknown;
  destroy(): unknown;
}

const ways: Record<string, (host: string, signal: AbortSignal) => Promise<unknown>> = {
  tcp: (host, signal) => outcome(connect({ host, port: 443 }), "connect", signal),
  tls: (host, signal) => outcome(connectTls({ host, port: 443 }), "secureConnect", signal),
  http: (host, signal) => outcome(requestPlain(`http://${host}/`), "response", signal),
  https: (host, signal) => outcome(requestSecure(`https://${host}/`), "response", signal),
  http2: (host, signal) => outcome(connectHttp2(`https://${host}/`), "connect", signal),
  fetch: (host, signal) => fetch(`https://${host}/`, { signal }).then(() => null, (error: { cause?: unknown }) => error.cause),
  udp: sendDatagram,
};

/** Tries each way out of this process to a host, as a library that knows nothing of the register would. */
export async function attemptAllWays({ host, signal }: { host: string; signal: AbortSignal }): Promise<Attempt[]> {
  return await Promise.all(
    Object.entries(ways).map(async ([way, attempt]) => {
      const error = (await attempt(host, signal)) as { code?: string } | null | undefined;
      return { way, isRefused: error?.code === "OUTBOUND_REFUSED" };
    }),
  );
}

/** The error that it failed with; null when it got through, or the time is up. */
function outcome(connecting: Connecting, success: string, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    const end = (error: unknown): void => {
      resolve(error);
      connecting.destroy();
    };
    // Listened to until it is gone: an error comes after the end, too.
    connecting.on("error", end);
    connecting.on(success, () => end(null));
    signal.addEventListener("abort", () => end(null), { once: true });
  });
}

async function sendDatagram(host: string): Promise<unknown> {
  const socket = createSocket("udp4");
  try {
    return await new Promise((resolve) => socket.send("x", 53, host, resolve));
  } catch (error) {
    return error;
  } finally {
    socket.close();
  }
}
