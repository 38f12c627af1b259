// Holds: a cart's units are kept for a while, and end in one of three ways, once.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertProblem, assertRefused } from "./support/problem.mjs";

const backroom = await start();
after(() => backroom.stop());

/** How late an expiry may be seen by a page that only reads. */
const SEEN_WITHIN_MS = 5_000;

/** A shop with these units. */
async function stocked(goods, settings) {
  const shop = await backroom.newShop(settings);
  await shop.stockUp(goods);
  return shop;
}

const holdAt = (id) => `/v1/holds/${encodeURIComponent(id)}`;

test("a hold keeps its units until they are sold", async () => {
  const shop = await stocked({ a: 5, b: 2 });
  const before = Date.now();
  const placed = await shop.hold({ a: 3, b: 2 }, { id: "cart/1 🎁", seconds: 60 });
  assert.equal(placed.status, 200, placed.text);
  const { expires_at, ...hold } = placed.json;
  const lines = [
    { sku: "a", location: "main", quantity: 3 },
    { sku: "b", location: "main", quantity: 2 },
  ];
  assert.deepEqual(hold, { id: "cart/1 🎁", state: "open", lines });
  const lasts = Date.parse(expires_at) - before;
  assert.ok(lasts >= 60_000 && lasts < 70_000, `it lasts ${lasts} ms`);
  const kept = (await shop.levels("a")).main;
  assert.deepEqual([kept.on_hand, kept.held, kept.available], [5, 3, 2]);
  await assertRefused(shop, 409, "insufficient_stock", () => shop.command("sell", { a: 3 }));

  const sold = await shop.resolve("cart/1 🎁", "commit", { id: "order 1", reason: "paid" });
  assert.equal(sold.status, 200, sold.text);
  const { at, ...resolved } = sold.json;
  assert.deepEqual(resolved, { id: "order 1", hold: "cart/1 🎁", state: "committed", lines });
  const left = (await shop.levels("a")).main;
  assert.deepEqual([left.on_hand, left.held, left.available], [2, 0, 2]);
  assert.deepEqual((await shop.api(holdAt("cart/1 🎁"))).json, {
    id: "cart/1 🎁",
    state: "committed",
    expires_at,
    resolved_at: at,
    resolution: "order 1",
    lines,
  });
  const [movement] = (await shop.api("/v1/explain?sku=a")).json.movements;
  assert.deepEqual(
    [movement.kind, movement.quantity, movement.net, movement.source, movement.reason],
    ["sold", -3, 2, "order 1", "paid"],
  );
});

test("what a hold that is released kept can be had again", async () => {
  const shop = await stocked({ a: 2 });
  await shop.hold({ a: 2 }, { id: "cart" });
  await assertRefused(shop, 409, "insufficient_stock", () => shop.hold({ a: 1 }));
  const released = await shop.resolve("cart", "release", { id: "left" });
  assert.equal(released.status, 200, released.text);
  assert.equal(released.json.state, "released");
  assert.equal((await shop.hold({ a: 2 })).status, 200);
  assert.equal(await shop.onHand("a"), 2);
});

test("a hold ends once, and whoever ends it again hears how it ended", async () => {
  const shop = await stocked({ a: 10 });
  for (const [way, code] of [
    ["commit", "already_committed"],
    ["release", "already_released"],
  ]) {
    await shop.hold({ a: 2 }, { id: `to ${way}` });
    const first = await shop.resolve(`to ${way}`, way, { id: "first" });
    assert.equal(first.status, 200, first.text);
    const again = await shop.resolve(`to ${way}`, way, { id: "first" });
    assert.equal(again.text, first.text);
    assert.equal(again.header("idempotent-replayed"), "true");
    for (const [other, id] of [
      ["commit", "second"],
      ["release", "second"],
      [way === "commit" ? "release" : "commit", "first"],
    ]) {
      await assertRefused(shop, 409, code, () => shop.resolve(`to ${way}`, other, { id }));
    }
  }
  assert.equal(await shop.onHand("a"), 8);
});

