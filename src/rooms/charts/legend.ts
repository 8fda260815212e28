import { labelFor, labelFontSize } from "./axes.ts";
import type { Json } from "./axes.ts";
import type { Plot } from "./compile.ts";
import { labelExpression } from "./expressions.ts";
import { textWidth } from "./measure.ts";
import { labelOf, ownKey } from "./prepare.ts";
import type { Cell, Use } from "./prepare.ts";

/** Names lie in a row above the chart and break into as many rows as they need; a ramp stands at the right. */
export function legendOf(use: Use, plot: Plot, domain: Cell[] | null): Json | null {
  const given = use.channel.legend;
  if (given === null) return null;
  const label = labelFor(use, plot.language, domain ? "category" : "value");
  const title = use.titleGiven ? use.title : domain ? null : use.title;
  const orient = given?.orient ?? (domain ? "top" : "right");
  const lines = plot.prepared.mark === "line" || plot.prepared.mark === "rule";
  const legend: Json = {
    title: title ? ownKey(title) : null, orient, labelExpr: labelExpression(label),
    ...(lines ? { symbolType: "stroke", symbolStrokeWidth: 2.5, symbolSize: 140 } : {}),
    // Room for the title of the vertical axis, which lies flat above it.
    ...(orient === "top" && plot.prepared.uses.get("y")?.title && plot.prepared.uses.get("y")?.kind === "quantitative" ? { offset: 28 } : {}),
  };
  if (!domain) return orient === "top" || orient === "bottom" ? { ...legend, direction: "horizontal", gradientLength: 160 } : { ...legend, gradientLength: Math.max(60, Math.min(180, plot.plotHeight - 40)) };
  if (orient === "left" || orient === "right") return { ...legend, columns: 1 };
  const widest = Math.max(...domain.map((value) => Math.min(160, textWidth(labelOf(use, value, plot.language), labelFontSize))));
  return { ...legend, direction: "horizontal", columns: Math.max(1, Math.min(domain.length, Math.floor((plot.plotWidth + 40) / (widest + 30)))) };
}