// The proof that no unit is lost: a real trading day through the API, and the stock at its end.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { replay, tradingDay } from "./support/trading.mjs";

const backroom = await start();
after(() => backroom.stop());

const goods = await readFile(new URL("data/goods.csv", import.meta.url), "utf8");
const lines = tradingDay(await readFile(new URL("data/trading-day.csv", import.meta.url), "utf8"));

test("closing = opening − sold + returned for every SKU of the busiest day", async (t) => {
  const shop = await backroom.newShop();
  assert.equal((await shop.import(goods)).status, 200);
  const opening = bySku(await shop.stock());

  const began = performance.now();
  const commands = await replay(shop, lines, "sell");
  const took = (performance.now() - began) / 1_000;

  const expected = new Map(opening);
  let [sold, returned] = [0, 0];
  for (const { sku, quantity } of lines) {
    expected.set(sku, expected.get(sku) - quantity);
    if (quantity > 0) sold += quantity;
    else returned -= quantity;
  }
  const closing = bySku(await shop.stock());
  assert.deepEqual(closing, expected);
  assert.deepEqual([lines.length, sold, returned], [5_331, 44_664, 545]);
  // The day was made to leave five of each, and what came back.
  const traded = new Set(lines.map((line) => line.sku));
  for (const sku of traded) assert.ok(closing.get(sku) >= 5, sku);
  t.diagnostic(
    `${traded.size} of ${closing.size} SKUs traded: ${commands} commands, ${sold} units sold, ` +
      `${returned} returned, in ${took.toFixed(1)} s (${Math.round(commands / took)} commands/s)`,
  );

  await t.test("the whole day again changes nothing", async () => {
    await replay(shop, lines, "sell", { again: true });
    assert.deepEqual(bySku(await shop.stock()), closing);
  });

  await t.test("shoppers see the closing stock", async () => {
    await shop.published({ within: 120_000 });
    const skus = [...traded];
    for (let at = 0; at < skus.length; at += 50) {
      const asked = skus.slice(at, at + 50);
      const { items } = (await shop.availability(asked)).json;
      for (const item of items) {
        const units = closing.get(item.sku);
        const shown = [item.state, item.quantity];
        assert.deepEqual(shown, units > 5 ? ["in_stock", undefined] : ["low", units], item.sku);
      }
    }
  });
});

test("the same day as facts, recorded whatever the stock, comes to the same", async () => {
  const shop = await backroom.newShop();
  // Nothing on hand: every sale opens a shortfall.
  const empty = goods.replaceAll(/,\d+$/gm, ",0");
  assert.equal((await shop.import(empty)).status, 200);
  await replay(shop, lines, "sold");
  const net = new Map();
  for (const { sku, quantity } of lines) net.set(sku, (net.get(sku) ?? 0) - quantity);
  for (const { sku, on_hand, shortfall } of await shop.stock()) {
    const units = net.get(sku) ?? 0;
    assert.deepEqual([on_hand, shortfall], [Math.max(units, 0), Math.max(-units, 0)], sku);
  }
});

function bySku(stock) {
  return new Map(stock.map((level) => [level.sku, level.on_hand]));
}