test("a page sees that a hold has expired, though nobody asks", async (t) => {
  const shop = await stocked({ a: 1 });
  const version = (await shop.snapshot("a")).version;
  const placed = await shop.hold({ a: 1 }, { id: "cart", seconds: 2 });
  const end = Date.parse(placed.json.expires_at);
  // From here on nothing but KV is asked.
  await eventually(async () => {
    const shown = await shop.snapshot("a");
    assert.deepEqual([shown.state, shown.free_at], ["all_held", placed.json.expires_at]);
  });
  await eventually(async () => {
    const { state, quantity, free_at, ...shown } = await shop.snapshot("a");
    assert.deepEqual([state, quantity, free_at], ["low", 1, undefined]);
    assert.ok(shown.version >= version + 2);
  });
  const late = Date.now() - end;
  assert.ok(late >= 0 && late < SEEN_WITHIN_MS, `seen ${late} ms after its time`);
  t.diagnostic(`seen ${late} ms after its time`);

  const expired = (await shop.api(holdAt("cart"))).json;
  assert.deepEqual([expired.state, expired.resolution], ["expired", undefined]);
  assert.ok(Date.parse(expired.resolved_at) >= end);
  for (const way of ["commit", "release"]) {
    await assertRefused(shop, 409, "expired", () => shop.resolve("cart", way));
  }
  assert.equal(await shop.onHand("a"), 1);
});

test("many holds that end together are all let go, some at a time", async () => {
  const shop = await stocked({ a: 400, b: 400 }, { low_mark: 1_000 });
  // As many carts at once as the Worker takes with ease.
  for (let cart = 0; cart < 400; cart += 100) {
    const hold = () => shop.hold({ a: 1, b: 1 }, { seconds: 3 });
    const placed = await Promise.all(Array.from({ length: 100 }, hold));
    assert.deepEqual(new Set(placed.map(({ status }) => status)), new Set([200]));
  }
  await eventually(async () => assert.ok((await shop.snapshot("a")).quantity < 400));
  await eventually(async () => assert.equal((await shop.snapshot("a")).quantity, 400));
  await eventually(async () => assert.equal((await shop.snapshot("b")).quantity, 400));
  assert.deepEqual(await shop.list("/v1/holds", "holds"), []);
});

test("what all others hold is shown with the time when the first may be free", async () => {
  const shop = await stocked({ a: 2 });
  const later = await shop.hold({ a: 1 }, { id: "later", seconds: 900 });
  await eventually(async () => assert.equal((await shop.snapshot("a")).quantity, 1));
  const sooner = await shop.hold({ a: 1 }, { id: "sooner", seconds: 300 });
  const shows = (state, free_at) =>
    eventually(async () => {
      const shown = await shop.snapshot("a");
      assert.deepEqual([shown.state, shown.free_at], [state, free_at]);
    });
  await shows("all_held", sooner.json.expires_at);
  await shop.resolve("sooner", "commit");
  await shows("all_held", later.json.expires_at);
  await shop.resolve("later", "commit");
  await shows("out", undefined);
});

test("a cart is held whole or not at all", async () => {
  const shop = await stocked({ a: 5, b: 1 });
  const short = [{ a: 1, b: 2 }, { b: 2 }, { a: 6 }];
  for (const lines of short) {
    await assertRefused(shop, 409, "insufficient_stock", () => shop.hold(lines));
  }
  const unknown = () => shop.hold({ a: 1, nothing: 1 });
  await assertRefused(shop, 404, "unknown_sku", unknown);
});

test("two lines of five are ten", async () => {
  const shop = await stocked({ a: 5, b: 10 });
  const twice = (sku) => [5, 5].map((quantity) => ({ sku, quantity }));
  await assertRefused(shop, 409, "insufficient_stock", () => shop.hold(twice("a")));
  const held = await shop.hold(twice("b"));
  assert.deepEqual(held.json.lines, [{ sku: "b", location: "main", quantity: 10 }]);
});

