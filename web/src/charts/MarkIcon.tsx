import type { MarkName } from "./chart.ts";

const paths: Partial<Record<MarkName, React.ReactNode>> = {
  bar: <><path d="M5 19V9M12 19V4M19 19v-7" strokeWidth="3.4" /></>,
  line: <path d="M3 16l5-6 5 4 8-9" strokeWidth="2" fill="none" />,
  area: <path d="M3 19v-5l5-5 5 3 8-7v14z" fill="currentColor" stroke="none" opacity=".75" />,
  point: <g strokeWidth="1.8" fill="none"><circle cx="6" cy="16" r="2.2" /><circle cx="11" cy="9" r="2.2" /><circle cx="18" cy="6" r="2.2" /><circle cx="17" cy="14" r="2.2" /></g>,
  circle: <g fill="currentColor" stroke="none"><circle cx="6" cy="16" r="2.6" /><circle cx="11" cy="9" r="2.6" /><circle cx="18" cy="6" r="2.6" /><circle cx="17" cy="14" r="2.6" /></g>,
  arc: <><circle cx="12" cy="12" r="8.2" strokeWidth="1.8" fill="none" /><path d="M12 12V3.8A8.2 8.2 0 0 1 19.8 14.6z" fill="currentColor" stroke="none" /></>,
  rect: <g fill="currentColor" stroke="none"><rect x="3" y="3" width="5.5" height="5.5" /><rect x="9.5" y="3" width="5.5" height="5.5" opacity=".4" /><rect x="16" y="3" width="5.5" height="5.5" opacity=".7" /><rect x="3" y="9.5" width="5.5" height="5.5" opacity=".35" /><rect x="9.5" y="9.5" width="5.5" height="5.5" opacity=".9" /><rect x="16" y="9.5" width="5.5" height="5.5" opacity=".3" /><rect x="3" y="16" width="5.5" height="5.5" opacity=".7" /><rect x="9.5" y="16" width="5.5" height="5.5" opacity=".3" /><rect x="16" y="16" width="5.5" height="5.5" /></g>,
  tick: <path d="M4 7v10M8 7v10M10.5 7v10M15 7v10M20 7v10" strokeWidth="1.8" />,
  rule: <path d="M3 12h18" strokeWidth="2" />,
};

export function MarkIcon({ mark }: { mark: MarkName }) {
  return <svg viewBox="0 0 24 24" className="size-5 text-accent" stroke="currentColor" strokeLinecap="round" strokeLinejoin="round" aria-hidden>{paths[mark]}</svg>;
}
