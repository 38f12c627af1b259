// The demo shop's checkout: what a merchant's backend does with Backroom's API.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { beside } from "./support/beside.mjs";
import { HOSTILE } from "./support/hostile.mjs";
import { keeping } from "./support/sign-up.mjs";

const backroom = await start({ vars: keeping });
after(() => backroom.stop());
const shop = await backroom.newShop();
await shop.stockUp([{ sku: "mug", title: "Mug & <b>saucer</b>", price: "2.50", url: "/mug", on_hand: 5 }]);
const checkout = await beside({ after }, "checkout", { BACKROOM_URL: backroom.url, BACKROOM_KEY: shop.key });

async function ask(path, fields) {
  const body = fields && new URLSearchParams(fields);
  const response = await fetch(checkout + path, { method: body ? "POST" : "GET", body });
  return { status: response.status, html: await response.text(), headers: response.headers };
}

const page = (fields) => ask(`/?${new URLSearchParams(fields)}`);

/** What the form in a page sends. */
const hidden = (html) =>
  Object.fromEntries([...html.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, ...field]) => field));

const orders = () => shop.list("/v1/orders", "orders");

test("a button pressed twice is one order, of what its page said", async () => {
  const { status, html, headers } = await page({ sku: "mug", quantity: 2 });
  assert.equal(status, 200);
  assert.ok(html.includes("2 × <a href=") && html.includes("£5.00"), html);
  assert.match(headers.get("content-security-policy"), /^default-src 'none'/);
  const fields = { ...hidden(html), email: "jane@example.com" };
  const [first, second] = [await ask("/", fields), await ask("/", fields)];
  assert.deepEqual([first.status, second.status], [200, 200], first.html);
  const [order, ...others] = await orders();
  assert.deepEqual([order.id, order.lines[0].ordered, others.length], [fields.id, 2, 0]);
  assert.ok(first.html.includes(`href="${backroom.url}/v1/my-order?token=`), first.html);
  const contact = (await shop.api(`/v1/orders/${order.id}/contact`)).json;
  assert.equal(contact.email, "jane@example.com");
  const again = hidden((await page({ sku: "mug", quantity: 2 })).html);
  assert.notEqual(again.id, fields.id, "another page is another order");
});

test("what is held is ordered by its hold, once", async () => {
  const before = (await orders()).length;
  const { json } = await shop.hold({ mug: 2 });
  const { html } = await page({ sku: "mug", quantity: 2, hold: json.id });
  const bought = await ask("/", hidden(html));
  assert.equal(bought.status, 200, bought.html);
  // Another page for the same hold: it was sold, and nothing else is.
  const other = await ask("/", hidden((await page({ sku: "mug", quantity: 2, hold: json.id })).html));
  assert.equal(other.status, 409);
  assert.equal((await orders()).length, before + 1);
  const { on_hand, committed, held } = (await shop.levels("mug")).main;
  assert.deepEqual({ on_hand, committed, held }, { on_hand: 5, committed: 4, held: 0 });
});

test("what cannot be ordered is said, and what can be mended may be sent again", async () => {
  const before = (await orders()).length;
  const many = await ask("/", hidden((await page({ sku: "mug", quantity: 9 })).html));
  assert.equal(many.status, 409);
  assert.equal((await orders()).length, before);
  const fields = hidden((await page({ sku: "mug" })).html);
  const wrong = await ask("/", { ...fields, email: "jane" });
  assert.equal(wrong.status, 422);
  assert.deepEqual(hidden(wrong.html), fields, "it is the same order");
  assert.match(wrong.html, /role="alert".*value="jane"/);
  assert.equal((await ask("/", { ...fields, email: "" })).status, 200);
  assert.equal((await orders()).length, before + 1);
});

test("what is no order is none", async () => {
  const before = (await orders()).length;
  for (const fields of [{}, { sku: "mug", quantity: 0 }, { sku: "mug", quantity: "1.5" }, { sku: "mug", quantity: "x" }, { quantity: 1 }]) {
    assert.equal((await page(fields)).status, 404, JSON.stringify(fields));
    assert.equal((await ask("/", { id: "x", ...fields })).status, 404, JSON.stringify(fields));
  }
  assert.equal((await ask("/elsewhere?sku=mug")).status, 404);
  assert.equal((await ask("/", { id: "x", sku: "mug", quantity: 1, email: "e".repeat(5_000) })).status, 404);
  assert.equal((await orders()).length, before);
});

test("strangers' text is text", async () => {
  const { html } = await page({ sku: "mug" });
  assert.ok(!html.includes("<b>") && html.includes("Mug"), html);
  for (const text of HOSTILE) {
    const { html } = await page({ sku: text, quantity: 1, hold: text });
    const inside = html.slice(html.indexOf("<main>"));
    assert.deepEqual(inside.match(/<(script|img|svg|iframe|style|b|math|object)\b/gi), null, text);
  }
});
