// Where to write to about an order: kept encrypted in Outreach, and nowhere else.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { databases, rows } from "./support/database.mjs";
import { assertProblem } from "./support/problem.mjs";
import { addressOf, contactKeys, hashOf, keeping } from "./support/sign-up.mjs";

const backroom = await start({ vars: keeping });
after(() => backroom.stop());

const jane = { email: "Jane@Example.com", lang: "de" };
const lines = [{ sku: "a", quantity: 1 }];

/** A shop with a few of `a`. */
async function stocked(settings) {
  const shop = await backroom.newShop(settings);
  await shop.stockUp({ a: 5 });
  return shop;
}

const place = (shop, id, rest) => shop.api("/v1/orders", { body: { id, lines, ...rest } });
const contact = (shop, id) => shop.api(`/v1/orders/${encodeURIComponent(id)}/contact`);

/** What Outreach objects have on the disk of this order. */
const stored = (id) =>
  databases(backroom, "Outreach")
    .flatMap((file) => rows(file, "SELECT * FROM order_contacts"))
    .filter((row) => row.order_id === id);

test("it is told to the shop alone, and lies encrypted in Outreach, and nowhere else", async () => {
  const shop = await stocked({ locale: "fr" });
  const id = `${shop.id}/1 🎁`;
  const placed = await place(shop, id, { contact: jane });
  assert.equal(placed.status, 200, placed.text);
  assert.ok(!placed.text.includes("Jane"), placed.text);
  assert.deepEqual((await contact(shop, id)).json, jane);
  const [row] = stored(id);
  assert.deepEqual([row.key, row.lang, addressOf(row, shop)], [1, "de", jane.email]);
  assert.deepEqual(Buffer.from(row.hash), hashOf(1, shop, "Jane@example.com"));

  // All that lies on the disk: what is encrypted nobody finds, and what is not is found.
  let others = 0;
  for (const file of readdirSync(backroom.state, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const bytes = readFileSync(join(file.parentPath, file.name));
    assert.ok(!bytes.includes("Jane") && !bytes.includes("xample.com"), file.name);
    others += Number(bytes.includes(shop.id));
  }
  assert.ok(others > 0);

  // Without a language it is the shop's.
  await place(shop, `${shop.id}/2`, { contact: { email: jane.email } });
  assert.equal((await contact(shop, `${shop.id}/2`)).json.lang, "fr");
  // Another shop has no such order.
  const other = await stocked();
  assertProblem(await contact(other, id), 404, "unknown_contact");
});

test("the same order again keeps it once, and another address is refused", async () => {
  const shop = await stocked();
  const id = `${shop.id}/1`;
  await place(shop, id, { contact: jane });
  const again = await place(shop, id, { contact: { ...jane, email: "Jane@EXAMPLE.com" } });
  assert.deepEqual([again.status, again.header("idempotent-replayed")], [200, "true"]);
  assert.equal((await place(shop, id)).status, 200);
  assertProblem(await place(shop, id, { contact: { email: "joe@example.com" } }), 422, "id_reused");
  assert.deepEqual((await contact(shop, id)).json, jane);
  assert.equal(stored(id).length, 1);
  assert.equal(await shop.onHand("a"), 5);
});

test("an order that comes again with what was lost on the way is whole", async () => {
  const shop = await stocked();
  const id = `${shop.id}/1`;
  await place(shop, id);
  assertProblem(await contact(shop, id), 404, "unknown_contact");
  assert.equal((await place(shop, id, { contact: jane })).status, 200);
  assert.deepEqual((await contact(shop, id)).json, jane);
});

test("of an order that is refused nothing is kept", async () => {
  const shop = await stocked();
  const id = `${shop.id}/1`;
  const many = { contact: jane, lines: [{ sku: "a", quantity: 6 }] };
  assertProblem(await place(shop, id, many), 409, "insufficient_stock");
  assert.deepEqual(stored(id), []);
  for (const [code, bad] of [
    ["bad_email", { email: "jane@" }],
    ["bad_value", { ...jane, lang: "tlh" }],
    ["bad_json", { ...jane, name: "Jane" }],
  ]) {
    const status = code === "bad_json" ? 400 : 422;
    assertProblem(await place(shop, `${id}/${code}`, { contact: bad }), status, code);
    assertProblem(await shop.api(`/v1/orders/${encodeURIComponent(`${id}/${code}`)}`), 404, "unknown_order");
  }
});

test("it outlives a new version of the secret, and nothing is taken without one", async () => {
  const own = await start({ vars: keeping });
  try {
    const shop = await own.newShop();
    await shop.stockUp({ a: 5 });
    await place(shop, "1", { contact: jane });
    await own.restart({ CONTACT_KEYS: contactKeys(2) });
    assert.deepEqual((await contact(shop, "1")).json, jane);
    assert.equal((await place(shop, "1", { contact: jane })).status, 200);
    await own.restart({ CONTACT_KEYS: "" });
    assertProblem(await place(shop, "2", { contact: jane }), 403, "contacts_off");
    assertProblem(await shop.api("/v1/orders/2"), 404, "unknown_order");
    assert.equal((await place(shop, "3")).status, 200);
  } finally {
    await own.stop();
  }
});
