// What else would do: found when a catalogue is imported, and published with what it is for.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { shopRows } from "./support/database.mjs";
import { assertRefused } from "./support/problem.mjs";
import { csv } from "./support/shop.mjs";

const GOODS = await readFile(new URL("data/goods.csv", import.meta.url), "utf8");
const SKUS = 4_070;

const backroom = await start();
after(() => backroom.stop());

const CUPS = [
  { sku: "red", product_id: "cup", title: "Tea cup", options: "Red", on_hand: 9 },
  { sku: "blue", product_id: "cup", title: "Tea cup", options: "Blue", on_hand: 9 },
  { sku: "hose", product_id: "hose", title: "Garden hose", options: "", on_hand: 0 },
];

/** What is published of these SKUs: the version and the substitutes of each. */
async function published(shop, ...skus) {
  const snapshots = await Promise.all(skus.map((sku) => shop.snapshot(sku)));
  return snapshots.map(({ version, substitutes }) => [version, substitutes]);
}

test("an import publishes what else would do, and nothing where nothing would", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp(CUPS);
  const first = [[1, ["blue"]], [1, ["red"]], [1, undefined]];
  assert.deepEqual(await published(shop, "red", "blue", "hose"), first);
  // Again it changes nothing.
  await shop.stockUp(CUPS);
  assert.deepEqual(await published(shop, "red", "blue", "hose"), first);
  // A new variant is for the others, too, and leaves the rest in peace.
  await shop.stockUp([{ sku: "lime", product_id: "cup", title: "Tea cup", options: "Lime" }]);
  const then = [[2, ["blue", "lime"]], [2, ["lime", "red"]], [1, undefined]];
  assert.deepEqual(await published(shop, "red", "blue", "hose"), then);
});

test("the merchant's own list goes first, and stays when a file has no such column", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp(CUPS);
  const odd = ["a|b", " c,\"d\"", "🎁"];
  const list = (sku, substitutes) => shop.stockUp([{ sku, substitutes }]);
  await list("red", "gone | hose|red");
  assert.deepEqual(await published(shop, "red"), [[2, ["hose", "blue"]]]);
  await shop.stockUp([...CUPS, ...odd.map((sku) => ({ sku, title: sku }))]);
  assert.deepEqual(await published(shop, "red"), [[2, ["hose", "blue"]]]);
  await list("red", odd.join("\r\n"));
  assert.deepEqual(await published(shop, "red"), [[3, [...odd, "blue"]]]);
  await list("red", "");
  assert.deepEqual(await published(shop, "red"), [[4, ["blue"]]]);
});

test("stock and candidates that change together are one change", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp(CUPS);
  const rows = [{ sku: "hose", substitutes: "red", on_hand: 2 }];
  assert.equal((await shop.import(csv(rows), "?counts=set")).status, 200);
  await shop.published();
  const hose = await shop.snapshot("hose");
  assert.deepEqual([hose.version, hose.state, hose.substitutes], [2, "low", ["red"]]);
});

test("of a hidden SKU they are not told, and it stands among the others'", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp(CUPS);
  const hide = { method: "PATCH", body: { hidden: true } };
  const hidden = await shop.api("/v1/skus/red", hide);
  assert.equal(hidden.status, 200, hidden.text);
  await shop.published();
  assert.deepEqual(await published(shop, "red", "blue"), [[2, undefined], [1, ["red"]]]);
});

test("a list that is none is named by its cell", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 9 });
  const many = Array.from({ length: 101 }, (_, at) => at);
  const lists = ["b|", "b||c", "b|c|b", "b\tc", `b|${"x".repeat(129)}`, many.join("|"), "b\n\nc"];
  const rows = lists.map((substitutes, at) => ({ sku: `s${at}`, substitutes }));
  const problem = await assertRefused(shop, 422, "bad_cells", () => shop.import(csv(rows)));
  const named = problem.cells.map(({ row, column }) => [row, column]);
  assert.deepEqual(named, rows.map((_, at) => [at + 2, "substitutes"]));
  // The longest list is taken.
  const longest = many.slice(1).map((at) => String(at).padStart(128, "x"));
  await shop.stockUp([{ sku: "a", substitutes: longest.join("|") }]);
});

test("a real catalogue has them, and one new title is told to few", async (t) => {
  const own = await start();
  t.after(() => own.stop());
  const shop = await own.newShop();
  assert.equal((await shop.import(GOODS)).status, 200);
  await shop.published({ within: 120_000 });
  const [[version, found]] = await published(shop, "22423");
  assert.equal(version, 1);
  t.diagnostic(`instead of a cakestand: ${found}`);
  await shop.stockUp([{ sku: "new", title: "REGENCY CAKESTAND 4 TIER", price: "13.00" }]);
  const [[, news]] = await published(shop, "22423");
  assert.ok(news.includes("new"), `${news}`);
  const [{ told }] = shopRows(own, "SELECT COUNT(*) AS told FROM skus WHERE version > 1");
  assert.ok(told > 0 && told < SKUS / 10, `${told} told`);
  t.diagnostic(`by one new title ${told} of ${SKUS} SKUs have other substitutes`);
});
