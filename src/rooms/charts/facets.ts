import type { Json } from "./axes.ts";
import { labelFor, widestLabel } from "./axes.ts";
import type { Plot } from "./compile.ts";
import { labelExpression } from "./expressions.ts";
import { formatNumber } from "./format.ts";
import { distinctOf } from "./prepare.ts";
import type { Cell, Use } from "./prepare.ts";
import { chartLimits } from "./schema.ts";
import { orderOf } from "./series.ts";
import { say } from "./words.ts";

/** Small multiples: cuts the panels to their limit, gives the plot the size of one, and wraps the chart into them. */
export function facetSpec(plot: Plot): ((inner: Json) => Json) | null {
  const { prepared } = plot;
  const [row, column] = [prepared.uses.get("row"), prepared.uses.get("column")];
  if (!row && !column) return null;
  const rows = row ? panelsOf(row, plot, column ? 4 : 6) : [];
  const columns = column ? panelsOf(column, plot, row ? 4 : chartLimits.facetsMax) : [];
  // Names beside bars take their room from every panel.
  const beside = prepared.uses.get("y");
  if (beside && beside.kind !== "quantitative" && beside.kind !== "temporal") {
    plot.plotWidth -= Math.max(0, Math.min(80, widestLabel(beside, distinctOf(prepared.data, "y"), plot.language)) - 30);
  }
  // One line of panels breaks into several before its panels become too narrow to read, and into lines of one length.
  const fitting = Math.max(1, Math.min(columns.length, Math.floor((plot.plotWidth + 70) / 165)));
  const down = row ? rows.length : Math.ceil(columns.length / fitting);
  const across = column ? (row ? columns.length : Math.ceil(columns.length / down)) : 1;
  plot.panels = { across, down };
  const width = Math.max(60, Math.floor((plot.plotWidth - 10 - (across - 1) * (row ? 14 : 20)) / across));
  const height = Math.max(40, Math.floor((plot.plotHeight - (down - 1) * (row ? 14 : 52) - 34) / down));
  // The panels share one axis: its title stands once, above them all.
  const y = prepared.uses.get("y");
  if (y && y.title !== "" && y.kind === "quantitative") {
    prepared.notes.unshift(y.title);
    y.title = "";
  }
  plot.plotWidth = width;
  plot.plotHeight = height;
  const head = (use: Use): Json => ({ title: null, labelExpr: labelExpression(labelFor(use, plot.language, "category")), labelPadding: 6 });
  return (inner) => {
    const spec = { width, height, ...inner };
    if (!row) {
      return {
        facet: { field: "column", type: "nominal", sort: columns, header: { ...head(column!), labelAnchor: "start" } }, columns: across, spacing: { row: 26, column: 20 },
        // Where the last line has holes, each panel has its own axis: one below a hole would belong to nothing.
        ...(columns.length % across === 0 ? {} : { resolve: { axis: { x: "independent" } } }), spec,
      };
    }
    return {
      facet: {
        row: { field: "row", type: "nominal", sort: rows, header: { ...head(row), labelAngle: 0, labelAlign: "left", labelLimit: 100 } },
        ...(column ? { column: { field: "column", type: "nominal", sort: columns, header: head(column) } } : {}),
      },
      spacing: 14,
      spec,
    };
  };
}

function panelsOf(use: Use, plot: Plot, max: number): Cell[] {
  const { prepared } = plot;
  const values = orderOf(use, distinctOf(prepared.data, use.name), prepared.data, prepared);
  if (values.length <= max) return values;
  const kept = values.slice(0, max);
  const there = new Set(kept);
  prepared.data = prepared.data.filter((datum) => there.has(datum[use.name] ?? null));
  prepared.notes.push(say("facetsCut", plot.language, { shown: formatNumber(max, plot.language), all: formatNumber(values.length, plot.language) }));
  return kept;
}
