// Publishing: whatever KV does, nothing is lost and no sale waits for it.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { start } from "./support/backroom.mjs";
import { eventually } from "./support/eventually.mjs";

/** How long KV is away: ten seconds, or the minute of which the design speaks. */
const OUTAGE_MS = process.env.BACKROOM_LONG ? 60_000 : 10_000;
/** A sale must be answered in this time while KV is away; it takes milliseconds. */
const PROMPT_MS = 1_000;
/** The platform takes one write a second to one key. */
const KV_WRITE_GAP_MS = 1_000;

const GOODS = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`sku-${at}`, 1_000]));

const backroom = await start({ faults: true });
after(() => backroom.stop());

for (const writes of ["refuse", "hang"]) {
  test(`nothing is lost and no sale waits while KV's writes ${writes}`, async (t) => {
    // Every unit counts, so each sale is news.
    const shop = await backroom.newShop({ low_mark: 1_000 });
    await shop.stockUp(GOODS);
    await backroom.faults({ writes });
    t.after(() => backroom.faults({ writes: "work" }));

    const began = performance.now();
    let [sales, slowest, oldest] = [0, 0, 0];
    while (performance.now() - began < OUTAGE_MS) {
      const sku = `sku-${sales % 20}`;
      const sent = performance.now();
      assert.equal((await shop.command("sell", { [sku]: 1 })).status, 200);
      slowest = Math.max(slowest, performance.now() - sent);
      sales += 1;
      const { rows, oldest_age_ms } = await shop.outbox();
      assert.ok(rows > 0);
      assert.ok(oldest_age_ms >= oldest, "the oldest row grows older");
      oldest = oldest_age_ms;
      await pause(50);
    }
    assert.ok(oldest > OUTAGE_MS / 2, `the oldest row is ${oldest} ms old`);
    assert.ok(slowest < PROMPT_MS, `a sale took ${slowest} ms`);
    // Shoppers see what was published before, and the books what is so.
    assert.equal((await shop.snapshot("sku-0")).version, 1);
    await assertUnits(shop, async (sku) => shop.onHand(sku), sales);

    await backroom.faults({ writes: "work" });
    await shop.published();
    await assertUnits(shop, async (sku) => (await shop.snapshot(sku)).quantity, sales);
    t.diagnostic(
      `${sales} sales in ${OUTAGE_MS / 1_000} s, the slowest took ${slowest.toFixed(0)} ms; ` +
        `the oldest row was ${(oldest / 1_000).toFixed(1)} s old`,
    );
  });
}

/** Each SKU has lost its share of the sales. */
async function assertUnits(shop, units, sales) {
  for (const [at, sku] of Object.keys(GOODS).entries()) {
    const sold = Math.floor(sales / 20) + (at < sales % 20 ? 1 : 0);
    assert.equal(await units(sku), 1_000 - sold, sku);
  }
}

test("while a write may still land, no other of its key is begun", async (t) => {
  const shop = await backroom.newShop({ low_mark: 1_000 });
  await shop.stockUp({ a: 1_000, b: 1_000 });
  await backroom.faults({ writes: "hang" });
  t.after(() => backroom.faults({ writes: "work" }));
  let puts = [];
  const begun = async (sku) => {
    puts = puts.concat((await backroom.faults()).puts);
    return puts.filter(({ key }) => key.endsWith(`/${sku}`)).length;
  };
  await shop.command("sell", { a: 1 });
  await eventually(async () => assert.equal(await begun("a"), 1));
  // News of `a` while its write hangs; `b` shows when KV is tried again.
  await shop.command("sell", { a: 1, b: 1 });
  await eventually(async () => assert.equal(await begun("b"), 1), { within: 20_000 });
  assert.equal(await begun("a"), 1);
  await backroom.faults({ writes: "work" });
  await shop.published();
  assert.equal((await shop.snapshot("a")).quantity, 998);
});

test("no key is written more than once a second, however fast it sells", async (t) => {
  const shop = await backroom.newShop({ low_mark: 1_000 });
  await shop.stockUp({ a: 1_000, b: 1_000 });
  await backroom.faults();
  const began = performance.now();
  let sales = 0;
  while (performance.now() - began < 4_000) {
    const both = [shop.command("sell", { a: 1 }), shop.command("sell", { b: 1 })];
    await Promise.all(both);
    sales += 1;
  }
  await shop.published();
  const { puts } = await backroom.faults();
  for (const sku of ["a", "b"]) {
    const times = puts.filter(({ key }) => key === `s/${shop.id}/${sku}`).map(({ at }) => at);
    assert.ok(times.length >= 3, `${times.length} writes: publishing goes on meanwhile`);
    for (const [at, time] of times.entries()) {
      if (at > 0) assert.ok(time - times[at - 1] >= KV_WRITE_GAP_MS, `${time - times[at - 1]} ms`);
    }
    const { quantity, version } = await shop.snapshot(sku);
    assert.deepEqual([quantity, version], [1_000 - sales, 1 + sales]);
  }
  t.diagnostic(`${sales} sales of each of two SKUs made ${puts.length} writes`);
});

test("a new shop is found once KV takes its record", async () => {
  await backroom.faults({ writes: "refuse" });
  const made = await backroom.ask("/v1/shops", {
    key: backroom.operator,
    body: { id: "born-in-an-outage", settings: { currency: "EUR", time_zone: "Europe/Berlin" } },
  });
  assert.equal(made.status, 201);
  const read = () => backroom.ask("/v1/availability?shop=born-in-an-outage&sku=a");
  assert.equal((await read()).json.code, "unknown_shop");
  await backroom.faults({ writes: "work" });
  await eventually(async () => assert.equal((await read()).json.code, "unknown_sku"));
});

test("a reader is told to try again while KV refuses, and nothing else breaks", async (t) => {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 9 });
  await backroom.faults({ reads: "refuse" });
  t.after(() => backroom.faults({ reads: "work" }));
  for (const answer of [await shop.availability("a"), await shop.fragment("a")]) {
    assert.equal(answer.status, 503);
    assert.equal(answer.json.code, "try_again");
    assert.equal(answer.header("retry-after"), "2");
    assert.equal(answer.header("access-control-allow-origin"), "*");
    assert.doesNotMatch(answer.text, /KV|put/, "the fault is for the log");
  }
  assert.equal((await shop.command("sell", { a: 1 })).status, 200);
  await backroom.faults({ reads: "work" });
  assert.equal((await shop.availability("a")).status, 200);
});

test("what was to be told before kill -9 is told after it, by nobody's asking", async (t) => {
  const own = await start({ faults: true });
  t.after(() => own.stop());
  const shop = await own.newShop();
  await shop.stockUp({ a: 9, b: 9 });
  await own.faults({ writes: "refuse" });
  await shop.command("sell", { a: 5 });
  await shop.command("sell", { b: 9 });
  assert.equal((await shop.outbox()).rows, 2);
  await own.kill9();
  await own.restart();
  // Reads ask KV alone, so what wakes the shop's object is its alarm.
  await eventually(async () => {
    const { items } = (await shop.availability(["a", "b"])).json;
    assert.deepEqual(items.map(({ state, quantity }) => [state, quantity]), [
      ["low", 4],
      ["out", undefined],
    ]);
  });
  assert.equal((await shop.outbox()).rows, 0);
});
