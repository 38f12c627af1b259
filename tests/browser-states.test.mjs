// Every state in every language, on the page that shows them: painted by the edge, woken, the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, visit } = await setUp();

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const LANGUAGES = read("../crates/widget/tests/golden/languages.json");
const SPECIMENS = read("../www/states/specimens.json");

/** Of each state what it says of itself, in a language. */
const STATES = {
  "in-stock": (words) => words.in_stock,
  low: (words) => words.only_left[3],
  "low-one": (words) => words.only_left[1],
  "all-held": (words) => words.all_held,
  "out-day": (words) => words.out,
  "out-range": (words) => words.out,
  "out-moved": (words) => words.out,
  out: (words) => words.out_undated,
  hidden: () => "",
};

/** What each element on the page says and has, but for the seconds that run. */
const said = (shopper) =>
  shopper.page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll("backroom-stock")].map((element) => {
        const root = element.shadowRoot;
        const texts = [...root.querySelectorAll("[part]:not([part=root]), h2, label, b")]
          .filter((one) => one.part[0] !== "countdown" && one.part[0] !== "detail")
          .map((one) => one.textContent.trim());
        const detail = ["time", "[part=moved]"].map((part) => root.querySelector(part)?.textContent.trim());
        const links = [...root.querySelectorAll("[href], [src]")].map(
          (one) => one.getAttribute("href") ?? one.getAttribute("src"),
        );
        const { lang, dir } = root.querySelector("[lang]") ?? {};
        const { state } = root.querySelector("[data-state]")?.dataset ?? {};
        return [element.getAttribute("sku"), { state, lang, dir, texts, detail, links }];
      }),
    ),
  );

const skus = SPECIMENS.map(({ sku }) => sku);
const shown = skus.filter((sku) => !/^(substitute-\d|gone)$/.test(sku));

test("the page shows every specimen, in every language that there is", async (t) => {
  const shopper = await visit(t, `${backroom.url}/states/`);
  const options = await shopper.page.locator("select[name=lang] option").evaluateAll((options) =>
    options.map(({ value }) => value),
  );
  assert.deepEqual(options.toSorted(), Object.keys(LANGUAGES).toSorted());
  assert.deepEqual(Object.keys(await said(shopper)), shown);
});

for (const [lang, words] of Object.entries(LANGUAGES)) {
  test(`every state in ${lang} is rendered, wakes without a trap and says the same`, async (t) => {
    const shopper = await visit(t, `${backroom.url}/states/?lang=${lang}`);
    await eventually(async () => {
      const states = Object.values(await said(shopper)).map(({ state }) => state);
      assert.ok(states.every(Boolean), `${states}`);
    });
    const painted = await said(shopper);
    const dir = lang === "ar" || lang === "he" ? "rtl" : "ltr";
    for (const [sku, { texts, ...own }] of Object.entries(painted)) {
      const specimen = SPECIMENS.find((one) => one.sku === sku);
      assert.deepEqual([own.state, own.lang, own.dir], [specimen.state, lang, dir], sku);
      const state = STATES[sku]?.(words);
      if (state !== undefined) assert.ok(texts.includes(state), `${sku}: ${texts}`);
      assert.equal(texts.includes("Teapot that is out too"), false, "what is out is not offered");
    }
    for (const element of await shopper.page.locator("backroom-stock").all()) {
      await element.dispatchEvent("pointerenter");
    }
    // Who is awake says what it shows: all that is painted, and what is offered instead.
    const awake = skus.filter((sku) => sku !== "gone").toSorted();
    await eventually(() => assert.deepEqual(shopper.watched.at(-1), awake));
    assert.deepEqual(await said(shopper), painted);
    const countdown = shopper.part("countdown", "[sku=all-held]");
    await eventually(async () => assert.match((await countdown.textContent()).trim(), /^\d?\d:\d\d$/));
  });
}
