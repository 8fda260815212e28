import { Chart } from "./schema.ts";
import { checkChart } from "./validate.ts";
import { suggestCharts } from "./suggest.ts";
import { themeFor } from "./colours.ts";
import { chartDataHtml, numberHtml, tableHtml } from "./html.ts";

/*
 * The charts room's door. Drawing itself (draw.ts) is not behind it: it loads Vega and the fonts, so it runs in a
 * sandboxed child, which loads it when the first chart is asked for.
 */
export { chartDataHtml, checkChart, numberHtml, suggestCharts, tableHtml, themeFor };
export type { Suggestion, SuggestRequest } from "./suggest.ts";
export type { ChartHead, ChartsHead, ChartsTask, ChartTask, DrawTask, PictureHead, PictureTask } from "./draw.ts";

/** The JSON schema published at /api/v1/schemas/chart.json. */
export function chartSchema(): Record<string, unknown> {
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...(JSON.parse(JSON.stringify(Chart)) as Record<string, unknown>) };
}
