// Counts, how far the books were off, and what made a number.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { assertProblem, assertRefused } from "./support/problem.mjs";
import { level } from "./support/shop.mjs";

const backroom = await start();
after(() => backroom.stop());

async function stocked(goods) {
  const shop = await backroom.newShop();
  await shop.stockUp(goods);
  return shop;
}

function count(shop, id, lines, rest = {}) {
  return shop.api("/v1/counts", { body: { id, lines, ...rest } });
}

async function explain(shop, query) {
  const answer = await shop.api(`/v1/explain?${new URLSearchParams(query)}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

test("a count sets the books to what is there, and the difference is kept", async () => {
  const shop = await stocked({ a: 10, b: 3 });
  const lines = [
    { sku: "a", counted: 8, expected: 10 },
    { sku: "b", counted: 3, expected: 3 },
    { sku: "a", location: "attic", counted: 2, expected: 0 },
  ];
  const booked = await count(shop, "take 1", lines, { reason: "stock-take" });
  assert.equal(booked.status, 200, booked.text);
  const { available, main, attic } = await shop.levels("a");
  assert.deepEqual([available, main.on_hand, attic.on_hand], [10, 8, 2]);
  const drift = await shop.list("/v1/drift", "counts");
  const kept = drift.map(({ at, ...entry }) => entry);
  const of = { count: "take 1", reason: "stock-take" };
  assert.deepEqual(
    kept.sort((one, other) => one.booked - other.booked),
    [
      { ...of, sku: "a", location: "attic", booked: 0, counted: 2, difference: 2 },
      { ...of, sku: "b", location: "main", booked: 3, counted: 3, difference: 0 },
      { ...of, sku: "a", location: "main", booked: 10, counted: 8, difference: -2 },
    ],
  );
  const [movement] = (await explain(shop, { sku: "a" })).movements;
  assert.deepEqual(
    [movement.kind, movement.quantity, movement.net, movement.source, movement.reason],
    ["counted", -2, 8, "take 1", "stock-take"],
  );
});

test("a count that began before the last sale changes nothing", async () => {
  const shop = await stocked({ a: 10, b: 3 });
  await shop.command("sell", { a: 1 });
  const stale = [
    { sku: "b", counted: 5, expected: 3 },
    { sku: "a", counted: 10, expected: 10 },
  ];
  await assertRefused(shop, 409, "count_stale", () => count(shop, "take 1", stale));
  // Whoever does not compare has the last word.
  const blind = await count(shop, "take 2", [{ sku: "a", counted: 12, expected: null }]);
  assert.deepEqual(blind.json, { id: "take 2", stock: [level("a", { on_hand: 12 })] });
});

test("a count settles what was owed", async () => {
  const shop = await stocked({ a: 1 });
  await shop.command("sold", { a: 4 });
  const settled = await count(shop, "take", [{ sku: "a", counted: 0, expected: 0 }]);
  assert.deepEqual(settled.json, { id: "take", stock: [level("a")] });
  const [entry] = await shop.list("/v1/drift", "counts");
  assert.deepEqual([entry.booked, entry.counted, entry.difference], [-3, 0, 3]);
});

test("a count leaves what is held held", async () => {
  const shop = await stocked({ a: 5 });
  await shop.hold({ a: 4 }, { id: "cart" });
  const counted = await count(shop, "take", [{ sku: "a", counted: 3, expected: 5 }]);
  assert.deepEqual(counted.json.stock, [level("a", { on_hand: 3, held: 4 })]);
  const sold = await shop.resolve("cart", "commit");
  assert.deepEqual(sold.json.shortfalls, [{ sku: "a", location: "main", units: 1 }]);
});

test("a count that makes no sense is refused by name", async () => {
  const shop = await stocked({ a: 5 });
  const line = { sku: "a", counted: 1, expected: 5 };
  let takes = 0;
  const take = (lines, rest) => count(shop, `take ${(takes += 1)}`, lines, rest);
  for (const [lines, rest] of [
    [[]],
    [Array.from({ length: 101 }, (_, at) => ({ ...line, location: `shelf ${at}` }))],
    [[{ ...line, counted: -1 }]],
    [[{ ...line, counted: 1_000_000_001 }]],
    [[line, line]],
    [[{ ...line, location: "" }]],
    [[{ ...line, sku: "" }]],
    [[line], { id: "" }],
    [[line], { reason: "x".repeat(201) }],
  ]) {
    await assertRefused(shop, 422, "bad_value", () => take(lines, rest));
  }
  for (const wrong of [
    { sku: "a", counted: 1 },
    { ...line, counted: null },
    { ...line, expected: "5" },
    { ...line, surprise: 1 },
  ]) {
    await assertRefused(shop, 400, "bad_json", () => take([wrong]));
  }
  const unknown = () => take([{ ...line, sku: "A" }]);
  await assertRefused(shop, 404, "unknown_sku", unknown);
});

test("the number at any time is explained by what was booked until then", async () => {
  const shop = await stocked({ a: 10 });
  const numbers = [];
  for (const [type, quantity] of [
    ["receive", 5],
    ["sell", 4],
    ["sold", 13],
    ["returned", 3],
    ["adjust", -1],
  ]) {
    const answer = await shop.command(type, { a: quantity }, { id: type });
    const [{ on_hand, shortfall }] = answer.json.stock;
    const [{ at }] = (await explain(shop, { sku: "a" })).movements;
    numbers.push({ at, on_hand, shortfall });
    // The next movement has a later millisecond.
    while (Date.now() <= Date.parse(at));
  }
  for (const [before, { at, on_hand, shortfall }] of numbers.entries()) {
    const then = await explain(shop, { sku: "a", location: "main", at });
    assert.deepEqual([then.at, then.on_hand, then.shortfall], [at, on_hand, shortfall]);
    assert.equal(then.movements.length, before + 2);
    const sum = then.movements.reduce((sum, { quantity }) => sum + quantity, 0);
    assert.equal(sum, on_hand - shortfall);
    then.movements.forEach(({ n }, place) => assert.equal(n, before + 2 - place));
  }
  const start = await explain(shop, { sku: "a", at: "2020-01-01T00:00:00Z" });
  assert.deepEqual([start.on_hand, start.movements], [0, []]);
  const elsewhere = await explain(shop, { sku: "a", location: "attic" });
  assert.deepEqual([elsewhere.on_hand, elsewhere.movements], [0, []]);
});

test("a long story is told by pages, each of which adds up", async () => {
  const shop = await stocked({ a: 0 });
  for (let unit = 0; unit < 501; unit += 1) await shop.command("receive", { a: 1 });
  const first = await explain(shop, { sku: "a" });
  assert.equal(first.movements.length, 500);
  // A movement that came in meanwhile is not on the next page.
  await shop.command("receive", { a: 1 });
  const second = await explain(shop, { sku: "a", at: first.at, cursor: first.next });
  const told = [...first.movements, ...second.movements];
  assert.deepEqual(told.map(({ net }) => net), told.map((_, place) => Math.max(0, 501 - place)));
  assert.equal(second.next, undefined);
});

test("a question about the books that makes no sense is refused", async () => {
  const shop = await stocked({ a: 1 });
  for (const query of ["", "sku=", "sku=a&location=", "sku=a&at=noon", "sku=a&cursor=zz", "sku=a&cursor=61"]) {
    assertProblem(await shop.api(`/v1/explain?${query}`), 400, "bad_parameter");
  }
  assertProblem(await shop.api("/v1/explain?sku=b"), 404, "unknown_sku");
  assertProblem(await shop.api("/v1/drift?cursor=zz"), 400, "bad_parameter");
});

test("the drift is told by pages, the latest count first", async () => {
  const skus = Array.from({ length: 251 }, (_, at) => `sku ${at}`);
  const shop = await stocked(Object.fromEntries(skus.map((sku) => [sku, 1])));
  for (const take of [1, 2]) {
    for (let first = 0; first < skus.length; first += 100) {
      const part = skus.slice(first, first + 100);
      const lines = part.map((sku) => ({ sku, counted: take, expected: null }));
      assert.equal((await count(shop, `take ${take} from ${first}`, lines)).status, 200);
    }
  }
  assert.equal((await shop.api("/v1/drift")).json.counts.length, 500);
  const told = await shop.list("/v1/drift", "counts");
  assert.equal(told.length, 502);
  assert.equal(new Set(told.map(({ sku, counted }) => `${sku}/${counted}`)).size, 502);
  const times = told.map(({ at }) => at);
  assert.deepEqual(times, times.toSorted().reverse());
});
