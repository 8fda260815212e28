import { randomBytes } from "node:crypto";
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
