// Live pages: a socket for each, told of what it shows as it changes.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { eventually } from "./support/eventually.mjs";
import { openPage } from "./support/page.mjs";
import { assertProblem } from "./support/problem.mjs";

const backroom = await start({ faults: true });
after(() => backroom.stop());

/** A sale shows on an awake page within this time. */
const LIVE_MS = 2_000;

async function stocked(goods, settings) {
  const shop = await backroom.newShop(settings);
  await shop.stockUp(goods);
  return shop;
}

test("a page that has an old version is corrected at once", async (t) => {
  const shop = await stocked({ a: 4, b: 9, c: 9 });
  await shop.command("sell", { a: 1 });
  const page = await openPage(t, backroom, shop);
  page.watch({ a: 1, b: 1, c: 0, unknown: 0 });
  const items = await page.next();
  assert.deepEqual(items.map(({ sku, version }) => [sku, version]), [
    ["a", 2],
    ["c", 1],
  ]);
  assert.equal(items[0].quantity, 3);
  await shop.published();
  assert.deepEqual(items[0], await shop.snapshot("a"));
});

test("a sale is pushed to the pages that show it, and to no others", async (t) => {
  const shop = await stocked({ a: 5, b: 5 });
  const other = await stocked({ a: 5 });
  const pages = [];
  for (const skus of [["a"], ["a", "b"], ["b"]]) {
    const page = await openPage(t, backroom, shop);
    await page.watching(...skus);
    pages.push(page);
  }
  const elsewhere = await openPage(t, backroom, other);
  await elsewhere.watching("a");

  const began = performance.now();
  assert.equal((await shop.command("sell", { a: 2 })).status, 200);
  for (const page of pages.slice(0, 2)) {
    const [item, ...rest] = await page.next();
    assert.deepEqual([item.sku, item.state, item.quantity, item.version], ["a", "low", 3, 2]);
    assert.equal(rest.length, 0);
  }
  const took = performance.now() - began;
  assert.ok(took < LIVE_MS, `${took} ms`);
  t.diagnostic(`pushed ${took.toFixed(0)} ms after the sale was sent`);

  // The next thing that the others hear is their own.
  await shop.command("sell", { b: 1 });
  await other.command("sell", { a: 1 });
  assert.deepEqual((await pages[2].next()).map((item) => item.sku), ["b"]);
  assert.deepEqual((await pages[1].next()).map((item) => item.sku), ["b"]);
  assert.deepEqual((await elsewhere.next()).map((item) => item.quantity), [4]);
  await shop.published();
  for (const page of [...pages, elsewhere]) assert.deepEqual(page.unread, []);
});

test("a hold expires in its time, and pages hear of it, though KV hangs", async (t) => {
  const shop = await stocked({ a: 1 });
  const page = await openPage(t, backroom, shop);
  await page.watching("a");
  await backroom.faults({ writes: "hang" });
  t.after(() => backroom.faults({ writes: "work" }));
  const placed = await shop.hold({ a: 1 }, { seconds: 2 });
  const [held] = await page.next();
  assert.deepEqual([held.state, held.free_at], ["all_held", placed.json.expires_at]);
  const [free] = await page.next();
  assert.deepEqual([free.state, free.quantity], ["low", 1]);
  const late = Date.now() - Date.parse(placed.json.expires_at);
  assert.ok(late >= 0 && late < LIVE_MS, `heard ${late} ms after its time`);
  t.diagnostic(`heard ${late} ms after its time`);
});

test("every unit at the low mark is pushed in order", async (t) => {
  const shop = await stocked({ a: 4 });
  const page = await openPage(t, backroom, shop);
  await page.watching("a");
  const seen = [];
  for (let sale = 0; sale < 4; sale += 1) {
    await shop.command("sell", { a: 1 });
    const [{ state, quantity, version }] = await page.next();
    seen.push([state, quantity, version]);
  }
  assert.deepEqual(seen, [
    ["low", 3, 2],
    ["low", 2, 3],
    ["low", 1, 4],
    ["out", undefined, 5],
  ]);
});

test("a page's new list replaces the old one", async (t) => {
  const shop = await stocked({ a: 5, b: 5 });
  const page = await openPage(t, backroom, shop);
  await page.watching("a");
  await page.watching("b");
  await shop.command("sell", { a: 1 });
  await shop.published();
  await shop.command("sell", { b: 1 });
  assert.deepEqual((await page.next()).map((item) => item.sku), ["b"]);
});

