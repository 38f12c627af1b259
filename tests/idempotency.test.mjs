// Whatever changes something can be sent again: each route that does is a row of a table, and a
// route of the OpenAPI document without its row fails.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { Page } from "./support/page-api.mjs";
import { eventually } from "./support/eventually.mjs";
import { linkIn, openInbox } from "./support/inbox.mjs";

const document = JSON.parse(
  await readFile(new URL("../www/docs/openapi.json", import.meta.url), "utf8"),
);

const inbox = await openInbox({ after });
const backroom = await start({ vars: inbox.vars });
after(() => backroom.stop());

const line = { sku: "a", quantity: 1 };
const CSV = "sku,product_id,on_hand\na,p,100\nkit,,\n";

/** A shop with a hold and a kit. */
async function prepared() {
  const shop = await backroom.newShop();
  assert.equal((await shop.import(CSV)).status, 200);
  await opened(shop);
  const body = { components: [line] };
  await shop.api("/v1/bundles/kit", { method: "PUT", body });
  return shop;
}

/** A hold, an order and a purchase order. */
async function opened(shop) {
  await shop.hold({ a: 2 }, { id: "open" });
  await shop.api("/v1/orders", { body: { id: "open order", lines: [{ sku: "a", quantity: 3 }] } });
  await shop.api(orderAt("shipments"), { body: { id: "first", lines: [line] } });
  await shop.api("/v1/purchase-orders", { body: { id: "po", supplier: "Acme", lines: [line] } });
}

const orderAt = (what) => `/v1/orders/open%20order/${what}`;

/** An id of the sender's: the second answer is the first, and says so. */
const BY_ID = "by id";
/** What is sent is how it shall be: the second answer is the same, and nothing happens. */
const BY_NATURE = "by nature";

const TABLE = {
  "POST /v1/holds": [BY_ID, "/v1/holds", { id: "cart", lines: [line] }],
  "POST /v1/holds/{id}/commit": [BY_ID, "/v1/holds/open/commit", { id: "order" }],
  "POST /v1/holds/{id}/release": [BY_ID, "/v1/holds/open/release", { id: "left" }],
  "POST /v1/orders": [BY_ID, "/v1/orders", { id: "order", lines: [line] }],
  "POST /v1/orders/{id}/shipments": [BY_ID, orderAt("shipments"), { id: "parcel" }],
  "POST /v1/orders/{id}/cancellations": [BY_ID, orderAt("cancellations"), { id: "no" }],
  "POST /v1/orders/{id}/returns": [
    BY_ID,
    orderAt("returns"),
    { id: "back", lines: [line], to: "stock" },
  ],
  "POST /v1/purchase-orders": [
    BY_ID,
    "/v1/purchase-orders",
    { id: "another", supplier: "Acme", lines: [line] },
  ],
  "POST /v1/purchase-orders/{id}/changes": [
    BY_ID,
    "/v1/purchase-orders/po/changes",
    { id: "never", lines: [{ line: 1, cancel: true }] },
  ],
  "POST /v1/purchase-orders/{id}/receipts": [
    BY_ID,
    "/v1/purchase-orders/po/receipts",
    { id: "box", lines: [{ line: 1, quantity: 2 }] },
  ],
  "POST /v1/commands": [BY_ID, "/v1/commands", { id: "order", type: "sell", lines: [line] }],
  "POST /v1/counts": [
    BY_ID,
    "/v1/counts",
    { id: "take", lines: [{ sku: "a", counted: 90, expected: 99 }] },
  ],
  "POST /v1/import": [BY_NATURE, "/v1/import?counts=set", "sku,on_hand\na,90\n"],
  "PATCH /v1/skus/{sku}": [
    BY_NATURE,
    "/v1/skus/a",
    { hidden: true, safety_stock: [{ units: 4 }] },
  ],
  "PATCH /v1/products/{id}": [BY_NATURE, "/v1/products/p", { hidden: true }],
  "PUT /v1/locations/{name}": [BY_NATURE, "/v1/locations/main", { priority: 3 }],
  "PUT /v1/bundles/{sku}": [
    BY_NATURE,
    "/v1/bundles/kit",
    { components: [{ ...line, quantity: 3 }] },
  ],
  "PATCH /v1/shop": [BY_NATURE, "/v1/shop", { low_mark: 9, hide_undated: true }],
};

