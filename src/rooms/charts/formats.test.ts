import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDate, formatTick, grainOf, parseDate, timeTicks } from "./dates.ts";
import { formatCompact, formatCurrency, formatNumber, formatPercent, formatValue, parsePattern, parseTimePattern } from "./format.ts";

test("dates as databases write them are UTC whatever the machine's zone", () => {
  for (const zone of ["UTC", "Asia/Tokyo", "America/Los_Angeles"]) {
    process.env["TZ"] = zone;
    assert.equal(parseDate("2024"), Date.UTC(2024, 0, 1));
    assert.equal(parseDate(2024), Date.UTC(2024, 0, 1));
    assert.equal(parseDate("2024-03"), Date.UTC(2024, 2, 1));
    assert.equal(parseDate("2024-03-05"), Date.UTC(2024, 2, 5));
    assert.equal(parseDate("2024/3/5"), Date.UTC(2024, 2, 5));
    assert.equal(parseDate("2024年3月5日"), Date.UTC(2024, 2, 5));
    assert.equal(parseDate("2024-Q2"), Date.UTC(2024, 3, 1));
    assert.equal(parseDate("2024-03-05 14:30:15"), Date.UTC(2024, 2, 5, 14, 30, 15));
    assert.equal(parseDate("2024-03-05T14:30:15.250Z"), Date.UTC(2024, 2, 5, 14, 30, 15, 250));
    assert.equal(parseDate("2024-03-05T14:30+09:00"), Date.UTC(2024, 2, 5, 5, 30));
    assert.equal(parseDate("Jan 5 2000"), Date.UTC(2000, 0, 5));
  }
  delete process.env["TZ"];
  for (const no of ["2024-13", "2024-02-30", "hello", "", null, "12", 7, "99999", Number.NaN, {}]) assert.equal(parseDate(no), null, String(no));
});

test("the grain is the coarsest that loses nothing", () => {
  const grain = (...texts: string[]) => grainOf(texts.map((text) => parseDate(text)!));
  assert.equal(grain("2020", "2021"), "year");
  assert.equal(grain("2020-01", "2020-04", "2020-07"), "quarter");
  assert.equal(grain("2020-01", "2020-02", "2020-04"), "month");
  assert.equal(grain("2020-01-01", "2020-01-09"), "day");
  assert.equal(grain("2020-01-01 10:00:00"), "hour");
});

test("dates are written in the language's own order", () => {
  const ms = Date.UTC(2026, 10, 23, 9, 5);
  assert.equal(formatDate(ms, "day", "ja"), "2026年11月23日");
  assert.equal(formatDate(ms, "day", "en"), "Nov 23, 2026");
  assert.equal(formatDate(ms, "month", "ja"), "2026年11月");
  assert.equal(formatDate(ms, "minute", "ja"), "2026年11月23日 09:05");
  assert.deepEqual(formatTick(Date.UTC(2026, 0, 1), "month", false, "ja"), ["1月", "2026年"]);
  assert.equal(formatTick(Date.UTC(2026, 4, 1), "month", false, "ja"), "5月");
  assert.equal(formatValue("2026-11-23", "%Y/%m/%d", "ja"), "2026/11/23");
  assert.equal(formatValue("2026-11-03", "%-d %B %Y", "en"), "3 November 2026");
});

test("ticks are never finer than the data nor more than asked for", () => {
  const year = timeTicks(Date.UTC(2020, 0, 1), Date.UTC(2020, 11, 1), "month", 6);
  assert.deepEqual(year.values.map((ms) => new Date(ms).getUTCMonth()), [0, 3, 6, 9]);
  assert.equal(timeTicks(Date.UTC(2020, 0, 1), Date.UTC(2022, 0, 1), "year", 30).values.length, 3);
  assert.ok(timeTicks(0, 8.64e14, "second", 5).values.length <= 10);
});

test("large numbers are short: K, M, B and 万, 億, 兆", () => {
  assert.equal(formatCompact(1_234, "en"), "1.2K");
  assert.equal(formatCompact(999_950, "en"), "1M");
  assert.equal(formatCompact(-2_500_000_000, "en"), "−2.5B");
  assert.equal(formatCompact(9_999, "ja"), "9,999");
  assert.equal(formatCompact(12_345, "ja"), "1.2万");
  assert.equal(formatCompact(46_902_000, "ja"), "4,690万");
  assert.equal(formatCompact(99_999_999, "ja"), "1億");
  assert.equal(formatCompact(1.26e12, "ja"), "1.3兆");
});

test("numbers, percentages and currencies", () => {
  assert.equal(formatNumber(1_234_567.891, "en"), "1,234,567.89");
  assert.equal(formatNumber(0.000_123_4, "en"), "0.000123");
  assert.equal(formatNumber(-0.000_000_000_000_1, "en", { decimals: 2 }), "0.00");
  assert.equal(formatNumber(Number.POSITIVE_INFINITY, "en"), "–");
  assert.equal(formatPercent(0.123_4, "en"), "12.3%");
  assert.equal(formatCurrency(1_234, "ja"), "1,234円");
  assert.equal(formatCurrency(123_456_789, "ja", { compact: true }), "1.2億円");
  assert.equal(formatCurrency(-3.5, "en", { currency: "USD" }), "−$3.50");
  assert.equal(formatCurrency(1_500, "en", { currency: "CHF" }), "1,500 CHF");
  assert.equal(formatValue(null, undefined, "en"), "–");
  assert.equal(formatValue({ base64: "AAAA" }, undefined, "en"), "⟨3 B⟩");
  assert.equal(formatValue("9007199254740993", undefined, "en"), "9007199254740993");
});

test("patterns of d3-format keep their meaning, and what has none is refused", () => {
  assert.equal(formatValue(1_234.5, ",.2f", "en"), "1,234.50");
  assert.equal(formatValue(0.256, ".0%", "en"), "26%");
  assert.equal(formatValue(1_500_000, "$,.0f", "en"), "$1,500,000");
  assert.equal(formatValue(1_500_000, "~s", "ja"), "150万");
  assert.equal(formatValue(-5, "+d", "en"), "−5");
  assert.equal(formatValue(5, "+d", "en"), "+5");
  for (const no of ["999999d", ".99f", "x", "=^20", "<script>"]) assert.equal(parsePattern(no), null, no);
  for (const no of ["%Z", "plain", "%Y<", '%Y"', "%"]) assert.equal(parseTimePattern(no), null, no);
});