test("a page that KV gave an old value is put right by its socket", async (t) => {
  const shop = await stocked({ a: 5 });
  await backroom.faults({ freeze: [`s/${shop.id}/a`] });
  t.after(() => backroom.faults({ freeze: [] }));
  await shop.command("sell", { a: 5 });
  await shop.published();
  const painted = await shop.availability("a");
  assert.equal(painted.json.state, "low");
  assert.ok(Number(painted.header("backroom-age")) >= 120);
  const page = await openPage(t, backroom, shop);
  page.watch({ a: painted.json.version });
  const [item] = await page.next();
  assert.deepEqual([item.state, item.version], ["out", 2]);
});

test("pages hear of a sale while KV hangs", async (t) => {
  const shop = await stocked({ a: 5, b: 5 });
  const page = await openPage(t, backroom, shop);
  await page.watching("a", "b");
  await backroom.faults({ writes: "hang" });
  t.after(() => backroom.faults({ writes: "work" }));
  await shop.command("sell", { a: 1 });
  await page.next();
  // KV's alarm is at its write now.
  await eventually(async () => assert.ok((await backroom.faults()).puts.length > 0));
  const began = performance.now();
  await shop.command("sell", { b: 1 });
  assert.deepEqual((await page.next()).map((item) => item.sku), ["b"]);
  const took = performance.now() - began;
  assert.ok(took < LIVE_MS, `${took} ms`);
});

test("a text that is not understood closes the socket, and only that one", async (t) => {
  const shop = await stocked({ a: 5 });
  const sound = await openPage(t, backroom, shop);
  await sound.watching("a");
  const watch = (skus) => JSON.stringify({ type: "watch", skus });
  for (const text of [
    "",
    "hello",
    "{}",
    "null",
    JSON.stringify({ type: "sell", sku: "a" }),
    watch("a"),
    watch([{ sku: "a" }]),
    watch([{ sku: "a", version: -1 }]),
    watch([{ sku: "", version: 1 }]),
    watch([{ sku: "x".repeat(129), version: 1 }]),
    watch(Array.from({ length: 51 }, (_, at) => ({ sku: `${at}`, version: 0 }))),
    " ".repeat(33 * 1_024),
    new Uint8Array([1, 2, 3]),
  ]) {
    const page = await openPage(t, backroom, shop);
    page.send(text);
    assert.equal((await page.closed).code, 1003, String(text).slice(0, 80));
  }
  await shop.command("sell", { a: 1 });
  assert.equal((await sound.next())[0].quantity, 4);
});

test("fifty SKUs of 128 bytes can be watched", async (t) => {
  const skus = Array.from({ length: 50 }, (_, at) => `${at}-${"ü".repeat(62)}`);
  const shop = await stocked(Object.fromEntries(skus.map((sku) => [sku, 9])));
  const page = await openPage(t, backroom, shop);
  page.watch(Object.fromEntries(skus.map((sku) => [sku, 0])));
  assert.deepEqual((await page.next()).map((item) => item.sku), skus);
});

test("ping is answered by pong", async (t) => {
  const shop = await stocked({ a: 5 });
  const page = await openPage(t, backroom, shop);
  assert.equal(await page.ping(), "pong");
  page.watch({ a: 0 });
  assert.equal((await page.next())[0].sku, "a");
});

test("there is no socket without a shop, and none but a socket", async (t) => {
  const plain = (path) => backroom.ask(path);
  const shop = await stocked({ a: 5 });
  assertProblem(await plain(`/v1/live?shop=${shop.id}`), 426, "upgrade_required");
  assertProblem(await plain("/v1/live?shop=Not/a/shop"), 400, "bad_parameter");
  assertProblem(await plain("/v1/live"), 400, "bad_parameter");
  await assert.rejects(openPage(t, backroom, { id: "nobody" }));
});

test("a page that comes back after its shop's object died is told what it missed", async (t) => {
  const own = await start();
  t.after(() => own.stop());
  const shop = await own.newShop();
  await shop.stockUp({ a: 5 });
  const page = await openPage(t, own, shop);
  await page.watching("a");
  await own.kill9();
  await page.closed;
  await own.restart();
  await shop.command("sell", { a: 2 });
  const again = await openPage(t, own, shop);
  again.watch({ a: 1 });
  assert.equal((await again.next())[0].quantity, 3);
  await shop.command("sell", { a: 1 });
  assert.equal((await again.next())[0].quantity, 2);
});
