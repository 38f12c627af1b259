// Locations: where units are taken when nobody says where, and that what is shown can be sold.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertProblem, assertRefused } from "./support/problem.mjs";

const backroom = await start();
after(() => backroom.stop());

/** Units by SKU and location: `{ a: { main: 7, north: 2 } }`. */
async function spreadOut(goods, settings) {
  const shop = await backroom.newShop(settings);
  const rows = Object.entries(goods).flatMap(([sku, places]) =>
    Object.entries(places).map(([location, on_hand]) => ({ sku, location, on_hand })),
  );
  await shop.stockUp(rows);
  return shop;
}

function put(shop, name, body = {}) {
  return shop.api(`/v1/locations/${encodeURIComponent(name)}`, { method: "PUT", body });
}

const where = (lines) =>
  Object.fromEntries(lines.map(({ location, quantity }) => [location, quantity]));

/** 15 units: no location has nine, and each strategy finds them elsewhere. */
const FIFTEEN = { a: { main: 7, north: 2, south: 6 } };
const PLACES = {
  north: { priority: 10, region: "GB" },
  south: { priority: 50, region: "US" },
  main: { region: "US" },
};

async function fifteen(strategy) {
  const shop = await spreadOut(FIFTEEN, { strategy });
  for (const [name, settings] of Object.entries(PLACES)) {
    assert.equal((await put(shop, name, settings)).status, 200);
  }
  return shop;
}

for (const [strategy, places] of Object.entries({
  priority: { north: 2, south: 6, main: 1 },
  fewest_parcels: { north: 2, main: 7 },
  nearest: { south: 6, main: 3 },
  spread: { main: 7, south: 2 },
})) {
  test(`an order that no location can fill is split by ${strategy}`, async () => {
    const shop = await fifteen(strategy);
    const held = await shop.hold({ a: 9 }, { id: "cart", region: "US" });
    assert.equal(held.status, 200, held.text);
    assert.deepEqual(where(held.json.lines), places);
    const sold = await shop.resolve("cart", "commit");
    assert.deepEqual(where(sold.json.lines), places);
    for (const [location, quantity] of Object.entries(places)) {
      const level = (await shop.levels("a"))[location];
      assert.deepEqual([level.on_hand, level.held], [FIFTEEN.a[location] - quantity, 0]);
    }
  });

  test(`an order that one location can fill is not split by ${strategy}`, async () => {
    const shop = await fifteen(strategy);
    assert.deepEqual(where((await shop.hold({ a: 7 })).json.lines), { main: 7 });
    assert.deepEqual(where((await shop.hold({ a: 6 })).json.lines), { south: 6 });
  });

  test(`whatever is shown can be sold by ${strategy}`, async () => {
    const shop = await fifteen(strategy);
    await shop.api("/v1/skus/a", {
      method: "PATCH",
      body: { safety_stock: [{ units: 3 }, { location: "north", units: 9 }] },
    });
    // North owes two, which main and south must cover.
    await shop.command("sold", [{ sku: "a", location: "north", quantity: 4 }]);
    await shop.api("/v1/shop", { method: "PATCH", body: { low_mark: 100 } });
    await shop.published();
    const { quantity } = await shop.snapshot("a");
    assert.equal(quantity, 4 + 6 - 2);
    assert.equal((await shop.levels("a")).available, quantity);
    await assertRefused(shop, 409, "insufficient_stock", () => shop.hold({ a: quantity + 1 }));
    for (let unit = 0; unit < quantity; unit += 1) {
      assert.equal((await shop.command("sell", { a: 1 })).status, 200, `unit ${unit}`);
    }
    await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", { a: 1 }));
    await eventually(async () => assert.equal((await shop.snapshot("a")).state, "out"));
  });
}

test("what leaves too late today leaves elsewhere", async () => {
  const shop = await spreadOut({ a: { main: 5, north: 5 } }, { strategy: "nearest" });
  await put(shop, "main", { priority: 0, cut_off: "00:00" });
  assert.deepEqual(where((await shop.hold({ a: 1 })).json.lines), { north: 1 });
});

test("a line may say where, beside one that does not", async () => {
  const shop = await spreadOut({ a: { main: 5, north: 5 } });
  const lines = [
    { sku: "a", location: "north", quantity: 4 },
    { sku: "a", quantity: 6 },
  ];
  const held = await shop.hold(lines);
  assert.deepEqual(where(held.json.lines), { main: 5, north: 5 });
  const toNorth = [{ sku: "a", location: "north", quantity: 1 }];
  await assertRefused(shop, 409, "insufficient_stock", () => shop.hold(toNorth));
});

