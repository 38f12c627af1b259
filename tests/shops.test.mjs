// Shops and their settings, and what is there beside them.

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertProblem, assertRefused } from "./support/problem.mjs";

const backroom = await start();
after(() => backroom.stop());

const SETTINGS = { currency: "GBP", time_zone: "Europe/London" };
const OTHER = { currency: "EUR", time_zone: "Europe/Berlin" };

function create(body, key = backroom.operator) {
  return backroom.ask("/v1/shops", { method: "POST", key, body });
}

test("only the operator makes shops", async () => {
  const body = { id: "not-made", settings: SETTINGS };
  assertProblem(await backroom.ask("/v1/shops", { body }), 401, "operator_wrong");
  for (const key of ["", "wrong", `${backroom.operator}x`, backroom.operator.slice(0, -1)]) {
    assertProblem(await create(body, key), 401, "operator_wrong");
  }
  const basic = { authorization: `Basic ${backroom.operator}` };
  const refused = await backroom.ask("/v1/shops", { body, headers: basic });
  assertProblem(refused, 401, "operator_wrong");
  assert.equal(refused.header("www-authenticate"), "Bearer");
  assertProblem(await backroom.ask("/v1/availability?shop=not-made&sku=a"), 404, "unknown_shop");
});

test("a shop is made once, with the settings that were given and the usual ones", async () => {
  const made = await create({ id: "made-once", settings: SETTINGS });
  assert.equal(made.status, 201);
  assert.equal(made.header("cache-control"), "no-store");
  assert.match(made.json.secret_key, /^sk_made-once_[0-9a-f]{40}$/);
  const usual = {
    locale: "en",
    low_mark: 5,
    mode: "authority",
    origins: [],
    strategy: "priority",
    hide_undated: false,
    browser_holds: false,
    max_held_per_buyer: null,
    mixed_carts: "split",
    improve_promises: true,
    waitlist: { wave: 100, window_seconds: 86_400, min_restock: 1, shelf_percent: 0, smaller: false },
    name: null,
    color: null,
    checkout_url: null,
  };
  assert.deepEqual(made.json.settings, { ...SETTINGS, ...usual });
  assertProblem(await create({ id: "made-once", settings: OTHER }), 409, "shop_exists");
  const still = await backroom.ask("/v1/shop", { key: made.json.secret_key });
  assert.deepEqual(still.json, made.json.settings);
});

test("a shop whose answer was lost is made again, until somebody has used it", async () => {
  const lost = await create({ id: "made-again", settings: SETTINGS });
  const made = await create({ id: "made-again", settings: SETTINGS });
  assert.deepEqual([lost.status, made.status], [201, 201]);
  const ask = (key) => backroom.ask("/v1/shop", { key });
  assertProblem(await ask(lost.json.secret_key), 401, "key_wrong");
  assert.equal((await ask(made.json.secret_key)).status, 200);
  const { secret_key: key } = made.json;
  assert.equal((await backroom.ask("/v1/import", { key, body: "sku\na\n" })).status, 200);
  assertProblem(await create({ id: "made-again", settings: SETTINGS }), 409, "shop_exists");
  assert.equal((await ask(key)).status, 200);
});

test("a shop without an id gets one at random", async () => {
  const ids = [];
  for (let shop = 0; shop < 2; shop += 1) ids.push((await backroom.newShop()).id);
  for (const id of ids) assert.match(id, /^s-[0-9a-f]{16}$/);
  assert.notEqual(ids[0], ids[1]);
});

