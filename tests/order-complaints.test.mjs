// What shops elsewhere complain of about orders and pre-orders, each shown not to happen here. The
// numbers are those of the public reports.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { assertRefused } from "./support/problem.mjs";
import { level } from "./support/shop.mjs";

const backroom = await start();
after(() => backroom.stop());

const expected = { date: "2099-03-14", precision: "day" };

/** A shop with three of `a`, which is sold ahead, and ten more on their way. */
async function supplied(ahead = {}) {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 3 });
  await shop.api("/v1/skus/a", { method: "PATCH", body: { ahead: { kind: "preorder", ...ahead } } });
  const lines = [{ sku: "a", quantity: 10, expected }];
  await shop.api("/v1/purchase-orders", { body: { id: "po", supplier: "Acme", lines } });
  return shop;
}

const order = (shop, id, ...quantities) =>
  shop.api("/v1/orders", { body: { id, lines: quantities.map((quantity) => ({ sku: "a", quantity })) } });

const line = async (shop) => (await shop.api("/v1/purchase-orders/po")).json.lines[0];

test("two lines of one SKU are promised together, not each for itself (medusa 16502)", async () => {
  const shop = await supplied();
  await assertRefused(shop, 409, "cannot_promise", () => order(shop, "1", 7, 7));
  const placed = await order(shop, "2", 7, 6);
  assert.equal(placed.status, 200, placed.text);
  assert.deepEqual([placed.json.lines[0].ready, (await line(shop)).promised], [3, 10]);
});

test("a capped pre-order is not oversold by those who come at once (spree's backorder_limit)", async () => {
  const shop = await supplied({ limit: 4 });
  const ids = Array.from({ length: 40 }, (_, n) => `buyer ${n}`);
  const answers = await Promise.all(ids.map((id) => order(shop, id, 1)));
  const taken = answers.filter(({ status }) => status === 200);
  assert.equal(taken.length, 3 + 4);
  const refused = answers.filter(({ status }) => status !== 200).map(({ json }) => json.code);
  assert.deepEqual(new Set(refused), new Set(["cannot_promise"]));
  assert.equal((await line(shop)).promised, 4);
});

test("who has paid is not told that it is gone (vendure 3065, 1738)", async () => {
  const shop = await supplied();
  await shop.hold({ a: 3 }, { id: "cart" });
  // Somebody else's platform sells what is held: that is a fact.
  assert.equal((await shop.command("sold", { a: 3 })).status, 200);
  const paid = await shop.api("/v1/orders", { body: { id: "paid", hold: "cart" } });
  assert.equal(paid.status, 200, paid.text);
  assert.deepEqual([paid.json.state, paid.json.lines[0].ready], ["ready", 3]);
  // Nobody else gets what is owed to them.
  await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", { a: 1 }));
  await shop.command("receive", { a: 3 });
  const sent = await shop.api("/v1/orders/paid/shipments", { body: { id: "parcel" } });
  assert.equal(sent.json.state, "shipped", sent.text);
});

test("cancelling and returning leave nothing reserved (magento/inventory 2933, medusa 16569, solidus 3719)", async () => {
  const shop = await supplied();
  assert.equal((await order(shop, "1", 8)).status, 200);
  const part = { id: "part", lines: [{ sku: "a", quantity: 2 }] };
  assert.equal((await shop.api("/v1/orders/1/shipments", { body: part })).status, 200);
  assert.equal((await shop.api("/v1/orders/1/cancellations", { body: { id: "rest" } })).status, 200);
  const back = { id: "back", lines: part.lines, to: "stock" };
  assert.equal((await shop.api("/v1/orders/1/returns", { body: back })).status, 200);
  assert.deepEqual((await shop.levels("a")).main, level("a", { on_hand: 3 }));
  const { promised, incoming } = await line(shop);
  assert.deepEqual([promised, incoming], [0, 10]);
  assert.equal((await order(shop, "2", 13)).status, 200);
});

test("a date that moves brings nothing twice, nor does a receipt sent again (odoo 76466, 31490)", async () => {
  const shop = await supplied();
  assert.equal((await order(shop, "1", 5)).status, 200);
  for (const date of ["2099-04-01", "2099-05-01", "2099-03-20"]) {
    const change = { id: date, lines: [{ line: 1, expected: { ...expected, date } }] };
    assert.equal((await shop.api("/v1/purchase-orders/po/changes", { body: change })).status, 200);
  }
  assert.deepEqual([(await line(shop)).incoming, (await line(shop)).promised], [10, 2]);
  const receipt = { id: "box", lines: [{ line: 1, quantity: 10 }] };
  const send = () => shop.api("/v1/purchase-orders/po/receipts", { body: receipt });
  await Promise.all([send(), send(), send()]);
  assert.deepEqual((await shop.levels("a")).main, level("a", { on_hand: 13, committed: 5 }));
  const { events } = (await shop.api("/v1/events")).json;
  assert.deepEqual(
    events.map(({ kind, units }) => [kind, units]),
    [["promise_moved", 2], ["promise_moved", 2], ["promise_moved", 2], ["ready", 2]],
  );
});
