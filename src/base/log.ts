import { systemClock } from "./clock.ts";
import type { Clock } from "./clock.ts";

/** The only fields that a log line may have. No secret, no content of a customer's: what is not here is not logged. */
export interface LogFields {
  request?: string;
  method?: string;
  /** The route's pattern, never the address, which can hold a secret. */
  route?: string;
  status?: number;
  durationMs?: number;
  bytes?: number;
  code?: string;
  user?: string;
  team?: string;
  job?: string;
  kind?: string;
  pid?: number;
  port?: number;
  count?: number;
  version?: string;
  level?: string;
  /** Of another system that was connected to, or was to be. */
  host?: string;
  /** Where in our own code a failure came from: file and line only. */
  at?: string;
  /** The class of an unexpected error, never its message, which can quote content. */
  error?: string;
}

const allowed = new Set<string>([
  "request", "method", "route", "status", "durationMs", "bytes", "code", "user", "team", "job", "kind", "pid", "port", "count", "version", "level", "at", "error", "host",
]);

export interface Log {
  (event: string, fields?: LogFields): void;
  flush(): void;
}

/** JSON lines through `write`, gathered for a moment so that a busy server does not make a system call a request. */
export function createLog(write: (text: string) => void, clock: Clock = systemClock): Log {
  let pending = "";
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (pending === "") return;
    const text = pending;
    pending = "";
    write(text);
  };
  const log = (event: string, fields: LogFields = {}): void => {
    let line = `{"at":"${clock.date().toISOString()}","event":${JSON.stringify(event)}`;
    for (const name in fields) {
      const value = fields[name as keyof LogFields];
      if (value !== undefined && allowed.has(name)) line += `,"${name === "at" ? "source" : name}":${typeof value === "number" ? value : JSON.stringify(value)}`;
    }
    pending += `${line}}\n`;
    if (pending.length > 65_536) flush();
    else timer ??= setTimeout(flush, 200).unref();
  };
  return Object.assign(log, { flush });
}

/** The place in our own code that an unexpected error came from, and its class: what a log may say of it. */
export function describeError(error: unknown): Pick<LogFields, "error" | "at"> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frame = /\/(src\/[^):\s]+:\d+)/.exec(error.stack ?? "")?.[1];
  return { error: error.name + ("code" in error ? `/${String(error.code)}` : ""), ...(frame ? { at: frame } : {}) };
}
