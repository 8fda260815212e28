import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compileChart } from "#src/rooms/charts/compile.ts";
import type { DrawRequest } from "#src/rooms/charts/compile.ts";
import { fitPanels, toVega } from "#src/rooms/charts/render.ts";
import { checkAgainstColumns, checkChart } from "#src/rooms/charts/validate.ts";
import { Problem as ServerProblem, problemBody } from "#src/base/problems/problem.ts";
import { Problem } from "../api/api.ts";
import { attachTooltip } from "./tooltip.ts";

export interface Drawn {
  description: string;
  notes: string[];
  drawable: boolean;
  stop: () => void;
}

const silent: Record<string, () => unknown> = { level: () => 0, error: () => silent, warn: () => silent, info: () => silent, debug: () => silent };

/**
 * Draws a chart alive into an element, with the same code as the server draws pictures and pages.
 * The interpreter evaluates expressions, because the content policy forbids eval. Throws Problem.
 */
export async function drawInto(element: HTMLElement, request: Omit<DrawRequest, "chart"> & { chart: unknown }): Promise<Drawn> {
  const chart = holdChart(request.chart, request);
  const compiled = compileChart({ ...request, chart, interactive: true });
  const { description, notes, drawable } = compiled;
  if (!drawable) return { description, notes, drawable, stop: () => undefined };
  // Vega names the element itself; ours says what is shown.
  const [role, label] = [element.getAttribute("role"), element.getAttribute("aria-label")];
  const view = new vega.View(vega.parse(toVega(compiled), undefined, { ast: true } as never), {
    expr: expressionInterpreter, renderer: "svg", container: element, hover: true,
    // A chart is one named graphic; its data stands in a table beside it.
    description: undefined,
  } as never);
  const failures: unknown[] = [];
  view.logger({ ...silent, error: (...all: unknown[]) => (failures.push(...all), silent) } as never);
  const detach = attachTooltip(view, element);
  await view.runAsync();
  await fitPanels(view, compiled);
  element.removeAttribute("aria-roledescription");
  for (const [name, value] of [["role", role], ["aria-label", label]] as const) {
    if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
  // The element is the named picture; what Vega says of each of its parts would only be noise beside it.
  for (const svg of element.querySelectorAll("svg")) svg.setAttribute("aria-hidden", "true");
  if (failures.length > 0) {
    detach();
    view.finalize();
    throw failures[0];
  }
  return {
    description, notes, drawable,
    stop() {
      detach();
      view.finalize();
    },
  };
}

function holdChart(chart: unknown, { result, language }: Pick<DrawRequest, "result" | "language">) {
  try {
    const held = checkChart(chart);
    checkAgainstColumns(held, result.columns);
    return held;
  } catch (error) {
    if (error instanceof ServerProblem) throw new Problem(problemBody(error, language) as Partial<Problem>);
    throw error;
  }
}

/** Throws Problem if it is not a chart that Kliv accepts. */
export function checkChartText(text: string, language: "en" | "ja"): Record<string, unknown> {
  try {
    return checkChart(JSON.parse(text)) as unknown as Record<string, unknown>;
  } catch (error) {
    if (error instanceof ServerProblem) throw new Problem(problemBody(error, language) as Partial<Problem>);
    throw error;
  }
}
