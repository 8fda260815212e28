export function Logo() {
  return (
    <span className="inline-flex items-center gap-2 text-ink">
      <svg viewBox="0 0 64 64" className="size-[26px]" aria-hidden>
        <rect width="64" height="64" rx="14" className="fill-accent" />
        <g className="fill-accent-ink">
          <rect x="15" y="14" width="8" height="36" rx="2" />
          <path d="M27 31.2 41.6 15.3a4 4 0 0 1 3-1.3h4.2L33.4 31.2z" opacity=".72" />
          <path d="M27 32.8 42 48.9a4 4 0 0 0 3 1.1h4.6L33.6 32.8z" />
        </g>
      </svg>
      <span className="font-bold text-[1.12rem] tracking-tight">Kliv</span>
    </span>
  );
}
