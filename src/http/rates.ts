import type { Clock } from "#src/base/clock.ts";
import { Problem } from "#src/base/problems/problem.ts";

const hourMs = 3_600_000;
const addressesMax = 50_000;

export interface Rates {
  /** Counts one call. Throws RATE_LIMITED beyond `perHourMax` calls of one client address within an hour. */
  hold(call: { route: string; address: string; perHourMax: number }): void;
}

interface Count {
  calls: number;
  endsMs: number;
}

/** How often one client address may call a route, counted on each node: strangers must not send mail or hash passwords without end. */
export function createRates(clock: Clock): Rates {
  const counts = new Map<string, Count>();
  return {
    hold({ route, address, perHourMax }) {
      const now = clock.now();
      const key = `${route} ${networkOf(address)}`;
      let count = counts.get(key);
      if (!count || count.endsMs <= now) {
        counts.delete(key);
        // The oldest stands first, and is the first to end.
        if (counts.size >= addressesMax) counts.delete(counts.keys().next().value as string);
        counts.set(key, (count = { calls: 0, endsMs: now + hourMs }));
      }
      count.calls++;
      if (count.calls <= perHourMax) return;
      const seconds = Math.ceil((count.endsMs - now) / 1_000);
      throw new Problem("RATE_LIMITED", { values: { perHourMax, minutes: Math.ceil(seconds / 60) }, retryAfterSeconds: seconds });
    },
  };
}

/** One customer of a provider has a whole /64 of IPv6: its addresses are one. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = "", tail = ""] = address.split("%")[0]?.split("::") ?? [];
  const before = head.split(":").filter(Boolean);
  const after = tail.split(":").filter(Boolean);
  const groups = address.includes("::") ? [...before, ...Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0"), ...after] : before;
  return groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}
