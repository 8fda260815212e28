/*
 * Completes package-lock.json: `node tests/lockfile.ts`, after every `npm install`.
 * npm leaves out the optional packages of other platforms that the registry of the moment does not have, and then
 * `npm ci` refuses the lockfile everywhere else. They are pinned by their parents to exact versions, so that an entry
 * can be written without asking; only its hash stays unknown.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface LockEntry {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  link?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
  [other: string]: unknown;
}

export type LockPackages = Record<string, LockEntry>;

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64", "wasm32"];

/** The optional packages that a parent names and the lockfile lacks: the path in the lockfile and its entry. */
export function missingOptional(packages: LockPackages): [path: string, entry: LockEntry][] {
  const missing: [string, LockEntry][] = [];
  for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (findEntry(packages, parent, name) || !/^\d/.test(version)) continue;
      missing.push([`node_modules/${name}`, { version, ...platformOf(name), ...(dev ? { dev } : {}), optional: true }]);
    }
  }
  return missing;
}

// As Node resolves: beside the parent first, then each folder above.
function findEntry(packages: LockPackages, parent: string, name: string): LockEntry | undefined {
  for (let at = parent; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    const found = packages[`${at}${at === "" ? "" : "/"}node_modules/${name}`];
    if (found || at === "") return found;
  }
}

function platformOf(name: string): Pick<LockEntry, "os" | "cpu" | "libc"> {
  const words = name.split(/[/-]/);
  const os = systems.find((one) => words.includes(one));
  const cpu = processors.find((one) => words.some((word) => word === one));
  const libc = words.some((word) => word.startsWith("musl")) ? "musl" : words.some((word) => word.startsWith("gnu")) ? "glibc" : null;
  return { ...(os ? { os: [os] } : {}), ...(cpu ? { cpu: [cpu] } : {}), ...(os === "linux" && libc ? { libc: [libc] } : {}) };
}

if (import.meta.main) {
  const file = join(import.meta.dirname, "../package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8")) as { packages: LockPackages };
  const missing = missingOptional(lock.packages);
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(missing) }).sort(([a], [b]) => a.localeCompare(b, "en"));
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
  console.log(`${missing.length} optional packages added to package-lock.json`);
}