test("each bad setting is refused by name", async () => {
  const bad = {
    currency: ["gbp", "QQQ", ""],
    time_zone: ["London", "Mars/Olympus", ""],
    locale: ["english!", ""],
    low_mark: [1_001],
    max_held_per_buyer: [0],
    name: ["", " Jars", "Jars\r\nBcc: a@evil.example", "x".repeat(61)],
    color: ["red", "#fff", "#0a7d55;"],
    checkout_url: ["https://shop.example/", "http://shop.example/?hold={hold}", "https://{hold}.example/", "javascript:{hold}"],
    origins: [
      ["http://shop.example"],
      ["https://shop.example/"],
      ["null"],
      ["*"],
      Array.from({ length: 21 }, (_, at) => `https://shop-${at}.example`),
    ],
  };
  const shop = await backroom.newShop();
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) {
      const settings = { ...SETTINGS, [name]: value };
      assertProblem(await create({ id: "bad-setting", settings }), 422, "bad_value");
      const patch = { method: "PATCH", body: { [name]: value } };
      await assertRefused(shop, 422, "bad_value", () => shop.api("/v1/shop", patch));
    }
  }
  for (const id of ["", "ab", "x".repeat(33), "Shop", "a_b", "a/b", "ü-shop"]) {
    assertProblem(await create({ id, settings: SETTINGS }), 422, "bad_value");
  }
  assert.equal((await create({ id: "bad-setting", settings: SETTINGS })).status, 201);
});

test("a body that is not the JSON expected is refused", async () => {
  const key = backroom.operator;
  for (const body of [
    "",
    "{",
    "[]",
    JSON.stringify({ settings: { currency: "GBP" } }),
    JSON.stringify({ settings: { ...SETTINGS, low_mark: -1 } }),
    JSON.stringify({ settings: { ...SETTINGS, mode: "both" } }),
    JSON.stringify({ settings: { ...SETTINGS, strategy: "best" } }),
    JSON.stringify({ settings: { ...SETTINGS, colour: "red" } }),
  ]) {
    assertProblem(await backroom.ask("/v1/shops", { key, body }), 400, "bad_json");
  }
  const body = JSON.stringify({ settings: SETTINGS, padding: "x".repeat(200_000) });
  assertProblem(await backroom.ask("/v1/shops", { key, body }), 413, "body_too_large");
});

test("a Worker without a secret, or with an empty one, makes no shops", async () => {
  const open = await start({ vars: { OPERATOR_SECRET: "" } });
  try {
    for (const key of [undefined, ""]) {
      const body = { settings: { currency: "GBP", time_zone: "Europe/London" } };
      assertProblem(await open.ask("/v1/shops", { key, body }), 401, "operator_wrong");
    }
  } finally {
    await open.stop();
  }
});

test("a shop that nobody made is unknown to readers", async () => {
  for (const path of ["/v1/availability", "/v1/fragment"]) {
    assertProblem(await backroom.ask(`${path}?shop=nobody&sku=a`), 404, "unknown_shop");
    assertProblem(await backroom.ask(`${path}?shop=nobody&sku=a&sku=b`), 404, "unknown_shop");
    assertProblem(await backroom.ask(`${path}?shop=No/body&sku=a`), 400, "bad_parameter");
    assertProblem(await backroom.ask(`${path}?sku=a`), 400, "bad_parameter");
  }
});

test("settings can be read and changed, and shoppers see the change", async () => {
  const shop = await backroom.newShop({ low_mark: 5 });
  await shop.stockUp({ a: 7 });
  assert.equal((await shop.snapshot("a")).state, "in_stock");
  const changed = await shop.api("/v1/shop", { method: "PATCH", body: { low_mark: 7 } });
  const settings = { ...shop.settings, low_mark: 7 };
  assert.deepEqual(changed.json, settings);
  assert.deepEqual((await shop.api("/v1/shop")).json, settings);
  await eventually(async () => {
    const { state, quantity, version } = await shop.snapshot("a");
    assert.deepEqual({ state, quantity, version }, { state: "low", quantity: 7, version: 2 });
  });
  await shop.api("/v1/shop", { method: "PATCH", body: { low_mark: 0 } });
  await eventually(async () => assert.equal((await shop.snapshot("a")).state, "in_stock"));
});

