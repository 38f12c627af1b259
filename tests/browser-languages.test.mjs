// The widget in every language: painted, awake and changed, on a page in that language.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();

const golden = new URL("../crates/widget/tests/golden/languages.json", import.meta.url);
const LANGUAGES = JSON.parse(readFileSync(golden, "utf8"));
const FROM_THE_RIGHT = ["ar", "he"];

/** Everything that the widgets of a page say, and in which language and direction. */
const said = (shopper) =>
  shopper.page.evaluate(() =>
    [...document.querySelectorAll("backroom-stock")].map(({ id, shadowRoot }) => {
      const text = (part) => shadowRoot.querySelector(`[part=${part}]`).textContent.trim();
      const { lang, dir } = shadowRoot.querySelector("[lang]");
      return [id, lang, dir, ...["title", "price", "state", "detail"].map(text)];
    }),
  );

for (const [lang, words] of Object.entries(LANGUAGES)) {
  test(`a page in ${lang} is painted, woken and corrected in ${lang}`, async (t) => {
    const shop = await stocked(backroom);
    const dir = FROM_THE_RIGHT.includes(lang) ? "rtl" : "ltr";
    const other = lang === "ja" ? "de" : "ja";
    const page = { origin: backroom.url, shop: shop.id, lang, dir, other };
    const shopper = await visit(t, merchant.page("languages.html", page));
    for (const [id, state] of [
      ["plenty", words.in_stock],
      ["low", words.only_left[3]],
      ["day", words.out],
      ["nodate", words.out_undated],
      ["other", LANGUAGES[other].only_left[3]],
    ]) {
      await shopper.says(state, "state", `#${id}`);
    }
    const painted = await said(shopper);
    for (const [id, ...own] of painted.filter(([id]) => id !== "other")) {
      assert.deepEqual(own.slice(0, 2), [lang, dir], id);
    }
    // A socket for each of the two languages.
    await eventually(() => assert.equal(shopper.open.length, 2));
    await shopper.live();
    assert.deepEqual(await said(shopper), painted, "what wakes says what was painted");
    await shop.command("sell", { low: 1 });
    await shopper.says(words.only_left[2], "state", "#low");
    await shopper.says(LANGUAGES[other].only_left[2], "state", "#other");
    await shopper.says(`Ash chair: ${words.only_left[2]}.`, "status", "#low");
  });
}
