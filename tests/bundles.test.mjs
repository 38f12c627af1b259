// Kits: SKUs that are made of others, and have as many units as their components make.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertProblem, assertRefused } from "./support/problem.mjs";

const backroom = await start();
after(() => backroom.stop());

function put(shop, kit, parts) {
  const components = Array.isArray(parts)
    ? parts
    : Object.entries(parts).map(([sku, quantity]) => ({ sku, quantity }));
  const body = { components };
  return shop.api(`/v1/bundles/${encodeURIComponent(kit)}`, { method: "PUT", body });
}

/** A shop with these units and a kit of two `a` and one `b`. */
async function withKit(goods) {
  const shop = await backroom.newShop();
  await shop.stockUp([
    ...Object.entries(goods).map(([sku, on_hand]) => ({ sku, on_hand })),
    { sku: "kit" },
  ]);
  const made = await put(shop, "kit", { a: 2, b: 1 });
  assert.equal(made.status, 200, made.text);
  await shop.published();
  return shop;
}

const shows = (shop, sku, wanted) =>
  eventually(async () => {
    const { state, quantity, free_at } = await shop.snapshot(sku);
    assert.deepEqual({ state, quantity, free_at }, { quantity: undefined, free_at: undefined, ...wanted });
  });

test("a kit has as many units as its components make", async () => {
  const shop = await withKit({ a: 5, b: 3 });
  await shows(shop, "kit", { state: "low", quantity: 2 });
  assert.deepEqual(await shop.levels("kit"), { available: 2 });
  await shop.command("sell", { a: 2 });
  await shows(shop, "kit", { state: "low", quantity: 1 });
  await shop.command("receive", { a: 7 });
  await shows(shop, "kit", { state: "low", quantity: 3 });
  await shop.command("sold", { b: 3 });
  await shows(shop, "kit", { state: "out" });
});

test("whoever holds a kit holds its components", async () => {
  const shop = await withKit({ a: 5, b: 3 });
  const held = await shop.hold({ kit: 2 }, { id: "cart" });
  assert.equal(held.status, 200, held.text);
  assert.deepEqual(held.json.lines, [
    { sku: "a", location: "main", quantity: 4 },
    { sku: "b", location: "main", quantity: 2 },
  ]);
  await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", { a: 2 }));
  await assertRefused(shop, 409, "insufficient_stock", () => shop.hold({ kit: 1 }));
  await shows(shop, "kit", { state: "all_held", free_at: held.json.expires_at });
  await shows(shop, "a", { state: "low", quantity: 1 });
  assert.equal((await shop.resolve("cart", "commit")).status, 200);
  assert.deepEqual([await shop.onHand("a"), await shop.onHand("b")], [1, 1]);
  await shows(shop, "kit", { state: "out" });
});

test("a kit and its component in one cart share what there is", async () => {
  const shop = await withKit({ a: 5, b: 3 });
  await assertRefused(shop, 409, "insufficient_stock", () => shop.hold({ kit: 2, a: 2 }));
  const held = await shop.hold({ kit: 2, a: 1 });
  assert.deepEqual(held.json.lines[0], { sku: "a", location: "main", quantity: 5 });
});

test("a kit that was sold elsewhere takes its components, and owes what is missing", async () => {
  const shop = await withKit({ a: 5, b: 1 });
  const sold = await shop.command("sold", { kit: 2 });
  assert.equal(sold.status, 200, sold.text);
  assert.deepEqual(sold.json.shortfalls, [{ sku: "b", location: "main", units: 1 }]);
  assert.deepEqual([await shop.onHand("a"), await shop.onHand("b")], [1, 0]);
});

test("a kit has no stock of its own", async () => {
  const shop = await withKit({ a: 5, b: 3 });
  for (const type of ["receive", "returned", "adjust"]) {
    await assertRefused(shop, 409, "is_bundle", () => shop.command(type, { kit: 1 }));
  }
  const lines = [{ sku: "kit", counted: 1, expected: null }];
  const count = () => shop.api("/v1/counts", { body: { id: "count", lines } });
  await assertRefused(shop, 409, "is_bundle", count);
  const body = { safety_stock: [{ units: 1 }] };
  const keep = () => shop.api("/v1/skus/kit", { method: "PATCH", body });
  await assertRefused(shop, 409, "is_bundle", keep);
});

test("what a file counts of a kit is of no meaning", async () => {
  const shop = await withKit({ a: 5, b: 3 });
  for (const query of ["", "?counts=set"]) {
    const { opened, adjusted } = (await shop.import("sku,on_hand\nkit,7\na,5\n", query)).json;
    assert.deepEqual({ opened, adjusted }, { opened: 0, adjusted: 0 });
    assert.deepEqual(await shop.levels("kit"), { available: 2 });
  }
});

test("what makes no kit is refused by name", async () => {
  const shop = await withKit({ a: 5, b: 3, c: 0, d: 0 });
  await put(shop, "d", { c: 1 });
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`part-${at}`, 1]));
  for (const [kit, parts] of [
    ["c", {}],
    ["c", many],
    ["c", { a: 0 }],
    ["c", { a: -1 }],
    ["c", { a: 1_001 }],
    ["c", { c: 1 }],
    ["c", { kit: 1 }],
    ["c", [{ sku: "a", quantity: 1 }, { sku: "a", quantity: 1 }]],
    // It has stock, and it is a component.
    ["a", { b: 1 }],
    ["c", { a: 1 }],
  ]) {
    await assertRefused(shop, 422, "bad_bundle", () => put(shop, kit, parts));
  }
  await assertRefused(shop, 404, "unknown_sku", () => put(shop, "c", { nothing: 1 }));
  await assertRefused(shop, 404, "unknown_sku", () => put(shop, "nothing", { a: 1 }));
  await assertRefused(shop, 422, "bad_value", () => put(shop, "c", { "": 1 }));
  await assertRefused(shop, 400, "bad_json", () => put(shop, "c", { a: 1.5 }));
});

test("a kit is made of something else, and then of nothing", async () => {
  const shop = await withKit({ a: 5, b: 3 });
  assert.deepEqual((await put(shop, "kit", { b: 3 })).json, {
    sku: "kit",
    components: [{ sku: "b", quantity: 3 }],
  });
  await shows(shop, "kit", { state: "low", quantity: 1 });
  const remove = () => shop.api("/v1/bundles/kit", { method: "DELETE" });
  assert.equal((await remove()).status, 204);
  assertProblem(await remove(), 404, "not_found");
  await shows(shop, "kit", { state: "out" });
  assert.equal((await shop.command("receive", { kit: 2 })).status, 200);
  await shows(shop, "kit", { state: "low", quantity: 2 });
});

test("kits are listed by pages", async () => {
  const shop = await backroom.newShop();
  const kits = Array.from({ length: 501 }, (_, at) => `kit ${String(at).padStart(3, "0")}`);
  await shop.stockUp([{ sku: "a", on_hand: 1 }, ...kits.map((sku) => ({ sku }))]);
  for (const kit of kits) assert.equal((await put(shop, kit, { a: 1 })).status, 200);
  assert.equal((await shop.api("/v1/bundles")).json.bundles.length, 500);
  const listed = await shop.list("/v1/bundles", "bundles");
  assert.deepEqual(listed.map(({ sku }) => sku), kits);
  assertProblem(await shop.api("/v1/bundles?cursor=zz"), 400, "bad_parameter");
});
