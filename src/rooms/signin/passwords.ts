import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { createTurns } from "#src/base/turns.ts";
import { Problem } from "#src/base/problems/problem.ts";

const derive = promisify(argon2);

/** OWASP's recommendation for argon2id: 19 MiB, two passes. Stored with each hash, so that it can be raised later. */
const cost = { memoryKib: 19_456, passes: 2, parallelism: 1 };
const tagBytes = 32;

export const passwordCharactersMin = 8;
export const passwordCharactersMax = 128;

/** A hash takes a thread of the few that files are read with too: many sign-ins at once must not take all of them. */
const inTurn = createTurns(2);

/** Length in code points and the list of well-known passwords. Throws PASSWORD_REFUSED. */
export async function checkPassword(password: string, about: { email: string; userName?: string }): Promise<void> {
  // Half a surrogate pair has no bytes of its own: all such passwords would be the same one.
  if (!password.isWellFormed()) refuse("It has characters that no text has.", "文字として扱えないものが含まれています。");
  const length = [...composed(password)].length;
  if (length < passwordCharactersMin || length > passwordCharactersMax) refuse(`It has ${length} characters.`, `入力されたものは${length}文字です。`);
  const plain = composed(password).toLowerCase();
  if (plain === about.email.toLowerCase() || plain === about.userName?.toLowerCase()) refuse("It is your own name.", "ご自身の名前と同じものは使えません。");
  if ((await commonPasswords()).has(plain)) refuse("It is on a list of leaked passwords.", "流出したパスワードの一覧に含まれています。");
}

function refuse(reason: string, reasonJa: string): never {
  throw new Problem("PASSWORD_REFUSED", { values: { reason, reasonJa } });
}

let common: Promise<Set<string>> | null = null;

// About 50,000 entries: loaded only once somebody chooses a password.
function commonPasswords(): Promise<Set<string>> {
  common ??= import("@zxcvbn-ts/language-common").then(({ dictionary }) => new Set((dictionary as unknown as Record<string, string[]>)["passwords-common"]));
  return common;
}

/** `$argon2id$v=19$m=..,t=..,p=..$salt$tag`, the PHC string format. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await tagOf(password, { salt, ...cost });
  return `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${cost.parallelism}$${base64(salt)}$${base64(tag)}`;
}

/** Whether a hash was made with other parameters than today's: it is made anew when its password is next typed. */
export function isOutdated(hash: string): boolean {
  return !hash.startsWith(`$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${cost.parallelism}$`);
}

/** False for a wrong password. Without a hash it takes as long as with one, so that time tells nothing of an account. */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash ?? "");
  if (!parts) {
    await tagOf(password, { salt: Buffer.alloc(16), ...cost });
    return false;
  }
  const [, memory, passes, parallelism, salt = "", tag = ""] = parts;
  const expected = Buffer.from(tag, "base64");
  const found = await tagOf(password, { salt: Buffer.from(salt, "base64"), memoryKib: Number(memory), passes: Number(passes), parallelism: Number(parallelism) });
  return expected.length === found.length && timingSafeEqual(expected, found);
}

function tagOf(password: string, options: { salt: Buffer; memoryKib: number; passes: number; parallelism: number }): Promise<Buffer> {
  const { salt, memoryKib, passes, parallelism } = options;
  const message = Buffer.from(composed(password), "utf8");
  return inTurn(() => derive("argon2id", { message, nonce: salt, memory: memoryKib, passes, parallelism, tagLength: tagBytes }));
}

// The same characters typed on another system are the same password (NIST SP 800-63B 5.1.1.2), and count the same.
const composed = (password: string): string => password.normalize("NFC");

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
