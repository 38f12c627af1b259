// Limits on holds: one buyer, one network, and browsers together cannot have everything; and what
// comes too fast is refused before anybody has looked at it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { shopRows } from "./support/database.mjs";
import { eventually } from "./support/eventually.mjs";
import { Page, trusting } from "./support/page-api.mjs";
import { assertProblem, assertRefused } from "./support/problem.mjs";

const backroom = await start({ vars: trusting });
after(() => backroom.stop());

const ORIGIN = "https://shop.example";

/** The writes that the Worker has under way at a time, and some more than that. */
const UNDER_WAY = 256;
const RUSH = 300;

async function stocked(goods, settings) {
  const shop = await backroom.newShop({ origins: [ORIGIN], browser_holds: true, ...settings });
  await shop.stockUp(goods);
  return shop;
}

const page = (shop, address) => Page.of(backroom, shop, { origin: ORIGIN, address });

test("a buyer holds no more of a SKU at once than the shop allows", async () => {
  const shop = await stocked({ a: 20, b: 20 }, { max_held_per_buyer: 4 });
  const buyer = "somebody";
  assert.equal((await shop.hold({ a: 3, b: 4 }, { id: "first", buyer })).status, 200);
  const over = () => shop.hold({ a: 2 }, { buyer });
  await assertRefused(shop, 409, "held_limit", over);
  const lines = [2, 3].map((quantity) => ({ sku: "a", quantity }));
  const atOnce = () => shop.hold(lines, { buyer: "another" });
  await assertRefused(shop, 409, "held_limit", atOnce);
  assert.equal((await shop.hold({ a: 1 }, { buyer })).status, 200);
  // Another may, and so may one of whom the shop says nothing, and so may they once they paid.
  assert.equal((await shop.hold({ a: 4 }, { buyer: "another" })).status, 200);
  assert.equal((await shop.hold({ a: 5 })).status, 200);
  await shop.resolve("first", "commit");
  assert.equal((await shop.hold({ a: 3 }, { buyer })).status, 200);
  const body = { max_held_per_buyer: null };
  await shop.api("/v1/shop", { method: "PATCH", body });
  assert.equal((await shop.hold({ a: 4 }, { buyer })).status, 200);
});

test("of a buyer only a hash is kept", async (t) => {
  const own = await start();
  t.after(() => own.stop());
  const shop = await own.newShop();
  await shop.stockUp({ a: 2 });
  await shop.hold({ a: 1 }, { id: "cart", buyer: "jane@example.com" });
  const [row] = shopRows(own, "SELECT * FROM holds");
  assert.equal(row.buyer.length, 32);
  assert.ok(!JSON.stringify(row).includes("jane"));
});

test("a page holds units, reads its hold, and lets it go", async () => {
  const shop = await stocked({ a: 20 });
  const jane = await page(shop, "192.0.2.1");
  const placed = await jane.hold({ a: 2 }, "cart");
  assert.equal(placed.status, 200, placed.text);
  const lasts = Date.parse(placed.json.expires_at) - Date.now();
  assert.ok(lasts > 590_000 && lasts <= 600_000, `it lasts ${lasts} ms`);
  assert.equal((await jane.read("cart")).json.state, "open");
  const released = await jane.release("cart");
  assert.equal(released.status, 200, released.text);
  assert.equal((await jane.release("cart")).text, released.text);
  assert.equal((await jane.read("cart")).json.state, "released");
  // The shop's own server sells what a page holds.
  const again = await jane.hold({ a: 1 }, "cart 2");
  assert.equal((await shop.resolve(again.json.id, "commit")).status, 200);
});

test("a page has no holds but its own, under ids of its own", async () => {
  const shop = await stocked({ a: 50 });
  const jane = await page(shop, "192.0.2.1");
  const john = await page(shop, "192.0.2.2");
  await shop.hold({ a: 1 }, { id: "the shop's" });
  const theirs = (await jane.hold({ a: 1 }, "cart")).json.id;
  for (const id of [theirs, "the shop's", `${john.prefix}nothing`]) {
    assertProblem(await john.api(`/v1/holds/${encodeURIComponent(id)}`), 404, "unknown_hold");
    const release = { body: { id: "theft" } };
    const path = `/v1/holds/${encodeURIComponent(id)}/release`;
    assertProblem(await john.api(path, release), 404, "unknown_hold");
  }
  const lines = [{ sku: "a", quantity: 1 }];
  for (const body of [
    { id: "order 1", lines },
    { id: `${jane.prefix}other`, lines },
    { id: `${john.prefix}mine`, lines, buyer: "somebody else" },
    { id: `${john.prefix}mine`, lines, seconds: 601 },
  ]) {
    await assertRefused(shop, 422, "bad_value", () => john.api("/v1/holds", { body }));
  }
  assert.equal((await jane.read("cart")).json.state, "open");
});

