import { AsyncLocalStorage } from "node:async_hooks";
import { Socket as Datagrams } from "node:dgram";
import { Socket } from "node:net";
import { Problem } from "../problems/problem.ts";
import { bareHost } from "./addresses.ts";

/** Whether a connection to this host and port may be made. */
export type Policy = (host: string, port: number) => boolean;

export interface Guard {
  policy: Policy;
  /** Told of each connection that was refused. */
  refused(host: string, port: number): void;
}

/** What `outbound.fetch` has found good, for the one connection that it makes. */
const permitted = new AsyncLocalStorage<{ host: string; port: number }>();
const guards = new Set<Guard>();
const original = { connect: Socket.prototype.connect, send: Datagrams.prototype.send, connectDatagrams: Datagrams.prototype.connect };

/** Makes one connection that the list has not, because `outbound.fetch` has looked at it. */
export function permit<T>(target: { host: string; port: number }, work: () => T): T {
  return permitted.run(target, work);
}

/**
 * From now on this process makes no TCP connection but those that a guard allows, whichever library asks for it: all of
 * them (TLS, HTTP, HTTP/2, fetch) go through `Socket.connect`. Nothing here speaks UDP. Gives what takes the guard off.
 */
export function putUpGuard(guard: Guard): () => void {
  if (guards.size === 0) replace();
  guards.add(guard);
  return () => {
    guards.delete(guard);
    if (guards.size === 0) restore();
  };
}

function replace(): void {
  Socket.prototype.connect = function guarded(this: Socket, ...args: unknown[]): Socket {
    const target = targetOf(args);
    if (target === null || isAllowed(target)) return Reflect.apply(original.connect, this, args) as Socket;
    const problem = refuse(target);
    // Told as every failing connection is, when its maker has had the time to listen.
    process.nextTick(() => this.destroy(problem));
    return this;
  } as typeof Socket.prototype.connect;
  Datagrams.prototype.send = Datagrams.prototype.connect = function guarded(...args: unknown[]): never {
    // `send(data, ..., port, address)` and `connect(port, address)`: the address, where there is one, follows its port.
    const at = args.findIndex((one, i) => i > 0 && typeof one === "string");
    throw refuse(at < 0 ? { host: "localhost", port: 0 } : { host: String(args[at]), port: Number(args[at - 1]) });
  } as never;
}

function restore(): void {
  Socket.prototype.connect = original.connect;
  Datagrams.prototype.send = original.send;
  Datagrams.prototype.connect = original.connectDatagrams;
}

function isAllowed({ host, port }: { host: string; port: number }): boolean {
  const good = permitted.getStore();
  if (good && good.host === bareHost(host) && good.port === port) return true;
  return [...guards].some((guard) => guard.policy(host, port));
}

function refuse({ host, port }: { host: string; port: number }): Problem {
  for (const guard of guards) guard.refused(host, port);
  return new Problem("OUTBOUND_REFUSED", { values: { host, reason: "no adapter in the register of third parties names this host", reasonJa: "外部サービスの登録簿にないホストです" } });
}

/** Where `connect(...)` would lead, in each of its shapes; null for a Unix socket, which stays on this machine. */
function targetOf(args: unknown[]): { host: string; port: number } | null {
  // Node's own callers hand over the arguments that they have sorted already, as one array.
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === "object" && first !== null) {
    const { path, host, port } = first as { path?: string | null; host?: string; port?: number | string };
    return path ? null : { host: host || "localhost", port: Number(port) };
  }
  if (typeof first === "string" && !/^\d+$/.test(first)) return null;
  return { host: typeof second === "string" && second !== "" ? second : "localhost", port: Number(first) };
}
