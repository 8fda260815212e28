import { unconfined } from "#src/base/postgres/confine.ts";
import { Problem } from "#src/base/problems/problem.ts";

/** The response side of a request that takes its time. */
interface Raw {
  destroyed: boolean;
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

/** Requests that are long under way for somebody: uploads, downloads, streams of events, questions that are waited for. */
export interface UnderWay {
  /** Until it ends, `check` is asked again after each change of what actors may do; once it refuses, the connection ends. */
  hold(raw: Raw, check: () => Promise<void> | void): void;
  /** How many there are. */
  readonly size: number;
  close(): void;
}

/** What of a change concerns actors and what they may reach. */
const kinds = new Set(["user", "team", "session", "token", "database", "report"]);
/** Several changes at once are one look. */
const gatherMs = 50;
/** Also without a change: a session or a token ends by time, and an announcement may be lost. */
const lookEveryMs = 2_000;

export function createUnderWay({ onChange }: { onChange(listener: (change: { kind: string } | null) => void): void }): UnderWay {
  const held = new Map<Raw, () => Promise<void> | void>();
  let soon: NodeJS.Timeout | null = null;
  let timer: NodeJS.Timeout | null = null;
  const look = (): void => {
    soon = null;
    for (const [raw, check] of held) void holdOrEnd(raw, check);
  };
  onChange((change) => {
    if (held.size === 0 || soon !== null || (change && !kinds.has(change.kind))) return;
    soon = setTimeout(look, gatherMs);
  });
  const stop = (): void => {
    if (timer) clearInterval(timer);
    timer = null;
  };
  return {
    hold(raw, check) {
      if (held.has(raw) || raw.destroyed) return;
      held.set(raw, check);
      timer ??= setInterval(look, lookEveryMs).unref();
      raw.once("close", () => {
        held.delete(raw);
        if (held.size === 0) stop();
      });
    },
    get size() {
      return held.size;
    },
    close() {
      stop();
      if (soon) clearTimeout(soon);
    },
  };
}

// What cannot be told now, as with a database that is away for a moment, is asked again at the next look.
async function holdOrEnd(raw: Raw, check: () => Promise<void> | void): Promise<void> {
  try {
    // Whoever began the look: each is asked for itself.
    await unconfined(check);
  } catch (error) {
    if (error instanceof Problem && [401, 403, 404].includes(error.status)) raw.destroy();
  }
}
