// Supply: purchase orders, what is ordered ahead of them, and what becomes of promises.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertProblem, assertRefused } from "./support/problem.mjs";

const backroom = await start();
after(() => backroom.stop());

/** A civil date so many days from now; the shops of this file are in UTC. */
const day = (days) => ({
  date: new Date(Date.now() + days * 86_400_000).toISOString().slice(0, "2026-12-01".length),
  precision: "day",
});

/** A shop that has `b` and sells `a` ahead, of which `po` brings ten in ten days. */
async function supplied({ ahead = {}, ...settings } = {}) {
  const shop = await backroom.newShop({ time_zone: "UTC", ...settings });
  await shop.stockUp({ a: 0, b: 2 });
  const body = { ahead: { kind: "preorder", ...ahead } };
  assert.equal((await shop.api("/v1/skus/a", { method: "PATCH", body })).status, 200);
  await placePo(shop, "po", 10, day(10));
  return shop;
}

async function placePo(shop, id, quantity, expected) {
  const lines = [{ sku: "a", quantity, expected }];
  const placed = await shop.api("/v1/purchase-orders", { body: { id, supplier: "Acme", lines } });
  assert.equal(placed.status, 200, placed.text);
  return placed.json;
}

const poAt = (po, what = "") => `/v1/purchase-orders/${encodeURIComponent(po)}${what}`;
const orderAt = (order, what = "") => `/v1/orders/${encodeURIComponent(order)}${what}`;

/** Units by SKU. */
function order(shop, id, units, rest) {
  const lines = Object.entries(units).map(([sku, quantity]) => ({ sku, quantity }));
  return shop.api("/v1/orders", { body: { id, lines, ...rest } });
}

async function done(answer) {
  const { status, text, json } = await answer;
  assert.equal(status, 200, text);
  return json;
}

test("a pre-order is promised by a purchase order, moves with it, is served and shipped", async () => {
  const shop = await supplied();
  await shop.published();
  const shown = await shop.snapshot("a");
  assert.deepEqual([shown.state, shown.restock], ["preorder", day(10)]);

  const placed = await done(order(shop, "first/1 🎁", { a: 4, b: 1 }, { payment: "at_dispatch", buyer: "ann" }));
  const [a, b] = placed.lines;
  assert.deepEqual([placed.state, placed.shipping, placed.payment], ["waiting", "split", "at_dispatch"]);
  assert.deepEqual(
    [a.kind, a.ready, a.waiting, a.promised],
    ["preorder", 0, [{ purchase_order: "po", line: 1, units: 4, promised: day(10) }], day(10)],
  );
  assert.deepEqual([b.kind, b.ready, b.waiting], [undefined, 1, undefined]);
  const { committed, available, on_hand } = (await shop.levels("b")).main;
  assert.deepEqual([on_hand, committed, available], [2, 1, 1]);

  const moved = { id: "slip", lines: [{ line: 1, expected: day(20) }], reason: "strike" };
  const po = await done(shop.api(poAt("po", "/changes"), { body: moved }));
  assert.deepEqual(po.lines[0].expected, day(20));
  const now = await done(shop.api(orderAt("first/1 🎁")));
  assert.deepEqual(now.lines[0].promised, day(20));
  await shop.published();
  const later = await shop.snapshot("a");
  assert.deepEqual([later.restock, later.restock_was], [day(20), day(10)]);

  const receipt = { id: "box 1", lines: [{ line: 1, quantity: 6 }], reason: "first box" };
  const received = await done(shop.api(poAt("po", "/receipts"), { body: receipt }));
  assert.deepEqual(
    received.receipts.map(({ at, ...rest }) => rest),
    [{ line: 1, quantity: 6, missing: 0, discrepancies: ["early", "partial"], reason: "first box" }],
  );
  assert.deepEqual([received.lines[0].incoming, received.lines[0].promised], [4, 0]);
  assert.equal((await done(shop.api(orderAt("first/1 🎁")))).state, "ready");
  const level = (await shop.levels("a")).main;
  assert.deepEqual([level.on_hand, level.committed, level.available], [6, 4, 2]);

  const shipped = await done(shop.api(orderAt("first/1 🎁", "/shipments"), { body: { id: "parcel" } }));
  assert.deepEqual([shipped.state, shipped.lines.map((line) => line.shipped)], ["shipped", [4, 1]]);
  assert.equal(await shop.onHand("a"), 2);
  const back = { id: "back", lines: [{ sku: "a", quantity: 1 }], to: "stock" };
  await done(shop.api(orderAt("first/1 🎁", "/returns"), { body: back }));
  assert.equal(await shop.onHand("a"), 3);
  for (const to of ["quarantine", "written_off"]) {
    const body = { id: to, lines: [{ sku: "a", quantity: 1 }], to };
    await done(shop.api(orderAt("first/1 🎁", "/returns"), { body }));
  }
  const { returned, quarantined, written_off } = (await done(shop.api(orderAt("first/1 🎁")))).lines[0];
  assert.deepEqual([returned, quarantined, written_off, await shop.onHand("a")], [3, 1, 1, 3]);

  const events = (await done(shop.api("/v1/events"))).events.map(({ n, at, ...event }) => event);
  const news = { order: "first/1 🎁", sku: "a", units: 4 };
  assert.deepEqual(events, [
    { kind: "promise_moved", ...news, was: day(10), now: day(20) },
    { kind: "ready", ...news },
  ]);
  const { next } = (await done(shop.api("/v1/events"))).valueOf();
  assert.deepEqual(await done(shop.api(`/v1/events?cursor=${next}`)), { events: [], next });
});

