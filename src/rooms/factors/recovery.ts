import { randomInt } from "node:crypto";
import type { Clock } from "#src/base/clock.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { hashSecret } from "#src/base/secrets.ts";
import * as store from "./store.ts";

export const recoveryCodesCount = 10;
/** At so few left, people are told to make new ones. */
export const recoveryCodesFew = 3;

// Without the letters that are read as digits; 16 of 32 are 80 bits, which no hash has to slow down.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const groups = 4;
const groupCharacters = 4;

/** Ten new codes in the place of all old ones. They are nowhere but in this answer. */
export async function makeRecoveryCodes({ clock }: { clock: Clock }, tx: Tx, user: string): Promise<string[]> {
  const codes = Array.from({ length: recoveryCodesCount }, newCode);
  await store.deleteRecoveryCodes(tx, user);
  await store.insertRecoveryCodes(tx, codes.map((code) => ({ user_id: user, code_hash: hashOf(user, code), created_at: clock.date(), used_at: null })));
  return codes;
}

/** Whether the code is one of the person's that was never used; then it is used. */
export async function useRecoveryCode({ clock }: { clock: Clock }, tx: Tx, { user, code }: { user: string; code: string }): Promise<boolean> {
  return await store.takeRecoveryCode(tx, { user, hash: hashOf(user, code), now: clock.date() });
}

function newCode(): string {
  const group = (): string => Array.from({ length: groupCharacters }, () => alphabet[randomInt(alphabet.length)]).join("");
  return Array.from({ length: groups }, group).join("-");
}

// As people copy them from paper: in capitals, with spaces, with an O for a zero.
function hashOf(user: string, code: string): string {
  const plain = code.normalize("NFKC").toLowerCase().replace(/[^0-9a-z]/g, "").replaceAll("o", "0").replace(/[il]/g, "1");
  return hashSecret(`${user} ${plain}`);
}