test("of two changes of settings at once neither is lost", async () => {
  const shop = await backroom.newShop();
  const arrived = Promise.withResolvers();
  const slow = ReadableStream.from(
    (async function* () {
      yield Buffer.from('{"low_mark":');
      await arrived.promise;
      yield Buffer.from("9}");
    })(),
  );
  const one = shop.api("/v1/shop", { method: "PATCH", body: slow, duplex: "half" });
  const other = await shop.api("/v1/shop", { method: "PATCH", body: { locale: "de" } });
  assert.equal(other.status, 200);
  arrived.resolve();
  assert.equal((await one).status, 200);
  const settings = { ...shop.settings, low_mark: 9, locale: "de" };
  assert.deepEqual((await shop.api("/v1/shop")).json, settings);
});

test("only what is documented is there", async () => {
  const shop = await backroom.newShop();
  for (const [method, path] of [
    ["POST", "/v1/availability"],
    ["DELETE", "/v1/fragment"],
    ["GET", "/v1/commands"],
    ["GET", "/v1/import"],
    ["PUT", "/v1/shop"],
    ["GET", "/v1/shops"],
    ["GET", "/v1/keys"],
    ["GET", "/v1/keys/00000000"],
    ["POST", "/v1/health"],
    ["POST", "/v1/stock"],
    ["POST", "/v1/live"],
  ]) {
    const answer = await shop.api(path, { method });
    assertProblem(answer, 405, "method_not_allowed");
    assert.ok(answer.header("allow") && !answer.header("allow").includes(method), path);
  }
  for (const path of ["/v1", "/v1/", "/v1/nowhere", "/v1/shops/", "/v1/keys/a/b", "/v2/shop"]) {
    assertProblem(await shop.api(path), 404, "not_found");
  }
});

test("what the objects say to each other cannot be said from outside", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 9 });
  const watch = JSON.stringify({ room: 0, skus: [{ sku: "a", version: 0 }] });
  const before = await shop.picture();
  for (const path of ["/watch", "/push", "/open", "/v1/watch", "/v1/push", "/v1/open"]) {
    for (const key of [shop.key, undefined]) {
      const answer = await backroom.ask(path, { method: "POST", key, body: watch });
      assertProblem(answer, 404, "not_found");
    }
  }
  // Not by a path that only becomes one of those later on, either.
  for (const path of ["//watch", "/v1/..//watch", "/v1/%2e%2e/watch", "/v1/keys/../../watch"]) {
    assert.equal(await rawStatus(path, shop.key, watch), 404, path);
  }
  assert.deepEqual(await shop.picture(), before);
});

/** The status of a POST whose path is sent as it stands; `fetch` would tidy it up. */
function rawStatus(path, key, body) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const { hostname, port } = new URL(backroom.url);
  const headers = { authorization: `Bearer ${key}` };
  const sent = request({ hostname, port, path, method: "POST", headers }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

test("health tells everybody the build, and a shop its outbox", async () => {
  const shop = await backroom.newShop();
  const open = await backroom.ask("/v1/health");
  assert.match(open.json.build, /^[0-9a-f]{12}$/);
  // This Worker was given nothing to send mail with.
  assert.deepEqual(open.json, { build: open.json.build, mail: "off" });
  const own = await shop.api("/v1/health");
  assert.deepEqual(own.json, { ...open.json, outbox: { rows: 0, oldest_age_ms: 0 } });
});

test("a mirror books what happened, and promises nothing", async () => {
  const shop = await backroom.newShop({ mode: "mirror" });
  await shop.stockUp({ a: 9 });
  await assertRefused(shop, 409, "mirror_shop", () => shop.command("sell", { a: 1 }));
  await assertRefused(shop, 409, "mirror_shop", () => shop.hold({ a: 1 }));
  for (const type of ["sold", "returned", "receive"]) {
    assert.equal((await shop.command(type, { a: 1 })).status, 200);
  }
  assert.equal(await shop.onHand("a"), 10);
  const change = (mode) => shop.api("/v1/shop", { method: "PATCH", body: { mode } });
  await change("authority");
  assert.equal((await shop.hold({ a: 1 }, { id: "cart" })).status, 200);
  // What was promised before stays promised.
  await change("mirror");
  const again = await shop.hold({ a: 1 }, { id: "cart" });
  assert.deepEqual([again.status, again.header("idempotent-replayed")], [200, "true"]);
});
