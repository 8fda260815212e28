import { compact, newBlockId } from "../reports/definition.ts";
import type { ReportBlock, ReportDefinition, ReportParameter } from "../reports/definition.ts";
import { same } from "./same.ts";

export interface Merged {
  definition: ReportDefinition;
  /** Whether both changed the same thing differently; there the definition has ours. */
  clashes: boolean;
}

interface Three<T> {
  /** What both began with. */
  base: T;
  mine: T;
  theirs: T;
}

const fields = ["title", "description", "language", "background", "tags"] as const;

/** Two people's changes of one report together: other blocks, other fields, other parameters do not get in each other's way. */
export function merge({ base, mine, theirs }: Three<ReportDefinition>): Merged {
  const found = { clashes: false };
  const definition: Record<string, unknown> = { schema: mine.schema };
  for (const field of fields) {
    const value = pick({ base: base[field], mine: mine[field], theirs: theirs[field] }, found);
    if (value !== undefined) definition[field] = value;
  }
  const parameters = mergeLists({ base: base.parameters, mine: mine.parameters, theirs: theirs.parameters }, { key: ({ name }) => name, one: pick, found });
  const blocks = mergeLists({ base: base.blocks, mine: mine.blocks, theirs: withFreshIds({ base, mine, theirs }) }, { key: ({ id }) => id, one: mergeBlock, found });
  definition["parameters"] = parameters satisfies ReportParameter[];
  // Two that were put in the same place move apart.
  definition["blocks"] = same(blocks, mine.blocks) ? mine.blocks : compact(blocks);
  return { definition: definition as unknown as ReportDefinition, clashes: found.clashes };
}

function pick<T>({ base, mine, theirs }: Three<T>, found: { clashes: boolean }): T {
  if (same(mine, theirs) || same(theirs, base)) return mine;
  if (same(mine, base)) return theirs;
  found.clashes = true;
  return mine;
}

/** A place matters less than what stands there: where both moved a block, ours counts. */
function mergeBlock({ base, mine, theirs }: Three<ReportBlock>, found: { clashes: boolean }): ReportBlock {
  const content = ({ layout: _layout, ...rest }: ReportBlock): unknown => rest;
  const kept = pick({ base: content(base), mine: content(mine), theirs: content(theirs) }, found);
  const layout = pick({ base: base.layout, mine: mine.layout, theirs: theirs.layout }, { clashes: false });
  return { ...(kept as ReportBlock), layout };
}

interface ListRules<T> {
  key: (item: T) => string;
  one: (three: Three<T>, found: { clashes: boolean }) => T;
  found: { clashes: boolean };
}

function mergeLists<T>({ base, mine, theirs }: Three<readonly T[]>, { key, one, found }: ListRules<T>): T[] {
  const maps = [base, mine, theirs].map((list) => new Map(list.map((item) => [key(item), item]))) as [Map<string, T>, Map<string, T>, Map<string, T>];
  const merged: T[] = [];
  for (const name of new Set([...maps[1].keys(), ...maps[2].keys()])) {
    const [before, ours, their] = maps.map((map) => map.get(name));
    if (ours !== undefined && their !== undefined) merged.push(before === undefined ? pick({ base: before as T, mine: ours, theirs: their }, found) : one({ base: before, mine: ours, theirs: their }, found));
    else if (before === undefined) merged.push((ours ?? their)!);
    // One took it away: so it stays, unless the other has changed it since.
    else if (!same(ours ?? their, before)) {
      found.clashes = true;
      if (ours !== undefined) merged.push(ours);
    }
  }
  return merged;
}

/** Ids are counted up, so two people often make the same one for different blocks: theirs gets another. */
function withFreshIds({ base, mine, theirs }: Three<ReportDefinition>): ReportBlock[] {
  const known = new Set(base.blocks.map(({ id }) => id));
  const blocks: ReportBlock[] = [];
  for (const block of theirs.blocks) {
    const own = known.has(block.id) ? undefined : mine.blocks.find(({ id }) => id === block.id);
    blocks.push(own && !same(own, block) ? { ...block, id: newBlockId(block.kind, [...mine.blocks, ...theirs.blocks, ...blocks]) } : block);
  }
  return blocks;
}
