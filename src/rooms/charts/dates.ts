import type { Language } from "./schema.ts";

/** How fine a set of moments is: all at the start of a year, of a month, of a day, or finer. */
export type Grain = "year" | "quarter" | "month" | "day" | "hour" | "minute" | "second";
export const grains: Grain[] = ["year", "quarter", "month", "day", "hour", "minute", "second"];

const isoDate = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$/;
const isoTime = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(Z|UTC|[+-]\d{2}:?\d{2})?$/i;
const japaneseDate = /^(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})日)?)?$/;
const quarter = /^(\d{4})[- ]?Q([1-4])$/i;
const compactDate = /^(\d{4})(\d{2})(\d{2})$/;
const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const monthFullNames = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const dayFullNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const japaneseDays = ["日", "月", "火", "水", "木", "金", "土"];
const named = /^([A-Z][a-z]{2}) (\d{1,2})[, ]+(\d{4})$/;

/**
 * Milliseconds since the epoch of a date as databases write it, or null. Without a zone it is UTC:
 * never the machine's zone, so that the same data draws the same chart everywhere.
 */
export function parseDate(value: unknown): number | null {
  if (typeof value === "number") return parseNumber(value);
  if (typeof value !== "string") return null;
  const text = value.trim();
  if (text.length < 4 || text.length > 40) return null;
  const time = isoTime.exec(text);
  if (time) {
    const day = utc(time[1], time[2], time[3]);
    const [hours, minutes, seconds] = [Number(time[4]), Number(time[5]), Number(time[6] ?? 0)];
    if (day === null || hours > 24 || minutes > 59 || seconds > 60) return null;
    const millis = Math.floor(Number(`0.${time[7] ?? 0}`) * 1000);
    return day + ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis - zoneMs(time[8]);
  }
  const date = isoDate.exec(text) ?? japaneseDate.exec(text) ?? compactDate.exec(text);
  if (date) return utc(date[1], date[2], date[3]);
  const q = quarter.exec(text);
  if (q) return utc(q[1], String(Number(q[2]) * 3 - 2), undefined);
  const word = named.exec(text);
  if (word && monthNames.includes(word[1]!)) return utc(word[3], String(monthNames.indexOf(word[1]!) + 1), word[2]);
  return null;
}

/** A whole year, seconds or milliseconds since the epoch. */
function parseNumber(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  if (Number.isInteger(value) && value >= 1000 && value <= 2999) return Date.UTC(value, 0, 1);
  if (Math.abs(value) >= 1e11 && Math.abs(value) < 8.64e15) return value;
  if (value >= 1e8) return value * 1000;
  return null;
}

function utc(year: string | undefined, month = "1", day = "1"): number | null {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  if (y < 100 || m < 1 || m > 12 || d < 1 || d > 31) return null;
  const ms = Date.UTC(y, m - 1, d);
  return dateParts(ms).month === m ? ms : null;
}

function zoneMs(zone: string | undefined): number {
  if (!zone || /^(Z|UTC)$/i.test(zone)) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone[0] === "-" ? -1 : 1) * minutes * 60_000;
}

export function dateParts(ms: number) {
  const at = new Date(ms);
  return {
    year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(), weekday: at.getUTCDay(),
    hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(), milli: at.getUTCMilliseconds(),
  };
}

/** The coarsest grain that loses none of the moments. Quarters are only found among quarters of more than one kind. */
export function grainOf(moments: number[]): Grain {
  let finest = 0;
  let quarters = true;
  for (const ms of moments) {
    const p = dateParts(ms);
    let grain = 0;
    if (p.second || p.milli) grain = 6;
    else if (p.minute) grain = 5;
    else if (p.hour) grain = 4;
    else if (p.day !== 1) grain = 3;
    else if (p.month !== 1) grain = 2;
    if (p.month % 3 !== 1) quarters = false;
    finest = Math.max(finest, grain);
  }
  if (finest === 2 && quarters && moments.length >= 3) return "quarter";
  return grains[finest === 1 ? 2 : finest]!;
}

