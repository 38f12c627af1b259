// The demo shop, as a shopper walks through it. With SHOTS=folder its pages are photographed.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setUp } from "./support/browser.mjs";

const { backroom, visit } = await setUp();

const shop = await backroom.newShop({ id: "demo" });
const imported = await shop.import(catalogue());
assert.equal(imported.status, 200, imported.text);
await shop.published();

/** What `cargo dev` imports: the catalogue, whose dates, like `+9d`, count from today. */
function catalogue() {
  const file = new URL("../www/shop/catalogue.csv", import.meta.url);
  const back = {
    day: () => 0,
    range: () => 0,
    week: (date) => (date.getUTCDay() + 6) % 7,
    month: (date) => date.getUTCDate() - 1,
  };
  const dated = /[^,\n]+,(day|week|month|range)$/gm;
  return readFileSync(file, "utf8").replace(dated, (cells, precision) =>
    cells.replace(/\+(\d+)d/g, (_, days) => {
      const date = new Date();
      date.setUTCDate(date.getUTCDate() + Number(days));
      date.setUTCDate(date.getUTCDate() - back[precision](date));
      return date.toISOString().slice(0, "2026-12-01".length);
    }),
  );
}

const DEVICES = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: {
    ...{ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
    ...{ hasTouch: true, isMobile: true },
  },
};

/** Its page has no element, only JSON-LD: what comes in late takes a place that none had kept. */
const JSON_LD = "json-ld";

/** A product of each state, and what its page says. */
const PRODUCTS = {
  "hanging-heart": ["In stock", /^$/],
  "cakestand": ["Only 2 left", /^$/],
  "rabbit-night-light": ["Out of stock", /^Back on \d+ \w+ \d{4}$/],
  "slate-heart": ["Out of stock", /^Back in the week of \d+ \w+$/],
  "cake-tins": ["Out of stock", /^Back in \w+ \d{4}$/],
  "metal-lantern": ["Out of stock", /^Back \d+.*\d{4}$/],
  "hot-water-bottle": ["Out of stock, no date yet", /^$/],
  [JSON_LD]: ["Only 5 left", /^$/],
};

for (const [device, context] of Object.entries(DEVICES)) {
  test(`on a ${device} each card of the listing says its stock`, async (t) => {
    const shopper = await visit(t, `${backroom.url}/`, context);
    const cards = await shopper.page.locator(".card").count();
    assert.ok(cards >= 20, `${cards} cards`);
    const states = shopper.page.locator(".card backroom-stock [part=state]");
    await states.nth(cards - 1).waitFor({ state: "attached" });
    for (const text of await states.allTextContents()) {
      assert.match(text, /^(In stock|Only \d left|Out of stock(, no date yet)?)$/);
    }
    assert.equal(await states.count(), cards);
    await assertLooks(shopper, `${device}-listing`);
  });

  for (const [name, [state, detail]] of Object.entries(PRODUCTS)) {
    test(`on a ${device} the page of ${name} says its stock`, async (t) => {
      const shopper = await visit(t, `${backroom.url}/shop/${name}.html`, context);
      await shopper.says(state, "state", ".details > backroom-stock");
      assert.match(await shopper.part("detail", ".details > backroom-stock").innerText(), detail);
      await assertLooks(shopper, `${device}-${name}`, name !== JSON_LD);
    });
  }
}

/** Nothing is wider than the screen, and if it is `still` nothing has moved. Takes its picture. */
async function assertLooks(shopper, name, still = true) {
  await shopper.quiet();
  const width = () => [document.documentElement.scrollWidth, document.documentElement.clientWidth];
  const [content, screen] = await shopper.page.evaluate(width);
  assert.ok(content <= screen, `${content} pixels on a screen of ${screen}`);
  if (still) assert.equal((await shopper.seen()).shift, 0);
  if (!process.env.SHOTS) return;
  // Pictures far below are not loaded before somebody comes there.
  await shopper.page.evaluate(() => {
    for (const picture of document.images) picture.loading = "eager";
    return Promise.all([...document.images].map((picture) => picture.decode().catch(() => {})));
  });
  mkdirSync(process.env.SHOTS, { recursive: true });
  await shopper.page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true });
}

test("the variant picker says of each variant whether it is there", async (t) => {
  const shopper = await visit(t, `${backroom.url}/shop/parasol.html`, DEVICES.phone);
  const states = ["Only 1 left", "In stock", "Out of stock"];
  for (const [at, state] of states.entries()) {
    await shopper.says(state, "state", `.variants li:nth-child(${at + 1}) backroom-stock`);
  }
  assert.equal(shopper.to(`${backroom.url}/v1/fragment`).length, 1);
  await assertLooks(shopper, "phone-picker");
});

test("another variant shows its own stock, and back shows the first again", async (t) => {
  const shopper = await visit(t, `${backroom.url}/shop/hanging-heart.html`, DEVICES.desktop);
  const stock = ".details > backroom-stock";
  await shopper.says("In stock", "state", stock);
  await shopper.page.locator('.variants [data-sku="21733"]').click();
  await shopper.says("Only 3 left", "state", stock);
  await shop.command("sell", { 21733: 1 });
  await shopper.says("Only 2 left", "state", stock);
  await shopper.page.evaluate(() => history.back());
  await shopper.says("In stock", "state", stock);
});

test("where nothing answers, the shop's own form still fills the basket", async (t) => {
  const options = { ...DEVICES.phone, allowed: [/ERR_FAILED/] };
  const shopper = await visit(t, `${backroom.url}/shop/basket.html`, options);
  await shopper.page.route("**/v1/**", (route) => route.abort());
  await shopper.page.goto(`${backroom.url}/shop/cakestand.html`);
  await shopper.page.getByLabel("How many").fill("2");
  await shopper.page.getByRole("button", { name: "Add to basket" }).tap();
  await shopper.page.waitForURL(/basket.*sku=/);
});

test("what is chosen lies in the basket", async (t) => {
  const shopper = await visit(t, `${backroom.url}/shop/cakestand.html`, DEVICES.phone);
  await shopper.says("Only 2 left", "state", ".details > backroom-stock");
  await shopper.page.locator(".details [part=order] [part=field]").fill("2");
  await shopper.page.getByRole("button", { name: "Add to basket" }).tap();
  await shopper.page.waitForURL(/basket/);
  const lines = shopper.page.locator(".chosen li:visible");
  assert.equal(await lines.count(), 1);
  assert.match(await lines.innerText(), /Regency Cakestand[^]*× ?2/);
  await assertLooks(shopper, "phone-basket");
});