/** What can be sent again safely, and is answered otherwise the second time. */
const ANSWERED_OTHERWISE = {
  // It is gone already.
  "DELETE /v1/bundles/{sku}": 404,
  "DELETE /v1/keys/{prefix}": 404,
  // The answer shows another key, and the one before opens nothing: see keys.test.mjs.
  "POST /v1/shops": 201,
  // Two keys are the most; with an `id` it is as with a shop's first.
  "POST /v1/keys": 409,
  // Nothing is stored of a token.
  "POST /v1/browser-token": 200,
  // What has not come is cancelled once: see my-order.test.mjs.
  "POST /v1/my-order": 200,
  // One address and SKU is one sign-up: see notify.test.mjs.
  "POST /v1/notify": 202,
  // It is so already: see mail.test.mjs, as for those behind the next.
  "POST /v1/confirm": 200,
  // What was passed on is: see waitlist.test.mjs.
  "POST /v1/claim": 200,
  "POST /v1/unsubscribe": 200,
  // What has ended has: see alerts.test.mjs.
  "POST /v1/alerts": 200,
  // It only reads.
  "POST /v1/subjects/export": 200,
  // Settings are what they are, and what is not dead is left alone: see desk.test.mjs.
  "POST /v1/desk": 200,
  // There is nothing left: see subjects.test.mjs.
  "POST /v1/subjects/erase": 204,
  "POST /v1/messages/{id}/retry": 204,
  "POST /v1/mail-events": 204,
};

test("every route that changes something has its row", () => {
  const changing = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((method) => method !== "get")
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  const rows = [...Object.keys(TABLE), ...Object.keys(ANSWERED_OTHERWISE)];
  assert.deepEqual(rows.toSorted(), changing.toSorted());
});

for (const [name, [kind, path, body]] of Object.entries(TABLE)) {
  test(`${name} has one effect, however often it is sent`, async () => {
    const shop = await prepared();
    const method = name.split(" ")[0];
    const send = () => shop.api(path, { method, body });
    const first = await send();
    assert.ok(first.status < 300, first.text);
    const picture = await shop.picture();
    const explained = (await shop.api("/v1/explain?sku=a")).json.movements;
    const more = await Promise.all([send(), send(), send()]);
    for (const again of [...more, await send()]) {
      assert.equal(again.status, first.status, again.text);
      if (kind === BY_ID) {
        assert.equal(again.text, first.text);
        assert.equal(again.header("idempotent-replayed"), "true");
      }
    }
    const { settings, snapshots, stock, ...lists } = await shop.picture();
    assert.deepEqual({ settings, snapshots, stock, ...lists }, picture);
    assert.deepEqual((await shop.api("/v1/explain?sku=a")).json.movements, explained);
  });
}

for (const [name, [kind, path, body]] of Object.entries(TABLE)) {
  if (kind !== BY_ID) continue;
  test(`${name} survives kill -9 as what it was`, async (t) => {
    const own = await start();
    t.after(() => own.stop());
    const shop = await own.newShop();
    await shop.import(CSV);
    await opened(shop);
    const first = await shop.api(path, { body });
    await own.kill9();
    await own.restart();
    const again = await shop.api(path, { body });
    assert.deepEqual([again.text, again.header("idempotent-replayed")], [first.text, "true"]);
  });
}