test("a line that comes short moves the last in the queue, and nobody else", async () => {
  const shop = await supplied();
  for (const [id, units] of Object.entries({ first: 4, second: 4, third: 2 })) {
    await done(order(shop, id, { a: units }));
  }
  const receipt = { id: "short", lines: [{ line: 1, quantity: 5, last: true }], reason: "damaged" };
  const po = await done(shop.api(poAt("po", "/receipts"), { body: receipt }));
  assert.deepEqual([po.lines[0].state, po.lines[0].missing], ["short", 5]);
  const states = async () => (await shop.list("/v1/orders", "orders")).map((each) => each.state);
  assert.deepEqual(await states(), ["ready", "waiting", "waiting"]);
  const { events } = await done(shop.api("/v1/events"));
  const moved = events.filter((event) => event.kind === "promise_moved");
  assert.deepEqual(
    moved.map(({ order, units, was, now }) => [order, units, was, now]),
    [
      ["second", 3, day(10), undefined],
      ["third", 2, day(10), undefined],
    ],
  );
  // They are first when there is something, before the shelf.
  assert.equal((await shop.command("receive", { a: 4 })).status, 200);
  assert.deepEqual(await states(), ["ready", "ready", "waiting"]);
  await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", { a: 1 }));
});

test("what cannot be promised is not ordered", async () => {
  const shop = await supplied({ ahead: { limit: 8, limit_per_buyer: 5 }, mixed_carts: "refuse" });
  const ann = { buyer: "ann" };
  for (const [code, units, rest] of [
    ["ahead_limit", { a: 6 }, ann],
    ["mixed_cart", { a: 1, b: 1 }],
    ["insufficient_stock", { b: 3 }],
  ]) {
    await assertRefused(shop, 409, code, () => order(shop, code, units, rest));
  }
  await assertRefused(shop, 404, "unknown_sku", () => order(shop, "unknown", { c: 1 }));
  await assertRefused(shop, 404, "unknown_hold", () => order(shop, "hold", {}, { hold: "none" }));
  await assertRefused(shop, 422, "bad_value", () => order(shop, "none", {}));
  await done(order(shop, "ann", { a: 5 }, ann));
  await assertRefused(shop, 409, "ahead_limit", () => order(shop, "ann 2", { a: 1 }, ann));
  await done(order(shop, "bob", { a: 3 }, { buyer: "bob" }));
  await assertRefused(shop, 409, "cannot_promise", () => order(shop, "carl", { a: 1 }));
  const none = { ahead: { kind: "preorder", limit_per_buyer: 0 } };
  const sent = () => shop.api("/v1/skus/a", { method: "PATCH", body: none });
  await assertRefused(shop, 422, "bad_value", sent);
  const stop = { method: "PATCH", body: { ahead: null } };
  assert.equal((await shop.api("/v1/skus/a", stop)).status, 200);
  await assertRefused(shop, 409, "insufficient_stock", () => order(shop, "dan", { a: 1 }));
  await shop.published();
  assert.equal((await shop.snapshot("a")).state, "out");
});

test("what is not so with a purchase order is refused by name", async () => {
  const shop = await supplied();
  const lines = (...of) => ({ id: "1", lines: of });
  const change = (...of) => shop.api(poAt("po", "/changes"), { body: lines(...of) });
  const receive = (...of) => shop.api(poAt("po", "/receipts"), { body: lines(...of) });
  await assertRefused(shop, 422, "unknown_line", () => receive({ line: 2, quantity: 1 }));
  for (const [what, send] of [
    ["a line that is neither moved nor cancelled", () => change({ line: 1 })],
    ["a line that is both", () => change({ line: 1, expected: null, cancel: true })],
    ["a day that is none", () => change({ line: 1, expected: { date: "soon", precision: "day" } })],
    ["no line", () => shop.api(poAt("po", "/changes"), { body: { id: "none", lines: [] } })],
    ["half a range", () => change({ line: 1, expected: { date: "2026-12-01", precision: "range" } })],
    ["no supplier", () => shop.api("/v1/purchase-orders", { body: { id: "x", supplier: "", lines: [] } })],
  ]) {
    const refused = await send();
    assertProblem(refused, 422, "bad_value");
    assert.ok(refused.json.detail.length > 20, what);
  }
  assertProblem(await shop.api(poAt("none")), 404, "unknown_purchase_order");
  const box = { id: "box", lines: [] };
  assertProblem(await shop.api(poAt("none", "/receipts"), { body: box }), 404, "unknown_purchase_order");
  const cancel = { id: "cancel", lines: [{ line: 1, cancel: true }] };
  const cancelled = await done(shop.api(poAt("po", "/changes"), { body: cancel }));
  assert.deepEqual([cancelled.lines[0].state, cancelled.lines[0].incoming], ["cancelled", 0]);
  const again = { id: "again", lines: [{ line: 1, cancel: true }] };
  assertProblem(await shop.api(poAt("po", "/changes"), { body: again }), 409, "line_closed");
  assertProblem(await shop.api("/v1/purchase-orders", { body: { id: "po", supplier: "B", lines: [] } }), 422, "id_reused");
});

