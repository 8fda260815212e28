import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A 32-byte key of this home, made at its first use. `name` is the file's name in HOME/secrets. */
export function homeKey(home: string, name: string): Buffer {
  const file = join(home, "secrets", name);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, randomBytes(32).toString("base64"), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }
  return Buffer.from(readFileSync(file, "utf8"), "base64");
}

/** Only the hash of a secret that is random and long is ever stored or kept in memory. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "base64url");
}

const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM under a 32-byte key, as base64url. `about` says whose it is: moved to another row, it does not open. */
export function sealText(key: Buffer, text: string, about: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about));
  return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64url");
}

/** Throws when the text was sealed under another key, for something else, or was changed. */
export function openText(key: Buffer, sealed: string, about: string): string {
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes }).setAAD(Buffer.from(about));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  return decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes), undefined, "utf8") + decipher.final("utf8");
}
