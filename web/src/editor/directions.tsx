import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, ChevronsDown, ChevronsLeft, ChevronsRight, ChevronsUp } from "lucide-react";
import type { Moving, Sizing } from "../reports/definition.ts";

export const moves: { to: Moving; Icon: typeof ArrowUp; key: string }[] = [
  { to: "left", Icon: ArrowLeft, key: "←" }, { to: "right", Icon: ArrowRight, key: "→" }, { to: "up", Icon: ArrowUp, key: "↑" }, { to: "down", Icon: ArrowDown, key: "↓" },
];

export const sizes: { to: Sizing; Icon: typeof ArrowUp; key: string }[] = [
  { to: "wider", Icon: ChevronsRight, key: "→" }, { to: "narrower", Icon: ChevronsLeft, key: "←" }, { to: "taller", Icon: ChevronsDown, key: "↓" }, { to: "shorter", Icon: ChevronsUp, key: "↑" },
];

/** What an arrow key does to a block, alone and with Shift. */
export const arrows: Record<string, { move: Moving; size: Sizing } | undefined> = {
  ArrowLeft: { move: "left", size: "narrower" }, ArrowRight: { move: "right", size: "wider" }, ArrowUp: { move: "up", size: "shorter" }, ArrowDown: { move: "down", size: "taller" },
};
