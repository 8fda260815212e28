import type { Theme } from "./colours.ts";

export const chartFont = "Inter, 'Inter Variable', 'Noto Sans JP', sans-serif";

export const chartPadding = { left: 4, right: 10, top: 6, bottom: 4 };

/** Vega-Lite's config: how every chart of Kliv looks before its own settings. */
export function chartConfig(theme: Theme): Record<string, unknown> {
  return {
    background: null,
    padding: chartPadding,
    font: chartFont,
    customFormatTypes: true,
    aria: false,
    view: { stroke: null },
    title: {
      anchor: "start", frame: "bounds", fontSize: 15, fontWeight: 700, color: theme.text, offset: 12,
      subtitleFontSize: 11, subtitleColor: theme.quiet, subtitlePadding: 4,
    },
    axis: {
      labelFontSize: 11, titleFontSize: 11, titleFontWeight: 400, labelColor: theme.quiet, titleColor: theme.quiet,
      gridColor: theme.grid, domainColor: theme.line, ticks: false, labelPadding: 6, labelLimit: 140, labelOverlap: "greedy", labelSeparation: 6,
      titlePadding: 8,
    },
    axisX: { grid: false },
    axisY: { domain: false },
    axisBand: { labelAngle: 0 },
    scale: { bandPaddingInner: 0.22, bandPaddingOuter: 0.1, pointPadding: 0.3, barBandPaddingInner: 0.22, rectBandPaddingInner: 0.04 },
    bar: { cornerRadiusEnd: 2, color: theme.accent },
    line: { strokeWidth: 2, color: theme.accent, strokeCap: "round", strokeJoin: "round" },
    area: { color: theme.accent, opacity: 0.85 },
    rect: { color: theme.accent },
    tick: { color: theme.accent, thickness: 1.5 },
    rule: { color: theme.accent, strokeWidth: 1.5 },
    point: { color: theme.accent, filled: true, size: 36, opacity: 0.7 },
    circle: { color: theme.accent, size: 36, opacity: 0.7 },
    arc: { color: theme.accent, stroke: theme.background, strokeWidth: 1.5 },
    text: { color: theme.text, fontSize: 11 },
    legend: {
      labelFontSize: 11, titleFontSize: 11, titleFontWeight: 400, titleColor: theme.quiet, labelColor: theme.text, labelLimit: 160,
      symbolType: "circle", symbolSize: 80, symbolStrokeWidth: 0, rowPadding: 4, columnPadding: 14, offset: 10, gradientStrokeWidth: 0,
    },
    header: { labelFontSize: 11, labelFontWeight: 500, labelColor: theme.text, titleColor: theme.quiet, titleFontSize: 11, titleFontWeight: 400, labelLimit: 200 },
    range: { category: theme.categories, ramp: theme.ramp, heatmap: theme.ramp },
  };
}
