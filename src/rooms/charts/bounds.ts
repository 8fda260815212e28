import type { Plot } from "./compile.ts";
import { formatNumber } from "./format.ts";
import type { Datum, Prepared, Use } from "./prepare.ts";
import { chartLimits } from "./schema.ts";
import { say } from "./words.ts";

/** Holds a chart to its number of marks: points are counted by cell, lines thinned without losing peaks, the rest is cut. */
export function boundMarks(plot: Plot): void {
  const { prepared } = plot;
  const measured = [...prepared.uses.values()].some((use) => use.aggregate !== undefined || use.binned);
  const { length } = prepared.data;
  if (length <= chartLimits.marksMax) return;
  if (measured) return boundGroups(prepared);
  const [x, y] = [prepared.uses.get("x"), prepared.uses.get("y")];
  const continuous = (use: Use | undefined) => use?.kind === "quantitative" || use?.kind === "temporal";
  if ((prepared.mark === "point" || prepared.mark === "circle") && x?.kind === "quantitative" && y?.kind === "quantitative") return countCells(prepared, x, y);
  if ((prepared.mark === "line" || prepared.mark === "area") && continuous(x)) return thin(prepared, Math.max(100, Math.min(plot.plotWidth, 1_000)));
  if (prepared.mark === "bar" || prepared.mark === "rect") {
    // Bars on categories are bounded by the axis; what is beyond it goes there, with its own note.
    if (x && y && (!continuous(x) || !continuous(y)) && length <= chartLimits.marksMax * 4) return;
  }
  prepared.notes.push(say("marksCut", prepared.language, { shown: formatNumber(chartLimits.marksMax, prepared.language), all: formatNumber(length, prepared.language) }));
  prepared.data = prepared.data.slice(0, chartLimits.marksMax);
}

/** Aggregated rows make one mark a group: too many groups are cut, whole groups at a time. */
function boundGroups(prepared: Prepared): void {
  const keys = [...prepared.uses.values()].filter((use) => use.aggregate === undefined && !use.binned).map((use) => use.name);
  const groups = new Set<string>();
  let all = 0;
  const kept = prepared.data.filter((datum) => {
    const key = JSON.stringify(keys.map((name) => datum[name]));
    if (groups.has(key)) return true;
    all += 1;
    if (all > chartLimits.marksMax) return false;
    groups.add(key);
    return true;
  });
  if (all <= chartLimits.marksMax) return;
  prepared.notes.push(say("groupsCut", prepared.language, { shown: formatNumber(chartLimits.marksMax, prepared.language) }));
  prepared.data = kept;
}

function countCells(prepared: Prepared, x: Use, y: Use): void {
  prepared.notes.push(say("pointsCounted", prepared.language, { all: formatNumber(prepared.data.length, prepared.language) }));
  prepared.mark = "rect";
  prepared.markOptions = {};
  for (const name of ["color", "size", "opacity", "detail", "order"]) prepared.uses.delete(name);
  x.binned = true;
  y.binned = true;
  x.channel = { ...x.channel, bin: { maxbins: 50 } };
  y.channel = { ...y.channel, bin: { maxbins: 30 } };
  prepared.uses.set("color", {
    name: "color", channel: { aggregate: "count" }, kind: "quantitative", title: say("count", prepared.language), titleGiven: false,
    aggregate: "count", binned: false, format: undefined, grain: null, part: null, sortKey: null,
  });
}

/** First, last, least and greatest of each line in each pixel: the drawn line stays the same. */
function thin(prepared: Prepared, buckets: number): void {
  const lines = new Map<string, Datum[]>();
  let [low, high] = [Infinity, -Infinity];
  for (const datum of prepared.data) {
    const x = datum["x"] as number;
    low = Math.min(low, x);
    high = Math.max(high, x);
    const key = JSON.stringify([datum["color"], datum["line"], datum["detail"], datum["row"], datum["column"]]);
    const line = lines.get(key);
    if (line) line.push(datum);
    else lines.set(key, [datum]);
  }
  const perLine = Math.max(8, Math.min(buckets, Math.floor((chartLimits.marksMax * 1.5) / lines.size)));
  const width = (high - low) / perLine || 1;
  const kept = new Set<Datum>();
  for (const line of lines.values()) {
    const cells = new Map<number, Datum[]>();
    for (const datum of line.toSorted((a, b) => (a["x"] as number) - (b["x"] as number))) {
      const cell = Math.floor(((datum["x"] as number) - low) / width);
      const [first, least, most] = cells.get(cell) ?? [datum, datum, datum];
      const value = Number(datum["y"]);
      cells.set(cell, [first!, value < Number(least!["y"]) ? datum : least!, value > Number(most!["y"]) ? datum : most!, datum]);
    }
    for (const cell of cells.values()) for (const datum of cell) kept.add(datum);
  }
  prepared.data = prepared.data.filter((datum) => kept.has(datum));
}
