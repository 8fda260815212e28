import { randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";
import { systemClock } from "./clock.ts";

// Crockford's base 32 without the look-alikes, in ascending order, so that ids sort by time of creation.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** `prefix_` and 26 characters: 48 bits of time, 82 random bits (a ULID). Sorts by creation. */
export function newId(prefix: string, clock: Clock = systemClock): string {
  let time = clock.now();
  let text = "";
  for (let i = 0; i < 10; i++) {
    text = alphabet[time % 32] + text;
    time = Math.floor(time / 32);
  }
  const random = randomBytes(16);
  for (const byte of random) text += alphabet[byte % 32];
  return `${prefix}_${text}`;
}

/** A bearer secret: 32 random bytes, base64url, after a prefix that secret scanners can find. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString("base64url")}`;
}
