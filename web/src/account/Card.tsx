import type { ReactNode } from "react";

/** The one thing on a page outside. */
export function Card({ children }: { children: ReactNode }) {
  return <div className="w-full max-w-[420px] rounded-2xl border border-line bg-paper px-5 py-7 sm:p-8 shadow-[0_1px_2px_rgb(0_0_0/0.04)]">{children}</div>;
}
