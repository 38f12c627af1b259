// Commands: what each kind does, what is refused, and that each takes effect once.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { assertProblem, assertRefused } from "./support/problem.mjs";
import { level } from "./support/shop.mjs";

const backroom = await start();
after(() => backroom.stop());

/** A shop with these units. */
async function stocked(goods) {
  const shop = await backroom.newShop();
  await shop.stockUp(goods);
  return shop;
}

test("each kind of command moves stock its own way", async () => {
  const shop = await stocked({ a: 10, b: 0 });
  for (const [type, quantity, on_hand] of [
    ["receive", 5, 15],
    ["sell", 4, 11],
    ["sold", 1, 10],
    ["returned", 2, 12],
    ["adjust", -3, 9],
    ["adjust", 1, 10],
  ]) {
    const answer = await shop.command(type, { a: quantity }, { id: `${type} ${quantity}` });
    assert.equal(answer.status, 200, answer.text);
    const stock = [level("a", { on_hand })];
    assert.deepEqual(answer.json, { id: `${type} ${quantity}`, stock });
    assert.equal(await shop.onHand("a"), on_hand);
  }
  assert.equal(await shop.onHand("b"), 0);
});

test("a location is a place of its own", async () => {
  const shop = await stocked({ a: 3 });
  const lines = [{ sku: "a", location: "attic", quantity: 4 }];
  assert.equal((await shop.command("receive", lines)).status, 200);
  const from = (location) => [{ sku: "a", location, quantity: 4 }];
  for (const location of ["main", "cellar"]) {
    const send = () => shop.command("sell", from(location));
    await assertRefused(shop, 409, "insufficient_stock", send);
  }
  assert.equal((await shop.command("sell", lines, { reason: "from the attic" })).status, 200);
  const levels = (await shop.api("/v1/stock?sku=a")).json.stock;
  assert.deepEqual(levels.map(({ location, on_hand }) => [location, on_hand]), [
    ["attic", 0],
    ["main", 3],
  ]);
});

test("the same id and command is answered as the first time", async () => {
  const shop = await stocked({ a: 10 });
  for (const [type, quantity, status] of [
    ["sell", 4, 200],
    ["sell", 70, 409],
    ["receive", -1, 422],
  ]) {
    const once = { id: `${type} ${quantity}`, reason: "asked twice" };
    const first = await shop.command(type, { a: quantity }, once);
    assert.equal(first.status, status);
    assert.equal(first.header("idempotent-replayed"), null);
    // Whatever happened since.
    await shop.command("receive", { a: 1 });
    const again = await shop.command(type, { a: quantity }, once);
    assert.equal(again.status, status);
    assert.equal(again.text, first.text);
    assert.equal(again.header("content-type"), first.header("content-type"));
    assert.equal(again.header("idempotent-replayed"), "true");
  }
  assert.equal(await shop.onHand("a"), 9);
});

test("the same id with another command is refused", async () => {
  const shop = await stocked({ a: 10, b: 10 });
  const id = "order 1";
  assert.equal((await shop.command("sell", { a: 2 }, { id })).status, 200);
  for (const [type, lines, rest] of [
    ["sell", { a: 3 }, {}],
    ["sell", { b: 2 }, {}],
    ["sold", { a: 2 }, {}],
    ["sell", { a: 2, b: 2 }, {}],
    ["sell", { a: 2 }, { reason: "another" }],
  ]) {
    await assertRefused(shop, 422, "id_reused", () => shop.command(type, lines, { id, ...rest }));
  }
  // The same, in another order and with other spaces, is the same.
  const body = '{ "lines": [{"quantity": 2, "sku": "a"}], "type": "sell", "id": "order 1" }';
  const again = await shop.api("/v1/commands", { body });
  assert.equal(again.header("idempotent-replayed"), "true", again.text);
});

test("an id belongs to its shop", async () => {
  const [one, other] = [await stocked({ a: 5 }), await stocked({ a: 5 })];
  await one.command("sell", { a: 1 }, { id: "order 1" });
  const answer = await other.command("sell", { a: 2 }, { id: "order 1" });
  assert.equal(answer.header("idempotent-replayed"), null);
  assert.deepEqual([await one.onHand("a"), await other.onHand("a")], [4, 3]);
});

test("twenty at once with one id have one effect", async () => {
  const shop = await stocked({ a: 100 });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => shop.command("sell", { a: 3 }, { id: "pressed 20 times" })),
  );
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]));
  assert.equal(new Set(answers.map((answer) => answer.text)).size, 1);
  const replayed = answers.filter((answer) => answer.header("idempotent-replayed") === "true");
  assert.equal(replayed.length, 19);
  assert.equal(await shop.onHand("a"), 97);
});

test("a request for more than there is takes nothing", async () => {
  const shop = await stocked({ a: 5, b: 1 });
  await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", { a: 6 }));
  await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", { a: 1, b: 2 }));
  const twice = [
    { sku: "a", quantity: 5 },
    { sku: "a", quantity: 5 },
  ];
  await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", twice));
  await assertRefused(shop, 409, "below_zero", () => shop.command("adjust", { a: -6 }));
});

