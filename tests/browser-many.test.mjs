// Several widgets, several shops, and pages that move their elements about.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();

test("three of one shop: one request, one module, one socket, each its own", async (t) => {
  const shop = await stocked(backroom);
  const here = { origin: backroom.url, shop: shop.id };
  const shopper = await visit(t, merchant.page("three.html", here));
  await shopper.says("In stock", "state", "#a");
  await shopper.says("Only 3 left", "state", "#b");
  await shopper.says("Back on 14 March 2031", "detail", "#c");
  await shopper.page.hover("#a");
  await watches(shopper, ["day", "low", "plenty"]);
  await shop.command("sell", { plenty: 36, low: 3 });
  await shop.command("receive", { day: 2 });
  await shopper.says("Only 4 left", "state", "#a");
  await shopper.says("Out of stock, no date yet", "state", "#b");
  await shopper.says("Only 2 left", "state", "#c");
  await shopper.says("", "detail", "#c");
  const fetched = ["/v1/fragment", "/w/"].map((path) => shopper.to(backroom.url + path).length);
  assert.deepEqual(fetched, [1, 2]);
  assert.equal(shopper.sockets.length, 1);
});

/** Waits until what the page has last said on its open socket is that it watches these SKUs. */
function watches(shopper, skus) {
  return eventually(() => assert.deepEqual(shopper.watched.at(-1), skus));
}

test("a page that comes in parts makes one request, as long as its rest comes soon", async (t) => {
  const shop = await stocked(backroom);
  const here = { origin: backroom.url, shop: shop.id, between: "/late.js" };
  // However slow this machine is, the rest comes sooner than the loader's patience ends; but
  // whatever does not wait for it has its turn before.
  const first = `<script>{
    const set = setTimeout;
    setTimeout = (work, ms) => (ms ? 0 : set(work));
    customElements.whenDefined("backroom-stock").then(() => set(() => fetch("/release"), 50));
  }</script>`;
  const shopper = await visit(t, merchant.page("two-parts.html", { ...here, first }));
  await shopper.says("In stock", "state", "#a");
  await shopper.says("Only 3 left", "state", "#b");
  assert.equal(shopper.to(`${backroom.url}/v1/fragment`).length, 1);
});

test("a page whose rest does not come shows what there is", async (t) => {
  const shop = await stocked(backroom);
  const here = { origin: backroom.url, shop: shop.id, between: "/late.js" };
  // The rest comes when the first part has been painted, and the page is not loaded before.
  const first = '<script>addEventListener("backroom:ready", () => fetch("/release"))</script>';
  const shopper = await visit(t, merchant.page("two-parts.html", { ...here, first }));
  await shopper.says("In stock", "state", "#a");
  await shopper.says("Only 3 left", "state", "#b");
  assert.equal(shopper.to(`${backroom.url}/v1/fragment`).length, 2);
});

test("two shops on a page: one module, a socket each, neither hears of the other", async (t) => {
  const [shop, other] = [await stocked(backroom), await stocked(backroom)];
  const here = { origin: backroom.url, shop: shop.id, other: other.id };
  const shopper = await visit(t, merchant.page("two-shops.html", here));
  // Without a `shop` of its own an element is of the page's first script.
  await shopper.says("In stock", "state", "#c");
  await shopper.live(2);
  await eventually(() => assert.equal(shopper.open.length, 2));
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left", "state", "#a");
  await shopper.says("Only 3 left", "state", "#b");
  await other.command("sell", { low: 2 });
  await shopper.says("Only 1 left", "state", "#b");
  await shopper.says("Only 2 left", "state", "#a");
  const fetched = ["/v1/fragment", "/w/"].map((path) => shopper.to(backroom.url + path).length);
  assert.deepEqual(fetched, [2, 2]);
  assert.equal(shopper.sockets.length, 2);
});

