import "./page.css";

/*
 * Brings a page alive that is complete without it: filters answer at once and stay in the address, charts show values
 * under the pointer. What takes long to load is loaded when a reader first reaches for it.
 */
const settleMs = 250;

document.documentElement.classList.add("alive");
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-live]")) listenTo(form);
for (const figure of document.querySelectorAll<HTMLElement>("figure[data-chart]")) wakeOnReach(figure);
addEventListener("popstate", () => {
  // What was typed belongs to the address that was left.
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-live]")) form.reset();
  void show(location.href);
});

function listenTo(form: HTMLFormElement): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const apply = (): void => {
    clearTimeout(timer);
    const address = addressOf(form);
    if (address.href === location.href) return;
    history.pushState(null, "", address);
    void show(address.href);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, settleMs);
  });
}

function addressOf(form: HTMLFormElement): URL {
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (typeof value === "string") address.searchParams.set(name, value);
  return address;
}

let latest: AbortController | null = null;

/** Fetches the page as it is with other values, and takes over every block that is different. */
async function show(href: string): Promise<void> {
  latest?.abort();
  const own = (latest = new AbortController());
  const report = document.querySelector(".report");
  report?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(href, { signal: own.signal, headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    if (own.signal.aborted) return;
    // The browser's own way shows whatever there is to say.
    location.assign(href);
  } finally {
    if (latest === own) report?.removeAttribute("aria-busy");
  }
}

function takeOver(next: Document): void {
  const focused = document.activeElement?.id;
  for (const block of document.querySelectorAll<HTMLElement>(".block")) {
    const other = next.getElementById(block.id);
    if (!other || other.outerHTML === block.outerHTML) continue;
    const taken = document.importNode(other, true);
    block.replaceWith(taken);
    taken.querySelectorAll<HTMLFormElement>("form[data-live]").forEach(listenTo);
    taken.querySelectorAll<HTMLElement>("figure[data-chart]").forEach(wakeOnReach);
  }
  const [status, said] = [document.querySelector("[data-live-status]"), next.querySelector("[data-live-status]")];
  if (status && said) status.textContent = said.textContent;
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/** A still chart comes alive when a pointer or the keyboard first reaches it. */
function wakeOnReach(figure: HTMLElement): void {
  const wake = (): void => {
    figure.removeEventListener("pointerenter", wake);
    // Whatever fails on the way, the still chart stays and shows the same.
    void import("./wake.ts").then(({ wakeChart }) => wakeChart(figure)).catch(() => undefined);
  };
  figure.addEventListener("pointerenter", wake);
}
