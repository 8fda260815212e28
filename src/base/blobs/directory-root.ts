import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { link, mkdir, open, readdir, readFile, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Problem } from "../problems/problem.ts";
import { syncFolder } from "./folders.ts";
import { newMarker, readMarker, writeMarker } from "./marker.ts";
import type { Marker } from "./marker.ts";

const markerName = "store.json";
const isOurs = (name: string): boolean => name.startsWith(`${markerName}.`) || name === "lost+found";

/**
 * Reads the folder's marker, or writes one into an empty or missing folder. Of several processes that open a new
 * folder at once, one writes it and all read it.
 * Throws STORE_FOREIGN, STORE_ENVIRONMENT_MISMATCH, STORE_KEY_WRONG.
 */
export async function adoptRoot(options: { root: string; masterKey: Buffer; environment: string }): Promise<void> {
  const { root, masterKey, environment } = options;
  const created = await mkdir(root, { recursive: true, mode: 0o700 });
  // Each new folder is durable once its parent is.
  if (created !== undefined) for (let folder = root; folder !== dirname(created); folder = dirname(folder)) await syncFolder(dirname(folder));
  let text = await findMarker(root);
  if (text === null) {
    await createMarker(root, masterKey, environment);
    text = (await findMarker(root)) ?? "";
  }
  const marker = readMarker(text, { environment, place: root });
  const expected = Buffer.from(keyCheck(masterKey, marker));
  const found = Buffer.from(String(marker.keyCheck));
  if (expected.length !== found.length || !timingSafeEqual(expected, found)) throw new Problem("STORE_KEY_WRONG", { values: { place: root } });
}

async function findMarker(root: string): Promise<string | null> {
  try {
    return await readFile(join(root, markerName), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

async function createMarker(root: string, masterKey: Buffer, environment: string): Promise<void> {
  const names = await readdir(root);
  if (names.includes(markerName)) return;
  if (!names.every(isOurs)) throw new Problem("STORE_FOREIGN", { values: { place: root } });
  const marker = newMarker(environment);
  marker.keyCheck = keyCheck(masterKey, marker);
  const fresh = join(root, `${markerName}.${randomBytes(9).toString("hex")}`);
  const handle = await open(fresh, "wx", 0o600);
  try {
    await handle.writeFile(writeMarker(marker));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(fresh, join(root, markerName));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await unlink(fresh);
  }
  await syncFolder(root);
}

// Also holds the environment: a marker edited by hand does not fit its key any more.
function keyCheck(masterKey: Buffer, marker: Marker): string {
  const checkKey = Buffer.from(hkdfSync("sha256", masterKey, marker.store, "kliv blob 1 marker", 32));
  return createHmac("sha256", checkKey).update(`${marker.environment}\n${marker.store}`).digest("hex");
}

let ownName: string | null = null;

/** How a file under way is named: by its process, so that another one can tell whether it is still being written. */
export async function leftoverName(): Promise<string> {
  ownName ??= `${process.pid}-${(await startOf(process.pid)) ?? 0}`;
  return ownName;
}

/** Removes the files of puts whose process is gone. Those of a process that lives are left alone. */
export async function sweepLeftovers(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const [pid, start] = name.split("-");
    if (await isAlive(Number(pid), start ?? "")) continue;
    await unlink(join(incoming, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
}

async function isAlive(pid: number, start: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const found = await startOf(pid);
  // Where the system does not say when a process began, its number has to do.
  return found === null || start === "0" || found === start;
}

// Numbers are used again, in containers after every start; with the moment of its start a process is named for good.
async function startOf(pid: number): Promise<string | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "latin1");
    // The name in brackets can hold blanks; the start is the 22nd field, the 20th after the name.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
