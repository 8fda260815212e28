import { drawInto } from "../charts/draw.ts";

interface LiveChart {
  chart: Record<string, unknown>;
  result: { columns: { name: string; type: string }[]; rows: unknown[][]; truncated: boolean };
  background: string;
  language: "en" | "ja";
}

/** Draws a page's still chart again, alive, in exactly its place. On any failure the still one stays. */
export async function wakeChart(figure: HTMLElement): Promise<void> {
  const still = [...figure.querySelectorAll<SVGElement>("svg.kliv-chart")].find((svg) => svg.getClientRects().length > 0);
  const frame = still?.parentElement;
  if (!still || !frame) return;
  const address = new URL(`${location.pathname}/charts/${encodeURIComponent(figure.dataset["chart"] ?? "")}${location.search}`, location.href);
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  if (!answer.ok || !frame.isConnected) return;
  const { chart, result, background, language } = (await answer.json()) as LiveChart;
  const target = document.createElement("div");
  target.setAttribute("role", "img");
  target.setAttribute("aria-label", still.getAttribute("aria-label") ?? "");
  const { width, height } = (still as SVGSVGElement).viewBox.baseVal;
  const scale = still.getBoundingClientRect().width / width;
  target.hidden = true;
  frame.append(target);
  try {
    await drawInto(target, { chart, result: result as never, width: Math.round(width * scale), height: Math.round(height * scale), background, language });
    target.hidden = false;
    still.remove();
  } catch {
    target.remove();
  }
}
