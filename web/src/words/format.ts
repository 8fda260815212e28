import { systemClock } from "#src/base/clock.ts";
import type { Language } from "./language.ts";
import { useLanguage } from "./language.ts";

export interface Formats {
  number(value: number): string;
  /** Decimal units, as disks and downloads are counted. */
  bytes(value: number): string;
  date(iso: string): string;
  dateTime(iso: string): string;
  /** "3 minutes ago" up to a week; a date after. */
  ago(iso: string): string;
  milliseconds(value: number): string;
}

const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const made = new Map<Language, Formats>();

export function formatsOf(language: Language): Formats {
  const kept = made.get(language) ?? make(language);
  made.set(language, kept);
  return kept;
}

export function useFormats(): Formats {
  return formatsOf(useLanguage());
}

function make(language: Language): Formats {
  const locale = language === "ja" ? "ja-JP" : "en-GB";
  const numbers = new Intl.NumberFormat(locale);
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: language === "ja" ? "long" : "medium" });
  const times = new Intl.DateTimeFormat(locale, { dateStyle: language === "ja" ? "long" : "medium", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const date = (iso: string): string => dates.format(Date.parse(iso));
  return {
    number: (value) => numbers.format(value),
    bytes(value) {
      const power = value < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
      const digits = power === 0 ? 0 : 1;
      const unitDisplay = power === 0 ? "long" : "short";
      return new Intl.NumberFormat(locale, { style: "unit", unit: units[power] ?? "byte", unitDisplay, maximumFractionDigits: digits }).format(value / 1_000 ** power);
    },
    date,
    dateTime: (iso) => times.format(Date.parse(iso)),
    ago(iso) {
      const seconds = Math.round((Date.parse(iso) - systemClock.now()) / 1_000);
      const size = Math.abs(seconds);
      if (size < 60) return relative.format(0, "second");
      if (size < 3_600) return relative.format(Math.trunc(seconds / 60), "minute");
      if (size < 86_400) return relative.format(Math.trunc(seconds / 3_600), "hour");
      if (size < 7 * 86_400) return relative.format(Math.trunc(seconds / 86_400), "day");
      return date(iso);
    },
    milliseconds: (value) =>
      value < 1_000
        ? new Intl.NumberFormat(locale, { style: "unit", unit: "millisecond", maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
        : new Intl.NumberFormat(locale, { style: "unit", unit: "second", maximumFractionDigits: 2 }).format(value / 1_000),
  };
}
