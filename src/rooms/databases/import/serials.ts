/* Numbers that a spreadsheet shows as dates and times, by their formats (ECMA-376 part 1, 18.8.30 and 18.8.31). */

/** What a number format makes of a number. */
export type Shown = "number" | "date" | "time" | "datetime" | "duration";

const built: Record<number, Shown> = { 18: "time", 19: "time", 20: "time", 21: "time", 22: "datetime", 32: "time", 33: "time", 45: "time", 46: "duration", 47: "time" };
const isBuiltDate = (id: number): boolean => (id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);

/** Of a format that the file does not define: those of Japanese Excel (27 to 36, 50 to 58) among them. */
export function shownByNumber(id: number): Shown {
  return built[id] ?? (isBuiltDate(id) ? "date" : "number");
}

/** Of a format's code, such as `[$-411]ggge"年"m"月"d"日"` or `[h]:mm:ss`. */
export function shownByCode(code: string): Shown {
  if (/^\s*(general|g\/標準|@)/i.test(code)) return "number";
  const isElapsed = /\[(h+|m+|s+)\]/i.test(code.replaceAll(/"[^"]*"/g, ""));
  const plain = code
    .replaceAll(/"[^"]*"|\\.|[_*]./g, "")
    .replaceAll(/\[[^\]]*\]/g, "")
    .split(";")[0]!
    .toLowerCase();
  if (isElapsed) return "duration";
  // An exponent, not the year of an era.
  const letters = plain.replaceAll(/e[+-]/g, "").replaceAll(/(am\/pm|a\/p|上午\/下午|午前\/午後)/g, "h");
  const hasTime = /[hs]/.test(letters);
  const hasDate = /[ydgb]|e|aaa/.test(letters) || (!hasTime && letters.includes("m"));
  if (hasDate) return hasTime ? "datetime" : "date";
  if (!hasTime) return "number";
  return "time";
}

const dayMs = 86_400_000;
// 9999-12-31.
const serialMax = 2_958_466;
const timeOnlyDays = 366;

/** A serial number as text; null where it stands for no date, and stays the number that it is. */
export function momentOfSerial(serial: number, { shown, is1904 }: { shown: Exclude<Shown, "number">; is1904: boolean }): string | null {
  if (!Number.isFinite(serial) || serial >= serialMax) return null;
  if (shown === "duration" || (shown === "time" && serial >= 1 && serial < timeOnlyDays)) return hours(serial);
  if (serial < 0) return null;
  let day = Math.floor(serial);
  let ms = Math.round((serial - day) * dayMs);
  if (ms === dayMs) {
    day++;
    ms = 0;
  }
  if (day === 0 && !is1904 && (shown === "time" || ms > 0)) return clock(ms);
  if (shown === "time" && day === 0) return clock(ms);
  const date = dateOf(day, is1904);
  if (date === null) return null;
  return shown === "date" && ms === 0 ? date : `${date} ${clock(ms)}`;
}

// The same days come again and again.
const days = new Map<number, string | null>();
const daysMax = 10_000;

/** Lotus 1-2-3 took 1900 for a leap year, and so does every spreadsheet since: serial 60 is a day that never was. */
function dateOf(day: number, is1904: boolean): string | null {
  const key = is1904 ? -1 - day : day;
  const known = days.get(key);
  if (known !== undefined) return known;
  if (days.size >= daysMax) days.clear();
  const date = newDate(day, is1904);
  days.set(key, date);
  return date;
}

function newDate(day: number, is1904: boolean): string | null {
  if (!is1904 && day === 60) return "1900-02-29";
  const epoch = is1904 ? Date.UTC(1904, 0, 1) : day < 60 ? Date.UTC(1899, 11, 31) : Date.UTC(1899, 11, 30);
  const text = new Date(epoch + day * dayMs).toISOString();
  return text.length === 24 ? text.slice(0, 10) : null;
}

function clock(ms: number): string {
  return `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}${fraction(ms % 1000)}`;
}

function hours(days: number): string {
  const ms = Math.round(Math.abs(days) * dayMs);
  return `${days < 0 ? "-" : ""}${clock(ms)}`;
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
const fraction = (ms: number): string => (ms === 0 ? "" : `.${String(ms).padStart(3, "0")}`);
