import { kinds, sections } from "./promise.ts";
import type { PromiseDefinition } from "./promise.ts";

/** As many as the security page makes. A promise is never dropped in silence. */
export const promisesCount = 74;

let loaded: Promise<readonly PromiseDefinition[]> | null = null;

/** All promises in the page's order. They and their checks are loaded at the first call, not at the start of the server. */
export function loadPromises(): Promise<readonly PromiseDefinition[]> {
  loaded ??= import("#promises/all.ts").then(({ allPromises }) => holdPromises(allPromises));
  return loaded;
}

/** Throws unless all are there, once each, and whole. */
export function holdPromises(all: readonly PromiseDefinition[]): readonly PromiseDefinition[] {
  if (all.length !== promisesCount) throw new Error(`There are ${all.length} promises; the security page makes ${promisesCount}.`);
  const seen = new Set<string>();
  for (const one of all) {
    if (!/^[A-Z]+-\d+$/.test(one.id) || seen.has(one.id)) throw new Error(`The promise's id ${one.id} is not valid or is there twice.`);
    seen.add(one.id);
    if (!sections.includes(one.section) || !kinds.includes(one.kind)) throw new Error(`${one.id} has an unknown section or kind.`);
    if (!(one.everyHours > 0)) throw new Error(`${one.id} says not how often it is checked.`);
    if (one.isAbsence && (one.kind !== "stated" || one.check)) throw new Error(`${one.id} states an absence: it is of kind stated and has no check.`);
    for (const text of [one.statement, one.must, one.proof]) {
      if (text.en.trim() === "" || text.ja.trim() === "") throw new Error(`${one.id} lacks a text.`);
    }
  }
  return all;
}
