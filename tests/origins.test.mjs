// What a page of which origin may read and write.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { assertProblem, assertRefused } from "./support/problem.mjs";

const backroom = await start();
after(() => backroom.stop());

test("any origin reads", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 9 });
  const headers = { origin: "https://anywhere.example" };
  for (const answer of [
    await shop.availability("a", { headers }),
    await shop.fragment("a", { headers }),
    await shop.availability("b", { headers }),
    await shop.availability("a", { headers: { ...headers, "if-none-match": '"1"' } }),
    await backroom.ask("/v1/fragment", { headers }),
    await backroom.ask("/v1/shop", { headers }),
  ]) {
    assert.equal(answer.header("access-control-allow-origin"), "*");
    assert.equal(answer.header("access-control-allow-credentials"), null);
  }
});

test("a browser is told beforehand what it may send", async () => {
  for (const [path, method] of [
    ["/v1/commands", "POST"],
    ["/v1/import", "POST"],
    ["/v1/shop", "PATCH"],
    ["/v1/keys/00000000", "DELETE"],
    ["/v1/availability", "GET"],
  ]) {
    const headers = {
      origin: "https://shop.example",
      "access-control-request-method": method,
      "access-control-request-headers": "authorization, content-type",
    };
    const answer = await backroom.ask(path, { method: "OPTIONS", headers });
    assert.equal(answer.status, 204);
    assert.equal(answer.header("access-control-allow-origin"), "*");
    assert.ok(answer.header("access-control-allow-methods").split(", ").includes(method), path);
    const allowed = answer.header("access-control-allow-headers");
    for (const name of ["authorization", "content-type", "if-none-match"]) {
      assert.ok(allowed.includes(name), name);
    }
  }
  const nowhere = await backroom.ask("/v1/nowhere", { method: "OPTIONS" });
  assertProblem(nowhere, 404, "not_found");
});

test("a page writes only from an origin that its shop lists", async () => {
  const listed = ["https://shop.example", "http://localhost:3000"];
  const shop = await backroom.newShop({ origins: listed });
  await shop.stockUp({ a: 90 });
  const sell = (origin) =>
    shop.api("/v1/commands", {
      headers: { origin },
      body: { id: `from ${origin}`, type: "sell", lines: [{ sku: "a", quantity: 1 }] },
    });
  for (const origin of listed) {
    const sold = await sell(origin);
    assert.equal(sold.status, 200, sold.text);
    assert.equal(sold.header("access-control-allow-origin"), "*");
  }
  for (const origin of [
    "null",
    "https://evil.example",
    "https://shop.example.evil.example",
    "https://evilshop.example",
    "https://shop.example:444",
    "http://shop.example",
    "https://www.shop.example",
    "https://SHOP.example",
    "https://shop.example/",
    "http://localhost",
    "http://localhost:3001",
  ]) {
    const refused = () => sell(origin);
    await assertRefused(shop, 403, "origin_not_allowed", refused);
  }
  assert.equal(await shop.onHand("a"), 88);
  await assertRefused(shop, 403, "origin_not_allowed", () =>
    shop.api("/v1/import", { headers: { origin: "null" }, body: "sku\nb\n" }),
  );
  await assertRefused(shop, 403, "origin_not_allowed", () =>
    shop.api("/v1/shop", { method: "PATCH", headers: { origin: "null" }, body: { low_mark: 1 } }),
  );
});
