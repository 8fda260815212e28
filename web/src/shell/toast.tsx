import { useSyncExternalStore } from "react";
import { X } from "lucide-react";
import { useWords } from "../words/language.ts";
import { IconButton } from "./Button.tsx";

interface Toast {
  id: number;
  text: string;
  act?: { label: string; run: () => void };
}

const shownMs = 7_000;
let toasts: Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says something happened, for a while; with an act to take it back where there is one. */
export function say(text: string, act?: Toast["act"]): void {
  last += 1;
  const id = last;
  change([...toasts.slice(-2), { id, text, ...(act ? { act } : {}) }]);
  setTimeout(() => change(toasts.filter((toast) => toast.id !== id)), shownMs);
}

export function Toasts() {
  const words = useWords();
  const shown = useSyncExternalStore((listener) => { listeners.add(listener); return () => listeners.delete(listener); }, () => toasts);
  const dismiss = (id: number): void => change(toasts.filter((toast) => toast.id !== id));
  return (
    <div role="status" className="fixed z-50 bottom-4 inset-x-4 flex flex-col items-center gap-2 pointer-events-none no-print">
      {shown.map((toast) => (
        <div key={toast.id} className="pointer-events-auto flex items-center gap-2 max-w-full rounded-lg bg-ink text-paper pl-4 pr-1.5 py-1.5 shadow-xl text-[0.93rem] motion-safe:animate-[rise_160ms_ease-out]">
          <span>{toast.text}</span>
          {toast.act ? (
            <button type="button" className="min-h-8 px-2 font-semibold underline underline-offset-2" onClick={() => { toast.act?.run(); dismiss(toast.id); }}>
              {toast.act.label}
            </button>
          ) : null}
          <IconButton label={words.actions.close} className="!text-paper/80 hover:!text-paper hover:!bg-paper/10" onClick={() => dismiss(toast.id)}><X size={15} aria-hidden /></IconButton>
        </div>
      ))}
    </div>
  );
}