test("of two who want to hold the last unit at once, one does", async () => {
  const goods = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`last-${at}`, 1]));
  const shop = await stocked(goods);
  for (const sku of Object.keys(goods)) {
    const both = await Promise.all([shop.hold({ [sku]: 1 }), shop.hold({ [sku]: 1 })]);
    assert.deepEqual(both.map((answer) => answer.status).sort(), [200, 409]);
    const refused = both.find((answer) => answer.status === 409);
    assertProblem(refused, 409, "insufficient_stock");
    const { held, available } = (await shop.levels(sku)).main;
    assert.deepEqual([held, available], [1, 0]);
  }
});

test("of a commit and a release at once, one happens", async () => {
  const shop = await stocked({ a: 10 });
  for (let cart = 0; cart < 10; cart += 1) {
    await shop.hold({ a: 1 }, { id: `cart ${cart}` });
    const both = await Promise.all(
      ["commit", "release"].map((way) => shop.resolve(`cart ${cart}`, way)),
    );
    assert.deepEqual(both.map((answer) => answer.status).sort(), [200, 409]);
  }
  assert.equal((await shop.levels("a")).main.held, 0);
});

test("the same hold again is answered as the first time, whatever has become of it", async () => {
  const shop = await stocked({ a: 10 });
  const first = await shop.hold({ a: 2 }, { id: "cart" });
  const again = async () => {
    const answer = await shop.hold({ a: 2 }, { id: "cart" });
    assert.equal(answer.text, first.text);
    assert.equal(answer.header("idempotent-replayed"), "true");
  };
  await again();
  await shop.resolve("cart", "commit");
  await again();
  const refused = await shop.hold({ a: 20 }, { id: "large" });
  assertProblem(refused, 409, "insufficient_stock");
  await shop.command("receive", { a: 100 });
  const still = await shop.hold({ a: 20 }, { id: "large" });
  assert.deepEqual([still.text, still.header("idempotent-replayed")], [refused.text, "true"]);
  assert.equal((await shop.levels("a")).available, 108);
});

test("holds and commands have their ids in common", async () => {
  const shop = await stocked({ a: 10 });
  await shop.hold({ a: 1 }, { id: "cart" });
  await shop.command("sell", { a: 1 }, { id: "order" });
  for (const send of [
    () => shop.hold({ a: 2 }, { id: "cart" }),
    () => shop.hold({ a: 1 }, { id: "cart", seconds: 60 }),
    () => shop.hold({ a: 1 }, { id: "order" }),
    () => shop.command("sell", { a: 1 }, { id: "cart" }),
  ]) {
    await assertRefused(shop, 422, "id_reused", send);
  }
  // Those of a commit belong to its hold.
  assert.equal((await shop.resolve("cart", "commit", { id: "order" })).status, 200);
});

test("a hold that nobody placed is unknown", async () => {
  const shop = await stocked({ a: 10 });
  const other = await stocked({ a: 10 });
  await other.hold({ a: 1 }, { id: "theirs" });
  for (const id of ["nobody's", "theirs", "x".repeat(200), "a%b/c"]) {
    assertProblem(await shop.api(holdAt(id)), 404, "unknown_hold");
    for (const way of ["commit", "release"]) {
      await assertRefused(shop, 404, "unknown_hold", () => shop.resolve(id, way));
    }
  }
});

test("a fact may take what is held, and the commit then says what is missing", async () => {
  const shop = await stocked({ a: 3 });
  await shop.hold({ a: 3 }, { id: "cart" });
  const sold = await shop.command("sold", { a: 2 });
  assert.equal(sold.status, 200, sold.text);
  const { on_hand, held, available } = (await shop.levels("a")).main;
  assert.deepEqual([on_hand, held, available], [1, 3, 0]);
  const committed = await shop.resolve("cart", "commit");
  assert.equal(committed.status, 200, committed.text);
  assert.deepEqual(committed.json.shortfalls, [{ sku: "a", location: "main", units: 2 }]);
  const left = (await shop.levels("a")).main;
  assert.deepEqual([left.on_hand, left.shortfall, left.held], [0, 2, 0]);
});

