import type { Clock } from "./clock.ts";
import type { Log, LogFields } from "./log.ts";

const dayMs = 24 * 3_600_000;
const tellEveryMs = 60_000;
/** Of a day's bytes. What people with an account do is never silenced by what strangers do; each other event has a little. */
const parts = { "request of a user": 1 / 2, request: 1 / 4 } as const;
const otherPart = 1 / 32;

interface Share {
  bytesMax: number;
  /** What may be written at once; half of the day's share at most, the other half comes in over the day. */
  bytesLeft: number;
  atMs: number;
  leftOut: number;
}

export interface Shares {
  /** Whether a line may be written; what may not is counted. */
  admit(log: Log, event: string, fields: LogFields, bytes: number): boolean;
  /** Writes how many lines were left out since the last time, by event. */
  tell(log: Log): void;
}

const notice = "log lines left out";

/**
 * Holds a day's log to its size. A flood uses up its own event's share and then comes through as a sample, evenly over
 * the day; its lines left out are counted in a line of their own, at once and then each minute. `bytesBegun` is what
 * today's file has already.
 */
export function createShares({ clock, bytesMax, bytesBegun }: { clock: Clock; bytesMax: number; bytesBegun: number }): Shares {
  const shares = new Map<string, Share>();
  const today = (): number => Math.floor(clock.now() / dayMs);
  let day = today();
  let bytesOfDay = bytesBegun;
  let toldMs = -Infinity;
  const shareOf = (name: string): Share => {
    const nowMs = clock.now();
    let share = shares.get(name);
    if (!share) {
      const ofDay = bytesMax * (Object.hasOwn(parts, name) ? parts[name as keyof typeof parts] : otherPart);
      shares.set(name, (share = { bytesMax: ofDay, bytesLeft: ofDay / 2, atMs: nowMs, leftOut: 0 }));
    }
    const passedMs = Math.max(0, nowMs - share.atMs);
    share.bytesLeft = Math.min(share.bytesMax / 2, share.bytesLeft + (passedMs / dayMs) * (share.bytesMax / 2));
    share.atMs = nowMs;
    return share;
  };
  const tell = (log: Log): void => {
    toldMs = clock.now();
    for (const [name, share] of shares) {
      const { leftOut } = share;
      if (leftOut === 0) continue;
      share.leftOut = 0;
      log(notice, { kind: name, count: leftOut });
    }
  };
  return {
    tell,
    admit(log, event, fields, bytes) {
      // Few and small, and what makes the rest bearable.
      if (event === notice) return true;
      const share = shareOf(event === "request" && fields.user !== undefined ? "request of a user" : event);
      if (day !== today()) [day, bytesOfDay] = [today(), 0];
      const isRoom = share.bytesLeft >= bytes && bytesOfDay + bytes <= bytesMax;
      if (isRoom) {
        share.bytesLeft -= bytes;
        bytesOfDay += bytes;
      } else share.leftOut += 1;
      if (share.leftOut > 0 && clock.now() - toldMs >= tellEveryMs) tell(log);
      return isRoom;
    },
  };
}
