import type { Background } from "./schema.ts";

export interface Theme {
  dark: boolean;
  background: string;
  text: string;
  /** Axis labels and notes. */
  quiet: string;
  grid: string;
  line: string;
  /** Cards, table stripes. */
  surface: string;
  accent: string;
  other: string;
  good: string;
  bad: string;
  /** At least 3:1 against the background, told apart by people who see fewer colours. */
  categories: string[];
  /** From little to much. */
  ramp: string[];
}

/**
 * The colours after the accent. Their hues follow Okabe and Ito; their lightness was searched so that any two of them, the
 * accent and the grey of "other" stay apart for people without red or green cones, on light and on dark.
 */
const onLight = ["#C98437", "#11774D", "#BB4C7B", "#438DB0", "#CE2E26", "#551C68"];
const onDark = ["#D99823", "#43C690", "#C676A6", "#9DEBE7", "#B43811", "#7A5FB5"];

const themes = new Map<string, Theme>();

/** The colours of everything drawn on a background: light, dark, or one that the report chose. */
export function themeFor(background: Background = "light"): Theme {
  const colour = background === "light" ? "#FFFFFF" : background === "dark" ? "#0F1419" : background;
  if (!/^#[0-9a-fA-F]{6}$/.test(colour)) return themeFor("light");
  const kept = themes.get(colour);
  if (kept) return kept;
  const theme = makeTheme(colour.toUpperCase());
  if (themes.size > 200) themes.clear();
  themes.set(colour, theme);
  return theme;
}

function makeTheme(background: string): Theme {
  const dark = contrast("#FFFFFF", background) > contrast("#1F2328", background);
  const text = dark ? (background === "#0F1419" ? "#E6EDF3" : "#FFFFFF") : "#1F2328";
  const accent = readable(dark ? "#4CA6DF" : "#0072B2", background, 3);
  const far = mix(accent, dark ? "#FFFFFF" : "#001A33", 0.62);
  const near = mix(background, accent, 0.2);
  return {
    dark,
    background,
    text,
    quiet: readable(mix(background, text, 0.68), background, 4.5),
    grid: mix(background, text, dark ? 0.14 : 0.11),
    line: mix(background, text, 0.4),
    surface: mix(background, text, dark ? 0.06 : 0.035),
    accent,
    other: readable(mix(background, text, 0.42), background, 2.4),
    good: readable("#1A7F37", background, 4.5),
    bad: readable("#CF222E", background, 4.5),
    categories: [accent, ...(dark ? onDark : onLight).map((colour) => readable(colour, background, 3))],
    ramp: [near, mix(near, accent, 0.5), accent, mix(accent, far, 0.5), far],
  };
}

/** The colour itself, or moved towards black or white until it has the contrast on the background. */
export function readable(colour: string, background: string, least: number): string {
  const towards = contrast("#FFFFFF", background) > contrast("#000000", background) ? "#FFFFFF" : "#000000";
  for (let share = 0; share < 1; share += 0.05) {
    const moved = share === 0 ? colour : mix(colour, towards, share);
    if (contrast(moved, background) >= least) return moved.toUpperCase();
  }
  return towards;
}

/** WCAG's contrast ratio, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** `share` of the way from one colour to another. */
export function mix(from: string, to: string, share: number): string {
  const [a, b] = [channels(from), channels(to)];
  return `#${a.map((value, i) => Math.round(value + (b[i]! - value) * share).toString(16).padStart(2, "0")).join("")}`.toUpperCase();
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}