test("a hold that makes no sense is refused by name", async () => {
  const shop = await stocked({ a: 10 });
  const line = (quantity, sku = "a") => [{ sku, quantity }];
  for (const [lines, rest] of [
    [[]],
    [Array.from({ length: 101 }, () => ({ sku: "a", quantity: 1 }))],
    [line(0)],
    [line(-1)],
    [line(1_000_001)],
    [line(1, "")],
    [line(1, "x".repeat(129))],
    [[{ sku: "a", location: "", quantity: 1 }]],
    [line(1), { id: "" }],
    [line(1), { id: "x".repeat(129) }],
    [line(1), { id: "a\nb" }],
    [line(1), { seconds: 0 }],
    [line(1), { seconds: 3_601 }],
    [line(1), { buyer: "" }],
    [line(1), { buyer: "x".repeat(129) }],
    [line(1), { region: "" }],
    [line(1), { region: "x".repeat(33) }],
  ]) {
    await assertRefused(shop, 422, "bad_value", () => shop.hold(lines, rest));
  }
  for (const [lines, rest] of [
    [line(1.5)],
    [line("1")],
    [line(1), { seconds: -1 }],
    [line(1), { seconds: 1.5 }],
    [line(1), { minutes: 1 }],
    [[{ sku: "a", quantity: 1, price: 0 }]],
  ]) {
    await assertRefused(shop, 400, "bad_json", () => shop.hold(lines, rest));
  }
  await shop.hold({ a: 1 }, { id: "cart" });
  for (const way of ["commit", "release"]) {
    const send = (body) => () => shop.api(`${holdAt("cart")}/${way}`, { body });
    await assertRefused(shop, 422, "bad_value", send({ id: "" }));
    await assertRefused(shop, 422, "bad_value", send({ id: "x".repeat(129) }));
    await assertRefused(shop, 400, "bad_json", send({}));
    await assertRefused(shop, 400, "bad_json", send({ id: "1", surprise: 1 }));
  }
  const long = { id: "1", reason: "x".repeat(201) };
  const commit = () => shop.api(`${holdAt("cart")}/commit`, { body: long });
  await assertRefused(shop, 422, "bad_value", commit);
});

test("the open holds are listed by pages", async () => {
  const shop = await stocked({ a: 1_000 });
  const ids = Array.from({ length: 502 }, (_, at) => `cart ${String(at).padStart(4, "0")}`);
  for (const id of ids) assert.equal((await shop.hold({ a: 1 }, { id })).status, 200);
  const page = (await shop.api("/v1/holds")).json;
  assert.equal(page.holds.length, 500);
  const open = await shop.list("/v1/holds", "holds");
  assert.deepEqual(open.map((hold) => hold.id), ids);
  assert.deepEqual(new Set(open.map((hold) => hold.state)), new Set(["open"]));
  await shop.resolve(ids[0], "commit");
  await shop.resolve(ids[1], "release");
  assert.equal((await shop.list("/v1/holds", "holds")).length, 500);
  assertProblem(await shop.api("/v1/holds?cursor=a"), 400, "bad_parameter");
});

test("a hold survives kill -9, and so does its end", async (t) => {
  const own = await start();
  t.after(() => own.stop());
  const shop = await own.newShop();
  await shop.stockUp({ a: 10, b: 1 });
  const placed = await shop.hold({ a: 1 }, { id: "open" });
  await shop.hold({ a: 1 }, { id: "sold" });
  const sold = await shop.resolve("sold", "commit", { id: "order" });
  const short = await shop.hold({ b: 1 }, { id: "short", seconds: 1 });
  await shop.published();
  await own.kill9();
  await own.restart();
  // Its time was over while nobody was there, and nobody has asked since.
  await eventually(async () => assert.equal((await shop.snapshot("b")).state, "low"));
  assert.ok(Date.now() >= Date.parse(short.json.expires_at));
  assertProblem(await shop.resolve("short", "commit"), 409, "expired");
  assert.equal((await shop.hold({ a: 1 }, { id: "open" })).text, placed.text);
  assert.equal((await shop.resolve("sold", "commit", { id: "order" })).text, sold.text);
  assert.equal((await shop.resolve("open", "commit")).status, 200);
  const { on_hand, held } = (await shop.levels("a")).main;
  assert.deepEqual([on_hand, held], [8, 0]);
});
