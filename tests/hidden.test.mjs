// What is hidden: by hand, by product, and by the rule for what is out without a date.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertRefused } from "./support/problem.mjs";

const backroom = await start();
after(() => backroom.stop());

const patch = (body) => ({ method: "PATCH", body });

/** All that is published of a hidden SKU. */
const assertHidden = (shop, sku) =>
  eventually(async () => {
    const { version, changed_at, ...rest } = await shop.snapshot(sku);
    assert.deepEqual(rest, { sku, title: "", state: "hidden" });
  });

const assertShown = (shop, sku, state) =>
  eventually(async () => assert.equal((await shop.snapshot(sku)).state, state));

const MUGS = ["red", "blue"].map((colour) => ({
  sku: `mug/${colour}`,
  product_id: "mugs/1",
  title: "Retrospot mug",
  options: colour,
  price: "4.50",
  url: "/mug.html",
  on_hand: 3,
}));

test("of a SKU that is hidden shoppers see nothing", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp(MUGS);
  const { version } = await shop.snapshot("mug/red");
  const hide = await shop.api("/v1/skus/mug%2Fred", patch({ hidden: true }));
  assert.equal(hide.status, 200, hide.text);
  await assertHidden(shop, "mug/red");
  assert.ok((await shop.snapshot("mug/red")).version > version);
  await assertShown(shop, "mug/blue", "low");
  const html = (await shop.fragment("mug/red")).text;
  assert.match(html, /data-state="hidden"/);
  assert.doesNotMatch(html.split("</style>")[1], /Retrospot|4\.50|mug\.html/);
  // It is sold all the same: whoever has it in a cart may buy it.
  assert.equal((await shop.command("sell", { "mug/red": 1 })).status, 200);
  await shop.api("/v1/skus/mug%2Fred", patch({ hidden: false }));
  await assertShown(shop, "mug/red", "low");
  assert.equal((await shop.snapshot("mug/red")).title, "Retrospot mug");
});

test("a product is hidden with all its variants", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp(MUGS);
  const product = "/v1/products/mugs%2F1";
  assert.equal((await shop.api(product, patch({ hidden: true }))).status, 204);
  for (const { sku } of MUGS) await assertHidden(shop, sku);
  assert.equal((await shop.api(product, patch({ hidden: false }))).status, 204);
  for (const { sku } of MUGS) await assertShown(shop, sku, "low");
  const unknown = () => shop.api("/v1/products/cups", patch({ hidden: true }));
  await assertRefused(shop, 404, "not_found", unknown);
  for (const body of [{}, { hidden: "yes" }, { hidden: true, surprise: 1 }]) {
    await assertRefused(shop, 400, "bad_json", () => shop.api(product, patch(body)));
  }
});

test("a shop may hide what is out without a date", async () => {
  const shop = await backroom.newShop({ hide_undated: true });
  await shop.stockUp([
    { sku: "a", title: "A", on_hand: 1 },
    { sku: "b", title: "B", on_hand: 1, restock_date: "2099-01-01", precision: "day" },
  ]);
  await shop.command("sell", { a: 1, b: 1 });
  await assertHidden(shop, "a");
  await assertShown(shop, "b", "out");
  await shop.command("receive", { a: 1 });
  await assertShown(shop, "a", "low");
  // What is only held may come back at any moment.
  await shop.hold({ a: 1 });
  await assertShown(shop, "a", "all_held");
  await shop.command("sold", { a: 1 });
  await shop.api("/v1/shop", patch({ hide_undated: false }));
  await assertShown(shop, "a", "all_held");
});