test("what is answered otherwise the second time does nothing then", async () => {
  const shop = await prepared();
  await shop.api("/v1/shop", {
    method: "PATCH",
    body: { browser_holds: true, origins: ["https://shop.example"] },
  });
  await shop.stockUp({ awaited: 0 });
  await shop.published();
  const second = (await shop.api("/v1/keys", { method: "POST" })).json.secret_key;
  const [, , digits] = second.split("_");
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const signUp = (email) => ({
    method: "POST",
    headers: { ...form, origin: "https://shop.example", "x-client": "192.0.2.1" },
    body: new URLSearchParams({ shop: shop.id, sku: "awaited", email, consent: "yes" }).toString(),
  });
  const linked = async (email, page) => {
    assert.equal((await backroom.ask("/v1/notify", signUp(email))).status, 202);
    const [mail] = await eventually(() => {
      assert.equal(inbox.to(email).length, 1);
      return inbox.to(email);
    });
    const { token } = linkIn(mail, page);
    return [`/v1/${page}`, { headers: form, body: new URLSearchParams({ token }) }];
  };
  inbox.answer = ({ to }) => (to.startsWith("refused") ? "refuse" : "take");
  assert.equal((await backroom.ask("/v1/notify", signUp("refused@b.example"))).status, 202);
  const [dead] = await eventually(async () => {
    const { messages } = (await shop.api("/v1/messages?state=dead")).json;
    assert.equal(messages.length, 1);
    return messages;
  });
  const confirm = await linked("claim@b.example", "confirm");
  assert.equal((await backroom.ask(...confirm)).status, 200);
  const unit = { id: "unit", type: "receive", lines: [{ sku: "awaited", quantity: 1 }] };
  assert.equal((await shop.api("/v1/commands", { body: unit })).status, 200);
  const [, claim] = await eventually(() => {
    assert.equal(inbox.to("claim@b.example").length, 2);
    return inbox.to("claim@b.example");
  });
  const pass = new URLSearchParams({ token: linkIn(claim, "claim").token, action: "pass" });
  const asked = {
    "POST /v1/claim": ["/v1/claim", { headers: form, body: pass }],
    "POST /v1/confirm": await linked("confirm@b.example", "confirm"),
    "POST /v1/unsubscribe": await linked("unsubscribe@b.example", "unsubscribe"),
    "POST /v1/alerts": await linked("alerts@b.example", "alerts"),
    "POST /v1/desk": ["/v1/desk", { headers: form, body: new URLSearchParams({ key: shop.key }) }],
    "POST /v1/subjects/export": ["/v1/subjects/export", { body: { email: "a@b.example" } }],
    "POST /v1/subjects/erase": ["/v1/subjects/erase", { body: { email: "a@b.example" } }],
    "POST /v1/messages/{id}/retry": [`/v1/messages/${dead.id}/retry`, { method: "POST" }],
    "POST /v1/mail-events": [
      "/v1/mail-events",
      {
        key: inbox.vars.MAIL_EVENTS_SECRET,
        body: { type: "complained", shop: shop.id, email: "a@b.example" },
      },
    ],
    "DELETE /v1/bundles/{sku}": ["/v1/bundles/kit", { method: "DELETE" }],
    "POST /v1/keys": ["/v1/keys", { method: "POST" }],
    "DELETE /v1/keys/{prefix}": [`/v1/keys/${digits.slice(0, 8)}`, { method: "DELETE" }],
    "POST /v1/shops": [
      "/v1/shops",
      {
        key: backroom.operator,
        body: { id: "made-twice", settings: { currency: "GBP", time_zone: "Europe/London" } },
      },
    ],
    "POST /v1/browser-token": [
      `/v1/browser-token?shop=${shop.id}`,
      { method: "POST", headers: { origin: "https://shop.example", "x-client": "192.0.2.1" } },
    ],
    "POST /v1/my-order": [
      "/v1/my-order",
      {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URL((await shop.api("/v1/orders/open%20order")).json.link, backroom.url).search.slice(1),
      },
    ],
    "POST /v1/notify": ["/v1/notify", signUp("a@b.example")],
  };
  for (const [name, status] of Object.entries(ANSWERED_OTHERWISE)) {
    const [path, request] = asked[name];
    const first = await shop.api(path, request);
    assert.ok(first.status < 300, `${name}: ${first.text}`);
    const before = await shop.picture();
    const again = await shop.api(path, request);
    assert.equal(again.status, status, `${name}: ${again.text}`);
    assert.deepEqual(await shop.picture(), before, name);
  }
});

test("a page that sends its hold again is answered as the first time", async () => {
  const origin = "https://shop.example";
  const shop = await backroom.newShop({ origins: [origin], browser_holds: true });
  await shop.stockUp({ a: 50 });
  const page = await Page.of(backroom, shop, { origin, address: "192.0.2.1" });
  const first = await page.hold({ a: 2 }, "cart");
  const again = await page.hold({ a: 2 }, "cart");
  assert.deepEqual([again.text, again.header("idempotent-replayed")], [first.text, "true"]);
  assert.equal((await page.hold({ a: 3 }, "cart")).json.code, "id_reused");
});
