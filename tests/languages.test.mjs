// Every language's dates, prices and plurals against CLDR, by way of `Intl`. What the widget says
// is stored by its own test.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const golden = new URL("../crates/widget/tests/golden/languages.json", import.meta.url);
const languages = Object.entries(JSON.parse(await readFile(golden, "utf8")));

// English that names no country is written as in Britain.
const localeOf = (tag) => (tag === "en" ? "en-GB" : tag);

// In these CLDR writes a range by numbers, or its months by numbers or with two digits; ours is
// written as its single dates are. And Ukrainian has a word after a range of years.
const OWN_RANGES = ["cs", "it", "ja", "uk", "zh"];

const day = (text) => new Date(`${text}T00:00:00Z`);
const form = (tag, options) =>
  new Intl.DateTimeFormat(localeOf(tag), { timeZone: "UTC", ...options });
const FULL = { day: "numeric", month: "long", year: "numeric" };
const MONTHS = Array.from({ length: 12 }, (_, at) => day(`2026-${String(at + 1).padStart(2, "0")}-07`));

const contains = (text, part, what) =>
  assert.ok(text.includes(part), `${what}: ${JSON.stringify(text)} has not ${JSON.stringify(part)}`);

test("there are twelve languages or more, some of them from right to left", () => {
  const tags = languages.map(([tag]) => tag);
  assert.ok(tags.length >= 12, `there are ${tags.length}`);
  for (const tag of ["en", "ar", "he"]) assert.ok(tags.includes(tag), tag);
});

for (const [tag, said] of languages) {
  test(`dates in ${tag} are as CLDR has them`, () => {
    for (const [at, date] of MONTHS.entries()) {
      contains(said.back_on[at], form(tag, FULL).format(date), "day");
      contains(said.back_in_week[at], form(tag, { day: "numeric", month: "long" }).format(date), "week");
      contains(said.back_in[at], form(tag, { month: "long", year: "numeric" }).format(date), "month");
    }
    const ranges = [
      ["2026-12-01", "2026-12-10"],
      ["2026-11-28", "2026-12-03"],
      ["2026-12-28", "2027-01-03"],
    ];
    for (const [at, [from, to]] of ranges.entries()) {
      if (OWN_RANGES.includes(tag)) continue;
      contains(said.back_between[at], form(tag, FULL).formatRange(day(from), day(to)), "range");
    }
  });

  test(`times of day in ${tag} are as CLDR has them`, () => {
    // Twelve hours only in the United States; JavaScript has another space before its AM and PM.
    const hours = tag === "en-US" ? {} : { hourCycle: "h23" };
    const clock = form(tag, { dateStyle: "long", timeStyle: "short", ...hours });
    const moments = ["09:05", "15:04", "00:30"].map((time) => new Date(`2026-12-07T${time}:00Z`));
    const spaces = (text) => text.replaceAll("\u202f", " ");
    assert.deepEqual(said.until.map(spaces), moments.map((at) => spaces(clock.format(at))));
  });

  test(`prices in ${tag} are as CLDR has them`, () => {
    for (const [currency, prices] of Object.entries(said.prices)) {
      const format = new Intl.NumberFormat(localeOf(tag), { style: "currency", currency });
      const unit = 10 ** format.resolvedOptions().maximumFractionDigits;
      assert.deepEqual(prices, [123_456, 1_234_567_890].map((minor) => format.format(minor / unit)));
    }
  });

  test(`plurals in ${tag} are as CLDR has them`, () => {
    const rules = new Intl.PluralRules(localeOf(tag));
    const forms = new Map(); // category -> the text, without its number
    for (const [count, text] of Object.entries(said.only_left)) {
      const category = rules.select(Number(count));
      const form = text.replace(count, "#");
      if (!forms.has(category)) forms.set(category, form);
      assert.equal(form, forms.get(category), `${count} is ${category}`);
    }
  });
}
