// An extra part where the whole data set lies beside the repository: a year of real orders.

import assert from "node:assert/strict";
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { createGunzip } from "node:zlib";
import { start } from "./support/backroom.mjs";
import { replay } from "./support/trading.mjs";

const BESIDE = fileURLToPath(new URL("../../shared/data/online_retail", import.meta.url));
const FILE = `${process.env.BACKROOM_DATA ?? BESIDE}/online_retail.csv.gz`;
/** The last days of the set, with the largest order in it and its cancellation. */
const DAYS = ["2011-12-06", "2011-12-07", "2011-12-08", "2011-12-09"];
/** The record of a line: text in quotes, with doubled quotes in it, or without. */
const CELL = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g;

test("the whole set's last days as facts", async (t) => {
  if (!existsSync(FILE)) {
    t.diagnostic(`not run: there is no ${FILE}; BACKROOM_DATA names the folder where it is`);
    return;
  }
  const lines = await linesOf(DAYS);
  const backroom = await start();
  t.after(() => backroom.stop());
  const shop = await backroom.newShop();
  const goods = await readFile(new URL("data/goods.csv", import.meta.url), "utf8");
  assert.equal((await shop.import(goods)).status, 200);
  const expected = new Map((await shop.stock()).map((level) => [level.sku, level.on_hand]));

  const began = performance.now();
  const commands = await replay(shop, lines, "sold");
  const took = (performance.now() - began) / 1_000;
  for (const { sku, quantity } of lines) expected.set(sku, expected.get(sku) - quantity);
  for (const { sku, on_hand, shortfall } of await shop.stock()) {
    const units = expected.get(sku);
    assert.deepEqual([on_hand, shortfall], [Math.max(units, 0), Math.max(-units, 0)], sku);
  }
  const figures = `${lines.length} lines of ${DAYS[0]} to ${DAYS.at(-1)}, ${commands} commands`;
  t.diagnostic(`run with the full set: ${figures}, in ${took.toFixed(1)} s`);
});

async function linesOf(days) {
  const lines = [];
  const input = createReadStream(FILE).pipe(createGunzip());
  for await (const line of createInterface({ input })) {
    const cells = [...line.matchAll(CELL)].map(([, quoted, plain]) => quoted ?? plain);
    const [invoice, sku, , quantity, date] = cells;
    if (days.includes(date?.slice(0, 10))) lines.push({ invoice, sku, quantity: Number(quantity) });
  }
  return lines;
}
