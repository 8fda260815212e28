import { existsSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The program of the children: every module that the entry reaches, types stripped, by its file URL. */
export interface CodeImage {
  /** The checkout: the folder with package.json. */
  rootDir: string;
  /** What is written to a new child's stdin before any frame: length (4 bytes, little endian) and JSON. */
  bytes: Buffer;
}

const images = new Map<string, CodeImage>();

/**
 * Reads the program once and hands it to each child over its pipe. So a child needs to see nothing
 * of the checkout, and does not strip types itself, which costs it 20 MB and 30 ms.
 */
export function codeImage(entry: string): CodeImage {
  const known = images.get(entry);
  if (known !== undefined) return known;
  const rootDir = findRoot(entry);
  const modules: Record<string, string> = {};
  const waiting = [pathToFileURL(entry).href];
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
    const path = fileURLToPath(url);
    if (modules[url] !== undefined || !existsSync(path)) continue;
    const source = strip(readFileSync(path, "utf8"));
    modules[url] = source;
    for (const [, specifier] of source.matchAll(importPattern)) {
      waiting.push(resolveSpecifier(specifier!, url, rootDir));
    }
  }
  const src = pathToFileURL(join(rootDir, "src")).href + "/";
  const json = Buffer.from(JSON.stringify({ entry: pathToFileURL(entry).href, src, modules }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const image = { rootDir, bytes: Buffer.concat([length, json]) };
  images.set(entry, image);
  return image;
}

/** `from "./x.ts"`, `import "./x.ts"` and `import("./x.ts")`, relative or `#src/`. */
const importPattern = /\b(?:from|import)\s*\(?\s*"((?:\.{1,2}\/|#src\/)[^"]+\.ts)"/g;

function resolveSpecifier(specifier: string, from: string, rootDir: string): string {
  if (specifier.startsWith("#src/")) return pathToFileURL(join(rootDir, "src", specifier.slice(5))).href;
  return new URL(specifier, from).href;
}

function findRoot(entry: string): string {
  for (let dir = dirname(resolve(entry)); ; dir = dirname(dir)) {
    if (existsSync(join(dir, "package.json"))) return dir;
    if (dir === dirname(dir)) throw new Error(`no package.json above ${entry}`);
  }
}

function strip(source: string): string {
  // Node says on stderr that the function is experimental; that is of no use to who runs the server.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** What `node -e` runs in the child: takes the image from stdin and starts its entry. Plain JavaScript. */
export const bootSource = `
import { readSync } from "node:fs";
import { registerHooks } from "node:module";
const read = (count) => {
  const bytes = Buffer.allocUnsafe(count);
  for (let at = 0; at < count; ) {
    const got = readSync(0, bytes, at, count - at);
    if (got === 0) process.exit(0);
    at += got;
  }
  return bytes;
};
const { entry, src, modules } = JSON.parse(read(read(4).readUInt32LE(0)).toString());
const found = (specifier, parent) => {
  if (specifier === entry) return entry;
  if (specifier.startsWith("#src/")) return new URL(specifier.slice(5), src).href;
  if (parent !== undefined && modules[parent] !== undefined && specifier[0] === ".") return new URL(specifier, parent).href;
};
registerHooks({
  resolve(specifier, context, next) {
    const url = found(specifier, context.parentURL);
    if (url === undefined || modules[url] === undefined) return next(specifier, context);
    return { url, format: "module", shortCircuit: true };
  },
  load(url, context, next) {
    const source = modules[url];
    if (source === undefined) return next(url, context);
    return { format: "module", source, shortCircuit: true };
  },
});
await import(entry);
`;