test("the script pasted twice does everything once", async (t) => {
  const shop = await stocked(backroom);
  const here = { origin: backroom.url, shop: shop.id };
  const shopper = await visit(t, merchant.page("script-twice.html", here));
  await shopper.live();
  await shopper.quiet();
  const fetched = ["/v1/fragment", "/w/"].map((path) => shopper.to(backroom.url + path).length);
  assert.deepEqual(fetched, [1, 2]);
  assert.equal(shopper.sockets.length, 1);
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
});

test("an element that is taken out and put back is painted from memory, and live", async (t) => {
  const shop = await stocked(backroom);
  const here = { origin: backroom.url, shop: shop.id, sku: "low" };
  const shopper = await visit(t, merchant.page("product.html", here));
  await shopper.live();
  const text = await shopper.page.evaluate(() => {
    globalThis.element = document.querySelector("backroom-stock");
    element.remove();
    document.body.append(element);
    return element.shadowRoot.querySelector("[part=state]")?.textContent;
  });
  assert.equal(text, "Only 3 left");
  await watches(shopper, ["low"]);
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  assert.equal(shopper.open.length, 1);
  assert.equal(shopper.to(`${backroom.url}/v1/fragment`).length, 1);
});

test("an element that comes back later shows what has happened meanwhile", async (t) => {
  const shop = await stocked(backroom);
  const here = { origin: backroom.url, shop: shop.id, sku: "low" };
  const shopper = await visit(t, merchant.page("product.html", here));
  await shopper.live();
  const closed = shopper.sockets[0].waitForEvent("close");
  await shopper.page.evaluate(() => {
    globalThis.element = document.querySelector("backroom-stock");
    element.remove();
  });
  // Nobody is left to hear anything.
  await closed;
  await shop.command("sell", { low: 1 });
  await shop.published();
  await shopper.page.evaluate(() => document.body.append(element));
  await shopper.says("Only 2 left");
  assert.equal(shopper.open.length, 1);
});

test("an element that changed live and is moved does not go back in time", async (t) => {
  const shop = await stocked(backroom);
  const here = { origin: backroom.url, shop: shop.id, sku: "low" };
  const shopper = await visit(t, merchant.page("product.html", here));
  await shopper.live();
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  const text = await shopper.page.evaluate(() => {
    const element = document.querySelector("backroom-stock");
    document.body.append(element);
    return element.shadowRoot.querySelector("[part=state]").textContent;
  });
  assert.equal(text, "Only 2 left");
});

test("another `sku` shows another product, asleep or awake", async (t) => {
  const shop = await stocked(backroom);
  const here = { origin: backroom.url, shop: shop.id, sku: "plenty" };
  const shopper = await visit(t, merchant.page("product.html", here));
  const element = shopper.page.locator("backroom-stock");
  const show = (sku) => element.evaluate((element, sku) => element.setAttribute("sku", sku), sku);
  await shopper.says("Oak chair", "title");
  await show("nodate");
  await shopper.says("Bay chair", "title");
  await show("low");
  await shopper.says("Ash chair", "title");
  await watches(shopper, ["low"]);
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  await show("unknown");
  assert.equal(await shopper.page.getByText("Ask us about stock").isVisible(), true);
  await show("plenty");
  await shopper.says("In stock");
  // The old one may still be saying goodbye.
  await eventually(() => assert.ok(shopper.open.length <= 1));
});

test("a hundred elements come and go, and no socket and no element is left over", async (t) => {
  const shop = await stocked(backroom);
  const here = { origin: backroom.url, shop: shop.id, sku: "low" };
  const shopper = await visit(t, merchant.page("product.html", here));
  await shopper.live();
  await shopper.page.evaluate(async () => {
    for (let round = 0; round < 100; round += 1) {
      const element = document.createElement("backroom-stock");
      element.setAttribute("sku", ["low", "day", "nodate"][round % 3]);
      document.querySelector("h1").after(element);
      await new Promise((frame) => requestAnimationFrame(frame));
      element.remove();
    }
  });
  await watches(shopper, ["low"]);
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  assert.equal(shopper.sockets.length, 1);
});