test("of two who want the last unit at once, one gets it", async () => {
  const goods = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`last-${at}`, 1]));
  const shop = await stocked(goods);
  for (const sku of Object.keys(goods)) {
    const both = await Promise.all([
      shop.command("sell", { [sku]: 1 }),
      shop.command("sell", { [sku]: 1 }),
    ]);
    assert.deepEqual(both.map((answer) => answer.status).sort(), [200, 409]);
    const refused = both.find((answer) => answer.status === 409);
    assertProblem(refused, 409, "insufficient_stock");
    assert.equal(await shop.onHand(sku), 0);
  }
});

test("a fact beyond the stock opens a shortfall that the next receipt covers", async () => {
  const shop = await stocked({ a: 3 });
  const sold = await shop.command("sold", { a: 5 });
  assert.equal(sold.status, 200);
  assert.deepEqual(sold.json.stock, [level("a", { shortfall: 2 })]);
  assert.deepEqual(sold.json.shortfalls, [{ sku: "a", location: "main", units: 2 }]);
  await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", { a: 1 }));
  const received = await shop.command("receive", { a: 10 });
  assert.deepEqual(received.json.stock, [level("a", { on_hand: 8 })]);
  assert.equal(received.json.shortfalls, undefined);
});

test("a command that makes no sense is refused by name", async () => {
  const shop = await stocked({ a: 10 });
  const line = (quantity, sku = "a") => [{ sku, quantity }];
  const bad = [
    ...["receive", "sell", "sold", "returned"].flatMap((type) => [
      [type, line(0)],
      [type, line(-1)],
      [type, line(1_000_001)],
    ]),
    ["adjust", line(0)],
    ["adjust", line(-1_000_001)],
    ["sell", []],
    ["sell", Array.from({ length: 101 }, () => ({ sku: "a", quantity: 1 }))],
    ["sell", line(1, "")],
    ["sell", line(1, "x".repeat(129))],
    ["sell", line(1, "a\nb")],
    ["sell", [{ sku: "a", location: "", quantity: 1 }]],
    ["sell", line(1), { id: "" }],
    ["sell", line(1), { id: "x".repeat(129) }],
    ["sell", line(1), { id: "a\nb" }],
    ["sell", line(1), { reason: "x".repeat(201) }],
  ];
  for (const [type, lines, rest] of bad) {
    await assertRefused(shop, 422, "bad_value", () => shop.command(type, lines, rest));
  }
  const wrong = [
    ["steal", line(1)],
    ["sell", line(1.5)],
    ["sell", line("1")],
    ["sell", line(null)],
    ["sell", line(1e30)],
    ["sell", [{ sku: "a", quantity: 1, price: 0 }]],
    ["sell", line(1), { shop: "another" }],
  ];
  for (const [type, lines, rest] of wrong) {
    await assertRefused(shop, 400, "bad_json", () => shop.command(type, lines, rest));
  }
  const long = `{"id":"${"x".repeat(200_000)}"}`;
  const send = () => shop.api("/v1/commands", { body: long });
  await assertRefused(shop, 413, "body_too_large", send);
});

test("a SKU that the shop has not is unknown, and so is one in another case", async () => {
  const shop = await stocked({ a: 10 });
  for (const type of ["receive", "adjust", "sell", "sold", "returned"]) {
    for (const sku of ["b", "A", "a "]) {
      const send = () => shop.command(type, { a: 1, [sku]: 1 });
      await assertRefused(shop, 404, "unknown_sku", send);
    }
  }
  assertProblem(await shop.api("/v1/stock?sku=A"), 404, "unknown_sku");
  assertProblem(await shop.api("/v1/stock?sku="), 400, "bad_parameter");
  assertProblem(await shop.api("/v1/stock?cursor=a"), 400, "bad_parameter");
});

test("what was acknowledged survives kill -9", async (t) => {
  const own = await start();
  t.after(() => own.stop());
  const shop = await own.newShop();
  await shop.stockUp({ a: 1_000 });
  const acknowledged = new Map();
  const sell = async (id) => {
    const answer = await shop.command("sell", { a: 1 }, { id });
    if (answer.status === 200) acknowledged.set(id, answer.text);
  };
  // Four shoppers who buy until nobody answers any more.
  const shoppers = [0, 1, 2, 3].map(async (shopper) => {
    for (let order = 0; ; order += 1) await sell(`${shopper}/${order}`);
  });
  const gone = Promise.allSettled(shoppers);
  while (acknowledged.size < 50) await shop.outbox();
  await own.kill9();
  await gone;
  await own.restart();
  for (const [id, text] of acknowledged) {
    const again = await shop.command("sell", { a: 1 }, { id });
    assert.equal(again.header("idempotent-replayed"), "true", id);
    assert.equal(again.text, text);
  }
  // An order of each shopper's may have been written and not been answered.
  const sold = 1_000 - (await shop.onHand("a"));
  assert.ok(sold >= acknowledged.size && sold <= acknowledged.size + 4, `${sold} were sold`);
  t.diagnostic(`${acknowledged.size} orders acknowledged, ${sold} written`);
});