test("a network has three holds open at a time", async () => {
  const shop = await stocked({ a: 100 });
  const addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:0db8:0001:0002::3"];
  const household = [];
  for (const address of addresses) household.push(await page(shop, address));
  for (const person of household) assert.equal((await person.hold({ a: 1 }, "1")).status, 200);
  for (const person of household) {
    await assertRefused(shop, 409, "held_limit", () => person.hold({ a: 1 }, "2"));
  }
  // A neighbour may, and so may they once one is let go.
  const neighbour = await page(shop, "2001:db8:1:3::1");
  assert.equal((await neighbour.hold({ a: 1 }, "1")).status, 200);
  await household[1].release("1");
  assert.equal((await household[0].hold({ a: 1 }, "3")).status, 200);
  // The same household by IPv4, however it is written, is one network too.
  const [four, mapped] = [await page(shop, "198.51.100.7"), await page(shop, "::ffff:198.51.100.7")];
  for (const id of ["1", "2"]) assert.equal((await four.hold({ a: 1 }, id)).status, 200);
  assert.equal((await mapped.hold({ a: 1 }, "1")).status, 200);
  await assertRefused(shop, 409, "held_limit", () => mapped.hold({ a: 1 }, "2"));
});

test("browsers together hold a fifth of a SKU and no more", async () => {
  const shop = await stocked({ a: 20, few: 4 });
  const crowd = [];
  for (let at = 0; at < 3; at += 1) crowd.push(await page(shop, `203.0.113.${at}`));
  assert.equal((await crowd[0].hold({ a: 2 }, "1")).status, 200);
  assert.equal((await crowd[1].hold({ a: 2 }, "1")).status, 200);
  await assertRefused(shop, 409, "held_limit", () => crowd[2].hold({ a: 1 }, "1"));
  await assertRefused(shop, 409, "held_limit", () => crowd[2].hold({ few: 1 }, "2"));
  // The shop's own carts have the rest.
  assert.equal((await shop.hold({ a: 16 })).status, 200);
});

test("a token opens nothing but its holds, for its shop, while it lasts", async () => {
  const shop = await stocked({ a: 50 });
  const other = await stocked({ a: 50 });
  const jane = await page(shop, "192.0.2.1");
  const digits = jane.token.split("_");
  const swapped = [...digits.slice(0, 1), other.id, ...digits.slice(2)].join("_");
  const longer = [...digits.slice(0, 2), Number(digits[2]) + 1, ...digits.slice(3)].join("_");
  const body = { id: `${jane.prefix}cart`, lines: [{ sku: "a", quantity: 1 }] };
  for (const key of [swapped, longer, `${jane.token}0`, jane.token.slice(0, -2), "bt_", "bt_x_y"]) {
    assertProblem(await backroom.ask("/v1/holds", { key, body }), 401, "token_wrong");
  }
  const origin = { headers: { origin: "https://elsewhere.example" } };
  assertProblem(await jane.api("/v1/holds", { body, ...origin }), 403, "origin_not_allowed");
});

test("browsers hold nothing where nobody has turned it on", async () => {
  const shop = await stocked({ a: 50 });
  const jane = await page(shop, "192.0.2.1");
  await shop.api("/v1/shop", { method: "PATCH", body: { browser_holds: false } });
  const hold = () => jane.hold({ a: 1 }, "cart");
  await assertRefused(shop, 403, "browser_holds_off", hold);
  const ask = (headers) =>
    backroom.ask(`/v1/browser-token?shop=${shop.id}`, { method: "POST", headers });
  const asked = { origin: ORIGIN, "x-client": "192.0.2.1" };
  assertProblem(await ask(asked), 403, "browser_holds_off");
  assertProblem(await ask({ "x-client": "192.0.2.1" }), 403, "origin_not_allowed");
  assertProblem(await ask({ ...asked, origin: "null" }), 403, "origin_not_allowed");
  const nobody = await backroom.ask("/v1/browser-token?shop=nobody", { method: "POST" });
  assertProblem(nobody, 404, "unknown_shop");
  const nameless = await backroom.ask("/v1/browser-token", { method: "POST" });
  assertProblem(nameless, 400, "bad_parameter");
  await shop.api("/v1/shop", { method: "PATCH", body: { browser_holds: true } });
  assert.equal((await hold()).status, 200);
});

