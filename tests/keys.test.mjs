// A shop's secret keys: made, retired, and what they open.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { assertProblem } from "./support/problem.mjs";

const backroom = await start();
after(() => backroom.stop());

test("a key whose answer was lost is made anew in its place", async () => {
  const shop = await backroom.newShop();
  const add = () => shop.api("/v1/keys?id=rotation", { method: "POST" });
  const [lost, made] = [await add(), await add()].map((answer) => answer.json.secret_key);
  assertProblem(await shop.api("/v1/shop", { key: lost }), 401, "key_wrong");
  for (const key of [shop.key, made]) {
    assert.equal((await shop.api("/v1/shop", { key })).status, 200);
  }
  assertProblem(await shop.api("/v1/keys?id=another", { method: "POST" }), 409, "too_many_keys");
  assertProblem(await shop.api("/v1/keys?id=", { method: "POST" }), 422, "bad_value");
});

test("a shop has one key or two, and never none", async () => {
  const shop = await backroom.newShop();
  const prefix = (key) => key.split("_")[2].slice(0, 8);
  const retire = (key, by) => shop.api(`/v1/keys/${prefix(key)}`, { method: "DELETE", key: by });
  const made = await shop.api("/v1/keys", { method: "POST" });
  assert.equal(made.status, 201);
  const second = made.json.secret_key;
  assertProblem(await shop.api("/v1/keys", { method: "POST" }), 409, "too_many_keys");
  for (const key of [shop.key, second]) {
    assert.equal((await shop.api("/v1/shop", { key })).status, 200);
  }
  assert.equal((await retire(shop.key, second)).status, 204);
  assertProblem(await shop.api("/v1/shop"), 401, "key_wrong");
  assertProblem(await retire(shop.key, second), 404, "not_found");
  assertProblem(await retire(second, second), 409, "last_key");
  const unknown = { method: "DELETE", key: second };
  assertProblem(await shop.api("/v1/keys/00000000", unknown), 404, "not_found");
  assert.equal((await shop.api("/v1/shop", { key: second })).status, 200);
});

test("what opens a shop is its own key and nothing else", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 9 });
  const other = await backroom.newShop();
  await other.stockUp({ a: 9 });
  const digits = other.key.split("_")[2];
  const wrong = [
    ["key_wrong", `sk_${shop.id}_${digits}`],
    ["key_wrong", `sk_${shop.id}_${"0".repeat(40)}`],
    ["key_wrong", `sk_no-such-shop_${digits}`],
    ["key_wrong", shop.key.slice(0, -1)],
    ["key_wrong", `${shop.key}0`],
    ["key_wrong", shop.key.toUpperCase()],
    ["key_wrong", shop.id],
    ["key_wrong", backroom.operator],
    ["key_missing", undefined],
  ];
  const requests = [
    ["/v1/commands", { body: { id: "theft", type: "sell", lines: [{ sku: "a", quantity: 1 }] } }],
    ["/v1/import?counts=set", { body: "sku,on_hand\na,0\n" }],
    ["/v1/shop", { method: "PATCH", body: { low_mark: 1 } }],
    ["/v1/keys", { method: "POST" }],
    ["/v1/stock", {}],
    ["/v1/shop", {}],
  ];
  const before = await shop.picture();
  for (const [code, key] of wrong) {
    for (const [path, sent] of requests) {
      assertProblem(await backroom.ask(path, { ...sent, key }), 401, code);
    }
  }
  assert.deepEqual(await shop.picture(), before);
  // The other shop's key works, in its own shop.
  assert.equal((await other.command("sell", { a: 1 })).status, 200);
  assert.deepEqual(await shop.picture(), before);
});

test("whoever sends a long file with a wrong key hears so", async () => {
  const shop = await backroom.newShop();
  const body = `sku,title\n${"a,A\n".repeat(1_000_000)}`;
  for (const [code, key] of [
    ["key_wrong", `sk_${shop.id}_${"0".repeat(40)}`],
    ["key_wrong", "sk"],
    ["key_missing", undefined],
  ]) {
    assertProblem(await backroom.ask("/v1/import", { key, body }), 401, code);
  }
});
