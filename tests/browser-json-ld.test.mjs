// A page whose merchant has pasted the script and placed no element.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";

const { backroom, merchant, visit } = await setUp();
const shop = await stocked(backroom);
const here = { origin: backroom.url, shop: shop.id };

const PAGES = ["product", "graph", "array", "group", "offer", "broken"];

for (const name of PAGES) {
  test(`the SKU of json-ld-${name}.html is shown after the heading`, async (t) => {
    const shopper = await visit(t, merchant.page(`json-ld-${name}.html`, here));
    await shopper.says("Only 3 left");
    assert.equal(await shopper.page.locator("h1 + backroom-stock").count(), 1);
    assert.equal(await shopper.page.locator("backroom-stock").count(), 1);
  });
}

test("`data-target` says where", async (t) => {
  const shopper = await visit(t, merchant.page("json-ld-target.html", here));
  await shopper.says("Only 3 left", "state", "#stock > backroom-stock");
  assert.equal(await shopper.page.locator("backroom-stock").count(), 1);
});

test("what is no product gets nothing", async (t) => {
  const shopper = await visit(t, merchant.page("json-ld-none.html", here));
  await shopper.quiet();
  assert.equal(await shopper.page.locator("backroom-stock").count(), 0);
  const files = ["/backroom.js", "/place.js"].map((file) => backroom.url + file);
  assert.deepEqual(shopper.to(backroom.url), files);
});

test("an element of the merchant's own is enough", async (t) => {
  const page = merchant.page("json-ld-product.html", here);
  const shopper = await visit(t, "about:blank");
  await shopper.page.addInitScript(() => {
    addEventListener("DOMContentLoaded", () => {
      const element = document.createElement("backroom-stock");
      element.setAttribute("sku", "plenty");
      document.body.append(element);
    });
  });
  await shopper.page.goto(page);
  await shopper.says("In stock");
  assert.equal(await shopper.page.locator("backroom-stock").count(), 1);
});