test("browsers hold nothing where clients cannot be told apart", async (t) => {
  for (const vars of [
    { CLIENT_ADDRESS_HEADER: "" },
    { SIGNING_SECRET: "" },
  ]) {
    const bare = await start({ vars: { ...trusting, ...vars } });
    t.after(() => bare.stop());
    const { id } = await bare.newShop({ origins: [ORIGIN], browser_holds: true });
    const headers = { origin: ORIGIN, "x-client": "192.0.2.1", "cf-connecting-ip": "192.0.2.1" };
    const asked = await bare.ask(`/v1/browser-token?shop=${id}`, { method: "POST", headers });
    const { detail } = assertProblem(asked, 403, "browser_holds_off");
    assert.match(detail, new RegExp(Object.keys(vars)[0]));
  }
  const shop = await stocked({ a: 50 });
  for (const address of [undefined, "", "unknown", "192.0.2.1, 192.0.2.2"]) {
    const headers = { origin: ORIGIN, ...(address && { "x-client": address }) };
    const path = `/v1/browser-token?shop=${shop.id}`;
    const asked = await backroom.ask(path, { method: "POST", headers });
    assertProblem(asked, 403, "browser_holds_off");
  }
});

test("a write too many is refused before anybody has looked at it", async (t) => {
  const own = await start({ faults: true });
  t.after(() => own.stop());
  const shop = await own.newShop();
  await shop.stockUp({ a: 10_000 });
  // While the shop's object takes nothing, what comes to it is under way.
  await own.faults({ shops: "hang" });
  const ids = Array.from({ length: RUSH }, (_, at) => `rush ${at}`);
  const refused = [];
  const answers = ids.map(async (id) => {
    const answer = await shop.hold({ a: 1 }, { id });
    if (answer.status !== 200) refused.push([id, answer]);
  });
  await eventually(() => assert.equal(refused.length, RUSH - UNDER_WAY));
  await own.faults({ shops: "work" });
  await Promise.all(answers);
  assert.equal(refused.length, RUSH - UNDER_WAY);
  for (const [, answer] of refused) {
    assertProblem(answer, 503, "overloaded");
    assert.ok(Number(answer.header("retry-after")) > 0);
  }
  // Nothing was done of what was refused: it comes again as if for the first time.
  assert.equal((await shop.levels("a")).main.held, UNDER_WAY);
  const again = await shop.hold({ a: 1 }, { id: refused[0][0] });
  assert.deepEqual([again.status, again.header("idempotent-replayed")], [200, null]);
});

test("whoever sends slowly keeps nobody else waiting", async () => {
  const shop = await stocked({ a: 10_000 });
  const holds = Array.from({ length: RUSH }, (_, at) => slowHold(shop, `slow ${at}`));
  // All are half sent.
  await Promise.all(holds.map(({ begun }) => begun));
  assert.equal((await shop.hold({ a: 1 }, { id: "at one go" })).status, 200);
  await Promise.all(holds.map(({ finish }) => finish()));
});

/** A hold whose body comes in half; `finish` sends the rest and gives the answer. */
function slowHold(shop, id) {
  const body = JSON.stringify({ id, lines: [{ sku: "a", quantity: 1 }] });
  const headers = {
    authorization: `Bearer ${shop.key}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  const sent = request(`${backroom.url}/v1/holds`, { method: "POST", headers, agent: false });
  const answered = once(sent, "response");
  return {
    begun: new Promise((written) => sent.write(body.slice(0, 10), written)),
    async finish() {
      sent.end(body.slice(10));
      const [response] = await answered;
      const text = (await response.setEncoding("utf8").toArray()).join("");
      return { status: response.statusCode, headers: response.headers, body: JSON.parse(text) };
    },
  };
}
