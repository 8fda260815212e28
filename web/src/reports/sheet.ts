import { contrast, mix, readable, themeFor } from "#src/rooms/charts/colours.ts";
import type { CSSProperties } from "react";
import { gridGapPixels, gridRowPixels } from "./definition.ts";
import type { ReportBlock, ReportDefinition } from "./definition.ts";

/** As a published page draws it: `src/rooms/gallery/report-page.ts` has the same measures. */
const headPixels = 28;
const notePixels = 22;
const dataPixels = 32;

/** Pixels of a block's body below its title and note. */
export function bodyPixels({ kind, layout, title, description }: ReportBlock): number {
  const whole = layout.h * (gridRowPixels + gridGapPixels) - gridGapPixels;
  return Math.max(60, whole - (title ? headPixels : 0) - (description ? notePixels : 0) - (kind === "chart" ? dataPixels : 0));
}

/** The report's own ground, and the app's colours as they are on it. */
export function sheetStyle({ background = "light" }: Pick<ReportDefinition, "background">): CSSProperties {
  const theme = themeFor(background);
  const { background: ground, text } = theme;
  const accent = readable(theme.accent, ground, 4.5);
  const colours = {
    paper: ground, "paper-2": theme.surface, "paper-3": mix(ground, text, 0.1), surface: theme.surface, line: theme.grid, "line-2": readable(theme.line, ground, 3),
    ink: text, "ink-2": readable(theme.quiet, mix(ground, text, 0.1), 4.5), accent, "accent-2": accent, "accent-ink": contrast("#FFFFFF", accent) > contrast("#000000", accent) ? "#FFFFFF" : "#000000",
    "accent-soft": mix(ground, accent, 0.14), bad: theme.bad, "bad-soft": mix(ground, theme.bad, 0.08), good: theme.good, "good-soft": mix(ground, theme.good, 0.08),
  };
  return { colorScheme: theme.dark ? "dark" : "light", ...Object.fromEntries(Object.entries(colours).map(([name, value]) => [`--${name}`, value])) } as CSSProperties;
}

/** Where a block stands in the grid, rows above the first block left out. */
export function areaOf({ x, y, w, h }: ReportBlock["layout"], firstRow: number): CSSProperties {
  return { "--area": `${y - firstRow + 1} / ${x + 1} / span ${h} / span ${w}` } as CSSProperties;
}