/** A moment in the language's own order of words: "Nov 23, 2026", 2026年11月23日. */
export function formatDate(ms: number, grain: Grain, language: Language): string {
  const p = dateParts(ms);
  const time = grain === "second" ? `${two(p.hour)}:${two(p.minute)}:${two(p.second)}` : `${two(p.hour)}:${two(p.minute)}`;
  const fine = grain === "hour" || grain === "minute" || grain === "second";
  if (language === "ja") {
    if (grain === "year") return `${p.year}年`;
    if (grain === "quarter") return `${p.year}年第${(p.month + 2) / 3 | 0}四半期`;
    if (grain === "month") return `${p.year}年${p.month}月`;
    return `${p.year}年${p.month}月${p.day}日${fine ? ` ${time}` : ""}`;
  }
  if (grain === "year") return String(p.year);
  if (grain === "quarter") return `Q${(p.month + 2) / 3 | 0} ${p.year}`;
  if (grain === "month") return `${monthNames[p.month - 1]} ${p.year}`;
  return `${monthNames[p.month - 1]} ${p.day}, ${p.year}${fine ? `, ${time}` : ""}`;
}

/** The parts of a date that a person reads in turn: a month's number, a weekday, an hour. */
export function formatPart(ms: number, part: "quarter" | "month" | "date" | "day" | "hours", language: Language): string {
  const p = dateParts(ms);
  const ja = language === "ja";
  if (part === "quarter") return ja ? `第${(p.month + 2) / 3 | 0}四半期` : `Q${(p.month + 2) / 3 | 0}`;
  if (part === "month") return ja ? `${p.month}月` : monthNames[p.month - 1]!;
  if (part === "date") return ja ? `${p.day}日` : String(p.day);
  if (part === "day") return ja ? japaneseDays[p.weekday]! : dayNames[p.weekday]!;
  return ja ? `${p.hour}時` : `${two(p.hour)}:00`;
}

/** A tick of a time axis: one line, or two where the larger unit begins. */
export function formatTick(ms: number, step: Grain, first: boolean, language: Language): string | string[] {
  const p = dateParts(ms);
  const ja = language === "ja";
  const year = ja ? `${p.year}年` : String(p.year);
  if (step === "year") return year;
  if (step === "quarter" || step === "month") {
    const label = ja ? `${p.month}月` : monthNames[p.month - 1]!;
    return first || p.month === 1 ? [label, year] : label;
  }
  const day = ja ? `${p.month}月${p.day}日` : `${monthNames[p.month - 1]} ${p.day}`;
  if (step === "day") return first || (p.month === 1 && p.day <= 7) ? [day, year] : day;
  const time = step === "second" ? `${two(p.hour)}:${two(p.minute)}:${two(p.second)}` : `${p.hour}:${two(p.minute)}`;
  return first || (p.hour === 0 && p.minute === 0 && p.second === 0) ? [time, day] : time;
}

/** strftime's letters that need no machine: `%Y-%m-%d`. Unknown letters are refused where the chart is checked. */
export function formatPattern(ms: number, pattern: string, language: Language): string {
  const p = dateParts(ms);
  const ja = language === "ja";
  const values: Record<string, string> = {
    Y: String(p.year), y: two(p.year % 100), m: two(p.month), d: two(p.day), e: String(p.day).padStart(2, " "),
    H: two(p.hour), M: two(p.minute), S: two(p.second), L: String(p.milli).padStart(3, "0"), q: String((p.month + 2) / 3 | 0),
    b: ja ? `${p.month}月` : monthNames[p.month - 1]!, B: ja ? `${p.month}月` : monthFullNames[p.month - 1]!,
    a: ja ? japaneseDays[p.weekday]! : dayNames[p.weekday]!, A: ja ? `${japaneseDays[p.weekday]}曜日` : dayFullNames[p.weekday]!,
    j: String(Math.floor((ms - Date.UTC(p.year, 0, 1)) / 86_400_000) + 1).padStart(3, "0"), I: two(p.hour % 12 || 12), p: p.hour < 12 ? "AM" : "PM", "%": "%",
  };
  return pattern.replace(timeLetter, (_, dash: string, letter: string) => {
    const value = values[letter] ?? "";
    return dash ? value.replace(/^[0 ]+(?=.)/, "") : value;
  });
}

const timeLetter = /%(-?)([A-Za-z%])/g;

