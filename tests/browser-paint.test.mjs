// What a page shows before anybody touches it, and what that costs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GOODS, TEXTS, stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";

const { backroom, merchant, visit } = await setUp();
const shop = await stocked(backroom);
const here = { origin: backroom.url, shop: shop.id };

test("each state is painted in words", async (t) => {
  const shopper = await visit(t, merchant.page("states.html", here));
  for (const { sku } of GOODS) {
    const [title, state, detail] = TEXTS[sku];
    await shopper.says(state, "state", `#${sku}`);
    await shopper.says(title, "title", `#${sku}`);
    await shopper.says(detail, "detail", `#${sku}`);
    await shopper.says("£12.50", "price", `#${sku}`);
    const link = await shopper.part("title", `#${sku}`).evaluate((a) => a.href);
    assert.equal(link, `${merchant.url}/goods/${sku}`);
  }
});

test("a SKU that the shop does not have keeps what the page says itself", async (t) => {
  const shopper = await visit(t, merchant.page("states.html", here));
  await shopper.says("In stock", "state", "#plenty");
  assert.ok(await shopper.page.locator("#unknown a").isVisible());
  assert.equal(await shopper.page.locator("#unknown").innerText(), "Ask us about stock");
});

test("what the page says itself gives way to what was painted", async (t) => {
  const shopper = await visit(t, merchant.page("product.html", { ...here, sku: "plenty" }));
  await shopper.says("In stock");
  assert.equal(await shopper.page.getByText("Ask us about stock").isVisible(), false);
});

for (const [file, sku] of [["product.html", "plenty"], ["three.html"]]) {
  test(`${file} asks for the loader and one fragment, and waits for neither`, async (t) => {
    // With a low SKU in sight the widget would come by itself; here the shopper sees another part.
    const viewport = { width: 400, height: 60 };
    const shopper = await visit(t, merchant.page(file, { ...here, sku }), { viewport });
    await shopper.part("state").first().waitFor({ state: "attached" });
    await shopper.quiet();
    const [loader, fragment, ...more] = shopper.to(backroom.url);
    assert.equal(loader, `${backroom.url}/backroom.js`);
    assert.ok(fragment.startsWith(`${backroom.url}/v1/fragment?`), fragment);
    assert.deepEqual(more, []);
    const blocking = await shopper.page.evaluate((origin) => {
      const all = performance.getEntriesByType("resource");
      const ours = all.filter(({ name }) => name.startsWith(origin));
      return ours.map(({ renderBlockingStatus }) => renderBlockingStatus);
    }, backroom.url);
    assert.deepEqual(blocking, ["non-blocking", "non-blocking"]);
  });
}

test("nothing is stored at the shopper's, asleep or awake", async (t) => {
  const shopper = await visit(t, merchant.page("three.html", here));
  await shopper.live();
  assert.deepEqual(await shopper.context.cookies(), []);
  const stored = await shopper.page.evaluate(async () => ({
    storage: [localStorage.length, sessionStorage.length],
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
  assert.deepEqual(stored, { storage: [0, 0], databases: [], caches: [], workers: 0 });
});

test("a page without JavaScript keeps what it says itself", async (t) => {
  const page = merchant.page("product.html", { ...here, sku: "plenty" });
  const shopper = await visit(t, page, { javaScriptEnabled: false });
  assert.ok(await shopper.page.getByText("Ask us about stock").isVisible());
  assert.deepEqual(shopper.to(backroom.url), []);
});
