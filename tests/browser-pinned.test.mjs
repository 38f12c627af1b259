// A loader that the page has pinned by its hash: today's, and each that was ever deployed.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";

const RELEASED = new URL("../www/loader/released/", import.meta.url);

const { backroom, merchant, visit } = await setUp();
const todays = (await backroom.ask("/backroom.json")).json;

const sha = (length, encoding, bytes) =>
  createHash(`sha${length}`).update(bytes).digest(encoding);
const integrityOf = (bytes) => `sha384-${sha(384, "base64", bytes)}`;

const pins = [
  todays,
  ...readdirSync(RELEASED)
    .filter((name) => name.endsWith(".js"))
    .map((name) => ({
      src: `/b/${name.replace(/\.js$/, "")}/backroom.js`,
      integrity: integrityOf(readFileSync(new URL(name, RELEASED))),
    })),
];

/** A page that pins this; its `low` is 3, and nobody else's. */
async function pinning(pin) {
  const shop = await stocked(backroom);
  const url = merchant.page("pinned.html", { origin: backroom.url, shop: shop.id, ...pin });
  return { shop, url };
}

for (const pin of pins) {
  test(`${pin.src}, pinned, paints, wakes and hears of a sale`, async (t) => {
    const { shop, url } = await pinning(pin);
    const shopper = await visit(t, url);
    await shopper.says("Only 3 left");
    await shopper.live();
    await shop.command("sell", { low: 1 });
    await shopper.says("Only 2 left");
    assert.equal((await shopper.seen()).shift, 0);
    assert.equal(shopper.to(`${backroom.url}/backroom.js`).length, 0);
  });
}

test("with another hash nothing of it runs, and the page's own words stay", async (t) => {
  const { url } = await pinning({ ...todays, integrity: integrityOf("another") });
  const shopper = await visit(t, url, { allowed: [/Failed to find a valid digest/] });
  await shopper.quiet();
  const { page } = shopper;
  assert.ok(shopper.complaints.length > 0, "the browser took it");
  assert.ok(await page.getByText("Ask us about stock").isVisible());
  await page.getByRole("button", { name: "Add to basket" }).click();
  assert.deepEqual(shopper.to(`${backroom.url}/v1/`), []);
  assert.equal((await shopper.seen()).shift, 0);
});

test("what is pinned is what the floating address serves, for good and for any origin", async () => {
  const pinned = await backroom.ask(todays.src);
  assert.equal(pinned.text, (await backroom.ask("/backroom.js")).text);
  assert.equal(todays.src, `/b/${sha(256, "hex", pinned.text).slice(0, 12)}/backroom.js`);
  assert.equal(todays.integrity, integrityOf(pinned.text));
  assert.match(pinned.header("content-type"), /^text\/javascript/);
  assert.equal(pinned.header("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(pinned.header("cross-origin-resource-policy"), "cross-origin");
  const said = await backroom.ask("/backroom.json");
  assert.match(said.header("cache-control"), /max-age=300,/);
  for (const answer of [pinned, said]) {
    assert.equal(answer.header("access-control-allow-origin"), "*");
    assert.equal(answer.header("x-content-type-options"), "nosniff");
  }
});