/** Whether every letter of a time pattern is known. */
export function isTimePattern(pattern: string): boolean {
  if (!pattern.includes("%") || /[<>"'\\]/.test(pattern)) return false;
  return !/%/.test(pattern.replace(/%-?[YymdeHMSLqbBaAjIp%]/g, ""));
}

/** The start of the unit that holds a moment. */
export function startOf(ms: number, grain: Grain): number {
  const p = dateParts(ms);
  if (grain === "year") return Date.UTC(p.year, 0, 1);
  if (grain === "quarter") return Date.UTC(p.year, p.month - 1 - ((p.month - 1) % 3), 1);
  if (grain === "month") return Date.UTC(p.year, p.month - 1, 1);
  if (grain === "day") return Date.UTC(p.year, p.month - 1, p.day);
  const size = grain === "hour" ? 3_600_000 : grain === "minute" ? 60_000 : 1_000;
  return Math.floor(ms / size) * size;
}

const steps: { grain: Grain; count: number; sizeMs: number }[] = [
  ...[1, 5, 15, 30].map((n) => ({ grain: "second" as Grain, count: n, sizeMs: n * 1_000 })),
  ...[1, 5, 15, 30].map((n) => ({ grain: "minute" as Grain, count: n, sizeMs: n * 60_000 })),
  ...[1, 3, 6, 12].map((n) => ({ grain: "hour" as Grain, count: n, sizeMs: n * 3_600_000 })),
  ...[1, 2, 7, 14].map((n) => ({ grain: "day" as Grain, count: n, sizeMs: n * 86_400_000 })),
  ...[1, 2, 3, 6].map((n) => ({ grain: "month" as Grain, count: n, sizeMs: n * 2_629_800_000 })),
  ...[1, 2, 5, 10, 20, 25, 50, 100, 200, 500].map((n) => ({ grain: "year" as Grain, count: n, sizeMs: n * 31_557_600_000 })),
];

/** Ticks of a time axis, at most `ticksMax`, never finer than the data. */
export function timeTicks(from: number, to: number, finest: Grain, ticksMax: number): { values: number[]; step: Grain } {
  const finestIndex = grains.indexOf(finest === "quarter" ? "month" : finest);
  const usable = steps.filter((step) => grains.indexOf(step.grain) <= finestIndex && !(finest === "quarter" && step.grain === "month" && step.count < 3));
  const at = usable.findIndex((one) => (to - from) / one.sizeMs + 1 <= ticksMax);
  const step = usable[at] ?? ages((to - from) / 31_557_600_000 / Math.max(1, ticksMax - 1));
  const values = ticksAt(from, to, step, ticksMax * 2);
  // One tick alone says nothing of how fast time goes: rather a finer step, which may fit when its ticks lie well, or be one too many.
  for (const finer of values.length < 2 ? usable.slice(0, Math.max(at, 0)).reverse() : []) {
    const more = ticksAt(from, to, finer, ticksMax + 2);
    if (more.length > ticksMax + 1) break;
    if (more.length >= 2) return { values: more, step: finer.grain };
  }
  return { values, step: step.grain };
}

function ticksAt(from: number, to: number, step: { grain: Grain; count: number; sizeMs: number }, most: number): number[] {
  const values: number[] = [];
  for (let at = alignedStart(from, step); at <= to && values.length <= most; at = next(at, step)) if (at >= from) values.push(at);
  return values;
}

/** Steps of ten thousand years and more, for dates that are hardly dates. */
function ages(yearsAtLeast: number): { grain: Grain; count: number; sizeMs: number } {
  const count = 10 ** Math.ceil(Math.log10(Math.max(1, yearsAtLeast)));
  return { grain: "year", count, sizeMs: count * 31_557_600_000 };
}

function alignedStart(from: number, step: { grain: Grain; count: number }): number {
  const p = dateParts(from);
  if (step.grain === "year") return Date.UTC(Math.floor(p.year / step.count) * step.count, 0, 1);
  if (step.grain === "month") return Date.UTC(p.year, Math.floor((p.month - 1) / step.count) * step.count, 1);
  if (step.grain === "day") return startOf(from, "day");
  const size = step.count * (step.grain === "hour" ? 3_600_000 : step.grain === "minute" ? 60_000 : 1_000);
  return Math.floor(from / size) * size;
}

function next(at: number, step: { grain: Grain; count: number; sizeMs: number }): number {
  const p = dateParts(at);
  if (step.grain === "year") return Date.UTC(p.year + step.count, 0, 1);
  if (step.grain === "month") return Date.UTC(p.year, p.month - 1 + step.count, 1);
  return at + step.sizeMs;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
