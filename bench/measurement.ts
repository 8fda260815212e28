import type { Served } from "./served.ts";

/** One line of the table: what was measured, beside what it is held against in the same run. */
export interface Measured {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  baselineName: string;
  /** Of value to baseline. */
  ratio: number;
  /** As `<= 1.10 x` (of the ratio) or `<= 4 s` (of the value). */
  goal: string;
  ok: boolean;
}

export interface Goal {
  /** Of the ratio to the baseline, or of the value in its own unit. */
  of: "ratio" | "value";
  atMost?: number;
  atLeast?: number;
}

export interface Tools {
  /** The server that the measurements of one run share; started when it is first asked for. */
  shared(): Promise<Served>;
  /** What is being done, for who waits. */
  tell(text: string): void;
  /** How many databases `many` makes, where it was said. */
  databases?: number;
}

export interface Measurement {
  name: string;
  /** What is measured against what, in a sentence. */
  about: string;
  measure(tools: Tools): Promise<Measured>;
}

/** Puts a result together and holds it against its goal. Figures are rounded only here. */
export function measured(options: { name: string; value: number; unit: string; baseline: number; baselineName: string; ratio?: number; goal: Goal }): Measured {
  const { name, value, unit, baseline, baselineName, goal } = options;
  const ratio = options.ratio ?? value / baseline;
  const held = goal.of === "ratio" ? ratio : value;
  const ok = held <= (goal.atMost ?? Number.POSITIVE_INFINITY) && held >= (goal.atLeast ?? Number.NEGATIVE_INFINITY);
  return { name, value: round(value), unit, baseline: round(baseline), baselineName, ratio: round(ratio), goal: goalText(goal, unit), ok };
}

function goalText({ of, atMost, atLeast }: Goal, unit: string): string {
  const size = atMost ?? atLeast ?? 0;
  const sign = atMost === undefined ? ">=" : "<=";
  return of === "ratio" ? `${sign} ${size.toFixed(2)} x` : `${sign} ${size} ${unit}`;
}

function round(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 6 : 4));
}

/** The middle of an odd number of figures: one disturbed round does not move it. */
export function median(figures: number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/**
 * Takes turns, so that a machine that is slow for a while is slow for both. Answers the medians, and the median of
 * the rounds' own ratios, which is what noise touches least.
 */
export async function inTurns(options: { rounds: number; baseline(round: number): Promise<number>; value(round: number): Promise<number> }): Promise<{ baseline: number; value: number; ratio: number }> {
  const figures: { baseline: number; value: number }[] = [];
  for (let round = 0; round < options.rounds; round++) figures.push({ baseline: await options.baseline(round), value: await options.value(round) });
  return {
    baseline: median(figures.map((one) => one.baseline)),
    value: median(figures.map((one) => one.value)),
    ratio: median(figures.map((one) => one.value / one.baseline)),
  };
}
