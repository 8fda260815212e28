import { useSyncExternalStore } from "react";

export type Look = "system" | "light" | "dark";

const key = "kliv.look";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let look: Look = stored();
apply();
system.addEventListener("change", announce);

function stored(): Look {
  const kept = localStorage.getItem(key);
  return kept === "light" || kept === "dark" ? kept : "system";
}

function apply(): void {
  if (look === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = look;
}

function announce(): void {
  for (const listener of listeners) listener();
}

export function setLook(next: Look): void {
  look = next;
  if (next === "system") localStorage.removeItem(key);
  else localStorage.setItem(key, next);
  apply();
  announce();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useLook = (): Look => useSyncExternalStore(subscribe, () => look);

/** What is on the screen now: what charts are drawn for. */
export const useDark = (): boolean => useSyncExternalStore(subscribe, () => look === "dark" || (look === "system" && system.matches));
