// A pre-order from the shopper's page to the parcel: promised by a purchase order, moved with it on
// the open page and on the order's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";
import { trusting } from "./support/page-api.mjs";

const { backroom, merchant, visit } = await setUp({ vars: trusting });

const on = (date) => ({ date, precision: "day" });

/** A shop that sells a chair ahead, of which a purchase order brings ten. */
async function selling(kind) {
  const shop = await backroom.newShop({ time_zone: "UTC" });
  await shop.stockUp([{ sku: "chair", title: "Elm chair", on_hand: 0, price: "12.50" }]);
  await shop.api("/v1/skus/chair", { method: "PATCH", body: { ahead: { kind } } });
  const lines = [{ sku: "chair", quantity: 10, expected: on("2099-03-14") }];
  const placed = await shop.api("/v1/purchase-orders", { body: { id: "po", supplier: "Acme", lines } });
  assert.equal(placed.status, 200, placed.text);
  await shop.published();
  return shop;
}

/** Plays the shop's server: a page of its posts its orders to `/checkout`, and hears the link. */
async function checkout(shopper, shop) {
  await shopper.page.route("**/checkout", async (route) => {
    const { sku, quantity } = route.request().postDataJSON();
    const body = { id: "web 1", lines: [{ sku, quantity }] };
    const order = await shop.api("/v1/orders", { body });
    await route.fulfill({ status: order.status, json: order.json });
  });
  await shopper.page.addInitScript(() => {
    window.backroom = function () {
      (window.backroom.q = window.backroom.q || []).push(arguments);
    };
    backroom("cart", async (order) => {
      const placed = await fetch("/checkout", { method: "POST", body: JSON.stringify(order) });
      globalThis.ordered = { kind: order.kind, ...(await placed.json()) };
    });
  });
}

const CASES = [
  ["preorder", "Pre-order", "Pre-order now"],
  ["backorder", "On back-order", "Back-order now"],
];

for (const [kind, state, button] of CASES) {
  test(`${kind}: ordered in the browser, moved with its purchase order, served and sent`, async (t) => {
    const shop = await selling(kind);
    const shopper = await visit(t, "about:blank", { locale: "en-GB" });
    await checkout(shopper, shop);
    const here = { origin: backroom.url, shop: shop.id, sku: "chair" };
    await shopper.page.goto(merchant.page("product-view.html", here));
    await shopper.says(state);
    await shopper.says("Ships on 14 March 2099", "detail");
    await shopper.live();
    await shopper.page.locator("backroom-stock [part=order] [name=quantity]").fill("3");
    const order = shopper.page.locator("backroom-stock [part=order] button");
    assert.equal(await order.innerText(), button);
    await order.click();
    const placed = await shopper.page.waitForFunction(() => globalThis.ordered);
    const { kind: heard, state: stands, link } = await placed.jsonValue();
    assert.deepEqual([heard, stands], [kind, "waiting"]);

    const mine = await shopper.context.newPage();
    await mine.goto(backroom.url + link);
    await mine.getByText("3 × Ships on 14 March 2099").waitFor();

    const lines = [{ line: 1, expected: on("2099-05-02") }];
    const slip = await shop.api("/v1/purchase-orders/po/changes", { body: { id: "slip", lines } });
    assert.equal(slip.status, 200, slip.text);
    // On the open page by itself, with what it was.
    await eventually(async () => {
      const [detail, moved] = [shopper.part("detail"), shopper.part("moved")];
      assert.match(await detail.textContent(), /^Ships on 2 May 2099/);
      assert.match(await moved.textContent(), /14 March 2099/);
    });
    await mine.reload();
    await mine.getByText("3 × Ships on 2 May 2099").waitFor();

    const receipt = { id: "box", lines: [{ line: 1, quantity: 10 }] };
    await shop.api("/v1/purchase-orders/po/receipts", { body: receipt });
    await shopper.says("In stock");
    await mine.reload();
    await mine.getByText("3 × Ready to be sent").waitFor();
    assert.equal(await mine.locator("form").count(), 0);
  });
}

test("the buyer cancels on the order's page, and somebody else can have it", async (t) => {
  const shop = await selling("preorder");
  const first = await shop.api("/v1/orders", { body: { id: "1", lines: [{ sku: "chair", quantity: 10 }] } });
  await shop.published();
  const here = { origin: backroom.url, shop: shop.id, sku: "chair" };
  const shopper = await visit(t, merchant.page("product-view.html", here), { locale: "en-GB" });
  await shopper.says("Out of stock, no date yet");
  await shopper.live();
  const mine = await shopper.context.newPage();
  await mine.goto(backroom.url + first.json.link);
  await mine.getByRole("button", { name: "Cancel what has not come yet" }).click();
  await mine.getByText("10 × Cancelled").waitFor();
  await shopper.says("Pre-order");
});
