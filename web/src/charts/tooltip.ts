import type { View } from "vega";

/** Shows a mark's values beside the pointer. Text only: nothing of the data is read as HTML. */
export function attachTooltip(view: View, element: HTMLElement): () => void {
  let box: HTMLElement | null = null;
  const hide = (): void => {
    box?.remove();
    box = null;
  };
  view.tooltip((_handler: unknown, event: MouseEvent, _item: unknown, value: unknown) => {
    if (value === null || value === undefined || value === "") return hide();
    box ??= document.body.appendChild(newBox());
    box.replaceChildren(...linesOf(value));
    place(box, event);
  });
  element.addEventListener("pointerleave", hide);
  return () => {
    element.removeEventListener("pointerleave", hide);
    hide();
  };
}

function newBox(): HTMLElement {
  const box = document.createElement("div");
  box.className = "fixed z-50 pointer-events-none max-w-[280px] rounded-lg border border-line bg-paper text-ink shadow-lg px-2.5 py-1.5 text-[0.82rem] numeric";
  box.setAttribute("aria-hidden", "true");
  return box;
}

function linesOf(value: unknown): HTMLElement[] {
  const pairs = typeof value === "object" ? Object.entries(value as Record<string, unknown>) : [["", value] as [string, unknown]];
  return pairs.map(([name, one]) => {
    const line = document.createElement("div");
    line.className = "flex justify-between gap-3";
    const label = document.createElement("span");
    label.className = "text-ink-2";
    label.textContent = name;
    const text = document.createElement("span");
    text.className = "font-medium text-right";
    text.textContent = String(one);
    line.append(label, text);
    return line;
  });
}

const away = 14;

function place(box: HTMLElement, event: MouseEvent): void {
  const { width, height } = box.getBoundingClientRect();
  const left = event.clientX + away + width > innerWidth ? event.clientX - away - width : event.clientX + away;
  const top = event.clientY + away + height > innerHeight ? event.clientY - away - height : event.clientY + away;
  box.style.left = `${Math.max(4, left)}px`;
  box.style.top = `${Math.max(4, top)}px`;
}
