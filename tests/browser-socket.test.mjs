// The socket lives while somebody looks at the page, and never keeps the page out of the
// back/forward cache.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();

async function product() {
  const shop = await stocked(backroom);
  const here = { origin: backroom.url, shop: shop.id, sku: "low" };
  return { shop, url: merchant.page("product.html", here) };
}

/**
 * Says to the page that it is hidden, or seen again. Chromium under Playwright shows every tab as
 * seen, whatever is before it, so this is the one thing here that is not the browser's own.
 */
function hide(shopper, hidden) {
  return shopper.page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    const state = hidden ? "hidden" : "visible";
    Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, hidden);
}

test("a hidden page has no socket, and is right at once when it is seen again", async (t) => {
  const { shop, url } = await product();
  const shopper = await visit(t, url);
  await shopper.live();
  const closed = shopper.sockets[0].waitForEvent("close");
  await hide(shopper, true);
  await closed;
  await shop.command("sell", { low: 1 });
  await shop.published();
  await shopper.says("Only 3 left");
  assert.equal(shopper.sockets.length, 1);
  await hide(shopper, false);
  await shopper.says("Only 2 left");
  assert.equal(shopper.open.length, 1);
});

test("a page that is hidden and seen in one moment keeps one socket", async (t) => {
  const { shop, url } = await product();
  const shopper = await visit(t, url);
  await shopper.live();
  for (const hidden of [true, false, true, false]) await hide(shopper, hidden);
  await eventually(() => assert.equal(shopper.open.length, 1));
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  assert.equal(shopper.open.length, 1);
});

test("a page that wakes while it is hidden opens its socket when it is seen", async (t) => {
  const { url } = await product();
  const shopper = await visit(t, "about:blank");
  await shopper.page.addInitScript(() => {
    Object.defineProperty(document, "hidden", { configurable: true, value: true });
  });
  await shopper.page.goto(url);
  await shopper.says("Only 3 left");
  await shopper.quiet();
  assert.equal(shopper.sockets.length, 0);
  await hide(shopper, false);
  await shopper.live();
  assert.equal(shopper.open.length, 1);
});

test("an awake page comes back from the back/forward cache, fresh", async (t) => {
  const { shop, url } = await product();
  const shopper = await visit(t, url);
  await shopper.live();
  await shopper.page.goto(merchant.page("far.html", { origin: backroom.url, shop: shop.id }));
  await shop.command("sell", { low: 1 });
  await shop.published();
  await shopper.restored();
  await shopper.says("Only 2 left");
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 1 left");
});

for (const [away, seconds, requests] of [
  ["a moment does not ask again", 1, 1],
  ["over a minute asks again", 61, 2],
]) {
  test(`a sleeping page that was away for ${away}`, async (t) => {
    const shop = await stocked(backroom);
    const here = { origin: backroom.url, shop: shop.id, sku: "plenty" };
    const shopper = await visit(t, merchant.page("product.html", here));
    await shopper.says("In stock");
    await shopper.page.evaluate((seconds) => {
      const now = Date.now();
      Date.now = () => now + seconds * 1000;
    }, seconds);
    await shopper.page.goto(merchant.page("far.html", here));
    await shopper.restored();
    await shopper.quiet();
    const fragment = `${backroom.url}/v1/fragment?shop=${shop.id}&lang=en&sku=plenty`;
    assert.equal(shopper.to(fragment).length, requests);
    await shopper.says("In stock");
  });
}