test("a sale that has happened is booked where there are units, and the rest is owed", async () => {
  const shop = await spreadOut({ a: { main: 2, north: 3 } });
  const sold = await shop.command("sold", { a: 7 });
  assert.equal(sold.status, 200, sold.text);
  assert.deepEqual(sold.json.shortfalls.map(({ units }) => units), [2]);
  const { available, main, north } = await shop.levels("a");
  assert.equal(main.on_hand + north.on_hand, 0);
  assert.equal(main.shortfall + north.shortfall, 2);
  assert.equal(available, 0);
});

test("safety stock is kept from requests and not from facts", async () => {
  const shop = await spreadOut({ a: { main: 5 } });
  const kept = await shop.api("/v1/skus/a", {
    method: "PATCH",
    body: { safety_stock: [{ units: 3 }] },
  });
  assert.equal(kept.status, 200, kept.text);
  assert.deepEqual([kept.json.available, kept.json.stock[0].safety_stock], [2, 3]);
  await shop.published();
  assert.equal((await shop.snapshot("a")).quantity, 2);
  await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", { a: 3 }));
  assert.equal((await shop.command("sold", { a: 4 })).status, 200);
  assert.equal(await shop.onHand("a"), 1);
  for (const safety_stock of [[{ units: -1 }], [{ location: "", units: 1 }]]) {
    const send = () => shop.api("/v1/skus/a", { method: "PATCH", body: { safety_stock } });
    await assertRefused(shop, 422, "bad_value", send);
  }
  const send = () => shop.api("/v1/skus/b", { method: "PATCH", body: {} });
  await assertRefused(shop, 404, "unknown_sku", send);
});

test("a location comes to be where it is first named, and is what the merchant says", async () => {
  const shop = await spreadOut({ a: { main: 1, "north/1 🎁": 1 } });
  const usual = { kind: "warehouse", priority: 100 };
  assert.deepEqual(await shop.list("/v1/locations", "locations"), [
    { name: "main", ...usual },
    { name: "north/1 🎁", ...usual },
  ]);
  const settings = { kind: "supplier", priority: 0, region: "GB", cut_off: "14:30" };
  const answer = await put(shop, "north/1 🎁", settings);
  assert.deepEqual(answer.json, { name: "north/1 🎁", ...settings });
  assert.deepEqual((await put(shop, "store 2", { kind: "store" })).json, {
    name: "store 2",
    kind: "store",
    priority: 100,
  });
  const names = (await shop.list("/v1/locations", "locations")).map(({ name }) => name);
  assert.deepEqual(names, ["main", "north/1 🎁", "store 2"]);
  // What is left out goes back to what is usual.
  assert.deepEqual((await put(shop, "north/1 🎁")).json, { name: "north/1 🎁", ...usual });
});

test("a location that makes no sense is refused by name", async () => {
  const shop = await spreadOut({ a: { main: 1 } });
  for (const body of [
    { priority: 1_001 },
    { region: "" },
    { region: "x".repeat(33) },
    { cut_off: "25:00" },
    { cut_off: "9:30" },
    { cut_off: "noon" },
  ]) {
    await assertRefused(shop, 422, "bad_value", () => put(shop, "main", body));
  }
  await assertRefused(shop, 422, "bad_value", () => put(shop, "x".repeat(65)));
  await assertRefused(shop, 422, "bad_value", () => put(shop, "a\nb"));
  for (const body of [{ kind: "shed" }, { priority: -1 }, { colour: "red" }]) {
    await assertRefused(shop, 400, "bad_json", () => put(shop, "main", body));
  }
});

test("locations are listed by pages", async () => {
  const shop = await backroom.newShop();
  const names = Array.from({ length: 501 }, (_, at) => `shelf ${String(at).padStart(3, "0")}`);
  for (const name of names) assert.equal((await put(shop, name)).status, 200);
  assert.equal((await shop.api("/v1/locations")).json.locations.length, 500);
  const listed = await shop.list("/v1/locations", "locations");
  assert.deepEqual(listed.map(({ name }) => name), names);
  assertProblem(await shop.api("/v1/locations?cursor=zz"), 400, "bad_parameter");
});