test("what is not so with an order is refused by name", async () => {
  const shop = await supplied();
  await done(order(shop, "first", { a: 2, b: 2 }));
  const send = (what, body) => shop.api(orderAt("first", what), { body: { id: what + JSON.stringify(body), ...body } });
  const units = (sku, quantity) => ({ lines: [{ sku, quantity }] });
  for (const [code, what, body, status = 409] of [
    ["not_ready", "/shipments", units("a", 1)],
    ["not_open", "/cancellations", units("a", 3)],
    ["not_shipped", "/returns", { ...units("b", 1), to: "stock" }],
    ["not_in_order", "/shipments", units("c", 1), 422],
    ["bad_value", "/shipments", units("b", 0), 422],
    ["bad_value", "/returns", { ...units("b", 1), to: "quarantine", location: "main" }, 422],
  ]) {
    await assertRefused(shop, status, code, () => send(what, body));
  }
  assertProblem(await shop.api(orderAt("none")), 404, "unknown_order");
  assertProblem(await shop.api(orderAt("none", "/shipments"), { body: { id: "1" } }), 404, "unknown_order");
  await done(send("/shipments", {}));
  await done(send("/cancellations", {}));
  const { state, lines } = await done(shop.api(orderAt("first")));
  assert.deepEqual([state, lines.map((line) => [line.shipped, line.cancelled])], ["shipped", [[0, 2], [2, 0]]]);
  await assertRefused(shop, 409, "not_open", () => send("/cancellations", { reason: "again" }));
});

test("an order that leaves together waits for the last of it", async () => {
  const shop = await supplied({ mixed_carts: "together" });
  const placed = await done(order(shop, "first", { a: 1, b: 1 }));
  assert.equal(placed.shipping, "together");
  await assertRefused(shop, 409, "not_ready", () => shop.api(orderAt("first", "/shipments"), { body: { id: "1" } }));
  await done(shop.api(poAt("po", "/receipts"), { body: { id: "2", lines: [{ line: 1, quantity: 10 }] } }));
  assert.equal((await done(shop.api(orderAt("first", "/shipments"), { body: { id: "3" } }))).state, "shipped");
});

test("a hold becomes an order", async () => {
  const shop = await supplied();
  await done(shop.hold({ b: 2 }, { id: "cart" }));
  const placed = await done(order(shop, "first", {}, { hold: "cart" }));
  assert.deepEqual([placed.state, placed.lines[0].ready], ["ready", 2]);
  const { held, committed } = (await shop.levels("b")).main;
  assert.deepEqual([held, committed], [0, 2]);
  assert.equal((await shop.api("/v1/holds/cart")).json.state, "committed");
  await assertRefused(shop, 409, "already_committed", () => order(shop, "second", {}, { hold: "cart" }));
});

test("three hundred orders that wait for one receipt are served in their order, by the alarm", async () => {
  const shop = await supplied();
  await placePo(shop, "large", 600, day(12));
  const ids = Array.from({ length: 300 }, (_, n) => `order ${n}`);
  for (const id of ids) await done(order(shop, id, { a: 2 }));
  await done(shop.api(poAt("large", "/receipts"), { body: { id: "1", lines: [{ line: 1, quantity: 400 }] } }));
  // What came is theirs from that moment on, whoever has been handed it yet.
  await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", { a: 1 }));
  const ready = [...Array(5).fill("waiting"), ...Array(200).fill("ready"), ...Array(95).fill("waiting")];
  await eventually(async () => {
    const orders = await shop.list("/v1/orders", "orders");
    assert.deepEqual(orders.map(({ id }) => id), ids);
    assert.deepEqual(orders.map(({ state }) => state), ready);
  });
});

test("when a SKU had run out, and what led to it, can be read", async () => {
  const shop = await supplied();
  await shop.command("sell", { b: 2 });
  await shop.command("receive", { b: 1 });
  const stockouts = await shop.list("/v1/stockouts", "stockouts");
  assert.deepEqual(stockouts.map(({ sku, cause }) => [sku, cause]), [["b", "no_po"]]);
  assert.ok(stockouts[0].ended_at >= stockouts[0].began_at);
});
