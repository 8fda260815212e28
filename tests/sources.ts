import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export const root = join(import.meta.dirname, "..");

export interface SourceFile {
  /** From the root of the project. */
  path: string;
  text: string;
  lines: number;
}

/** The files that git tracks or would track, below these folders, with one of these endings. */
export function sources(folders: string[], endings: string[]): SourceFile[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", ...folders], { cwd: root, encoding: "utf8" });
  return listed.split("\0")
    .filter((path) => endings.some((ending) => path.endsWith(ending)) && existsSync(join(root, path)))
    .map((path) => {
      const text = readFileSync(join(root, path), "utf8");
      return { path, text, lines: text.split("\n").length - 1 };
    });
}

/** The project's own files that a file imports, in any way, types too. */
export function importsOf({ path, text }: SourceFile): { target: string; isType: boolean; isLazy: boolean }[] {
  const found: { target: string; isType: boolean; isLazy: boolean }[] = [];
  for (const match of text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\("([^"]+)"\)/gm)) {
    const name = match[2] ?? match[3] ?? "";
    const target = name.startsWith("#") ? name.slice(1) : name.startsWith(".") ? normalize(join(dirname(path), name)) : null;
    if (target !== null) found.push({ target, isType: match[1] !== undefined, isLazy: match[3] !== undefined });
  }
  return found;
}
