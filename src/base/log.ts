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

/** Every name that a line can have. */
export const logFieldNames: ReadonlySet<string> = new Set([...allowed, "event", "source"]);

/** A line as it is read again; where an error came from is called `source` there, for `at` is the time. */
export type LogEntry = Omit<LogFields, "at"> & { at: string; event: string; source?: string };

export interface Log {
  (event: string, fields?: LogFields): void;
  flush(): void;
}

interface LogOptions {
  /** Whole lines of one day of the clock, as YYYY-MM-DD in UTC. */
  write(text: string, day: string): void;
  clock: Clock;
  /** Whether there is room for a line of this many bytes. */
  admit?(log: Log, event: string, fields: LogFields, bytes: number): boolean;
}

/** A log that is not kept, for commands and tests. */
export const silentLog: Log = Object.assign(() => {}, { flush: () => {} });

const pendingCharactersMax = 65_536;

/** JSON lines through `write`, those of one turn of the loop together: the busier the server, the fewer system calls a line. */
export function createLog({ write, clock, admit }: LogOptions): Log {
  let pending = "";
  let pendingDay = "";
  let turn: NodeJS.Immediate | null = null;
  const flush = (): void => {
    if (turn) clearImmediate(turn);
    turn = null;
    if (pending === "") return;
    const text = pending;
    pending = "";
    write(text, pendingDay);
  };
  const say = (event: string, fields: LogFields = {}): void => {
    const at = clock.date().toISOString();
    let line = `{"at":"${at}","event":${JSON.stringify(event)}`;
    for (const name in fields) {
      const value = fields[name as keyof LogFields];
      if (value !== undefined && allowed.has(name)) line += `,"${name === "at" ? "source" : name}":${typeof value === "number" ? value : JSON.stringify(value)}`;
    }
    line += "}\n";
    if (admit && !admit(log, event, fields, Buffer.byteLength(line))) return;
    const day = at.slice(0, 10);
    if (day !== pendingDay) flush();
    pendingDay = day;
    pending += line;
    if (pending.length > pendingCharactersMax) flush();
    else turn ??= setImmediate(flush);
  };
  const log: Log = Object.assign(say, { flush });
  return log;
}

/** The place in our own code that an unexpected error came from, and its class: what a log may say of it. */
export function describeError(error: unknown): Pick<LogFields, "error" | "at"> {
  if (!(error instanceof Error)) return { error: typeof error };
  // Before its frames the stack has the message, which can look like anything.
  const { stack = "", message } = error;
  const frame = /\/(src\/[\w./-]+:\d+)/.exec(stack.slice(stack.indexOf(message) + message.length))?.[1];
  // The class is a word of the program, and so is a code that looks like one; a name can be whatever another system has said.
  const words = [error.constructor.name, ..."code" in error ? [String(error.code)] : []].map((word, i) => (/^[A-Z0-9_]{1,40}$/.test(word) || i === 0 ? word : "other"));
  return { error: words.join("/"), ...(frame ? { at: frame } : {}) };
}
