import { useEffect, useRef, useState } from "react";
import type { QueryAnswer } from "../api/types.ts";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useDark } from "../shell/look.ts";
import { useLanguage, useWords } from "../words/language.ts";
import type { Language } from "../words/language.ts";
import type { Drawn } from "./draw.ts";

interface ChartViewProps {
  chart: Record<string, unknown>;
  result: Pick<QueryAnswer, "columns" | "rows" | "truncated">;
  title?: string;
  /** Pixels; the element's own height without it. */
  height?: number;
  /** The report's; the app's look without it. */
  background?: string;
  language?: Language;
}

/** A chart of a result, drawn to the width it has. */
export function ChartView({ chart, result, title, height, background, language }: ChartViewProps) {
  const words = useWords();
  const own = useLanguage();
  const dark = useDark();
  const frame = useRef<HTMLDivElement>(null);
  const target = useRef<HTMLDivElement>(null);
  const size = useSize(frame);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ground = background ?? (dark ? "dark" : "light");
  const spoken = language ?? own;
  const tall = height ?? size.height;
  const key = JSON.stringify(chart);
  useEffect(() => {
    const element = target.current;
    if (!element || size.width < 40 || tall < 40) return;
    let current: Drawn | null = null;
    let gone = false;
    const draw = async (): Promise<void> => {
      try {
        const { drawInto } = await import("./draw.ts");
        if (gone) return;
        const next = await drawInto(element, { chart: JSON.parse(key), result: result as never, width: size.width, height: tall, background: ground, language: spoken });
        if (gone) return next.stop();
        current = next;
        setDrawn(next);
        setError(null);
      } catch (caught) {
        if (!gone) setError(caught);
      }
    };
    void draw();
    return () => {
      gone = true;
      current?.stop();
      element.replaceChildren();
    };
  }, [key, result, size.width, tall, ground, spoken]);
  const name = [title, drawn?.description].filter(Boolean).join(": ");
  return (
    <div ref={frame} className="relative w-full" style={{ height: height ?? "100%" }}>
      {error ? <div className="absolute inset-0 overflow-auto"><ProblemNotice error={error} /></div> : null}
      {!error && !drawn ? <div className="skeleton absolute inset-2" role="status" aria-label={words.charts.loading} /> : null}
      <div ref={target} role="img" aria-label={name || words.charts.title} hidden={Boolean(error)} className="[&_svg]:block" />
      {drawn && !drawn.drawable ? <p className="absolute inset-0 flex items-center justify-center opacity-70">{words.reports.noData}</p> : null}
    </div>
  );
}

const settleMs = 80;

/** The element's size, once it has stopped changing. */
function useSize(frame: React.RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const observer = new ResizeObserver(([entry]) => {
      const box = entry?.contentRect;
      if (!box) return;
      clearTimeout(timer);
      timer = setTimeout(() => setSize({ width: Math.floor(box.width), height: Math.floor(box.height) }), settleMs);
    });
    observer.observe(element);
    setSize({ width: Math.floor(element.clientWidth), height: Math.floor(element.clientHeight) });
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [frame]);
  return size;
}
