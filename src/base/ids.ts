import { randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";
import { systemClock } from "./clock.ts";

// Crockford's base 32 without the look-alikes, in ascending order, so that ids sort by time of creation.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const randomDigits = 16;

// The last id of each clock: two clocks must not make each other forget.
const lasts = new WeakMap<Clock, { ms: number; digits: number[] }>();

/** `prefix_` and 26 characters: 48 bits of time, 80 random bits (a ULID). Sorts by creation, within a millisecond too. */
export function newId(prefix: string, clock: Clock = systemClock): string {
  const ms = clock.now();
  const last = lasts.get(clock);
  const digits = ms === last?.ms ? increment(last.digits) : Array.from(randomBytes(randomDigits), (byte) => byte % 32);
  lasts.set(clock, { ms, digits });
  let time = "";
  for (let rest = ms, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = alphabet[rest % 32] + time;
  return `${prefix}_${time}${digits.map((digit) => alphabet[digit]).join("")}`;
}

// The next number after this one, in base 32; what would overflow begins again, which 80 random bits make a theory.
function increment(digits: number[]): number[] {
  const next = [...digits];
  for (let i = next.length - 1; i >= 0; i--) {
    const digit = ((next[i] ?? 0) + 1) % 32;
    next[i] = digit;
    if (digit !== 0) break;
  }
  return next;
}

/** A bearer secret: 32 random bytes, base64url, after a prefix that secret scanners can find. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString("base64url")}`;
}
