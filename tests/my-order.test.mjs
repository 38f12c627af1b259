// A buyer's own order, by the link that the shop sends them: read, and cancelled as far as it has not
// come.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { trusting } from "./support/page-api.mjs";
import { level } from "./support/shop.mjs";

const backroom = await start({ vars: trusting });
after(() => backroom.stop());

/** A shop whose order `mine` has one unit that is there and waits for three, and its link. */
async function waiting(settings) {
  const shop = await backroom.newShop({ time_zone: "UTC", locale: "de", ...settings });
  await shop.stockUp([{ sku: "a", title: "Becher <b>&", on_hand: 1 }]);
  await shop.api("/v1/skus/a", { method: "PATCH", body: { ahead: { kind: "backorder" } } });
  const expected = { date: "2099-03-14", precision: "day" };
  const lines = [{ sku: "a", quantity: 10, expected }];
  await shop.api("/v1/purchase-orders", { body: { id: "po", supplier: "Acme", lines } });
  const order = await shop.api("/v1/orders", { body: { id: "mine", lines: [{ sku: "a", quantity: 4 }] } });
  assert.equal(order.status, 200, order.text);
  return { shop, link: order.json.link, token: new URLSearchParams(order.json.link.split("?")[1]).get("token") };
}

const page = (link, language = "") => backroom.ask(link, { headers: { "accept-language": language } });
const cancel = (token) => backroom.ask("/v1/my-order", { body: new URLSearchParams({ token }) });

/** What a page says, without its markup. */
const said = ({ text }) => text.replace(/<style[^]*?<\/style>|<[^>]+>/g, " ").replace(/\s+/g, " ").trim();

test("the buyer reads their order, in their language or the shop's", async () => {
  const { link } = await waiting();
  const german = await page(link);
  assert.equal(german.status, 200, german.text);
  assert.match(said(german), /Ihre Bestellung Becher &lt;b&gt;&amp; 1 × Bereit zum Versand 3 × Versand am 14\. März 2099/);
  assert.match(german.header("content-security-policy"), /default-src 'none'.*form-action 'self'/);
  assert.equal(german.header("referrer-policy"), "no-referrer");
  assert.match(said(await page(link, "fr-CH, fr;q=0.9")), /Votre commande .* Prêt à être expédié 3 × Expédition le 14 mars 2099/);
  assert.match((await page(link, "he")).text, /<html lang="he" dir="rtl">/);
});

test("a date that moves is on the page at once", async () => {
  const { shop, link } = await waiting();
  const expected = { date: "2099-05-01", precision: "month" };
  const body = { id: "slip", lines: [{ line: 1, expected }] };
  assert.equal((await shop.api("/v1/purchase-orders/po/changes", { body })).status, 200);
  assert.match(said(await page(link)), /3 × Versand im Mai 2099/);
});

test("a buyer cancels what has not come, once, and reading cancels nothing", async () => {
  const { shop, link, token } = await waiting();
  for (let n = 0; n < 5; n += 1) await page(link);
  const order = async () => (await shop.api("/v1/orders/mine")).json;
  assert.equal((await order()).lines[0].cancelled, 0);
  const pages = await Promise.all([cancel(token), cancel(token), cancel(token)]);
  for (const each of pages) {
    assert.equal(each.status, 200, each.text);
    assert.match(said(each), /1 × Bereit zum Versand 3 × Storniert$/);
    assert.doesNotMatch(each.text, /<form/);
  }
  const { state, lines } = await order();
  assert.deepEqual([state, lines[0].ready, lines[0].cancelled], ["ready", 1, 3]);
  const { main } = await shop.levels("a");
  assert.deepEqual(main, level("a", { on_hand: 1, committed: 1 }));
  const po = (await shop.api("/v1/purchase-orders/po")).json;
  assert.equal(po.lines[0].promised, 0);
});

test("another link opens nothing, and says so as a page", async () => {
  const { token } = await waiting();
  const other = await waiting();
  const [, shop, expiry, order, signature] = token.split("_");
  for (const forged of [
    "",
    "ot_",
    ["ot", other.shop.id, expiry, order, signature].join("_"),
    ["ot", shop, "9999999999999", order, signature].join("_"),
    ["ot", shop, expiry, Buffer.from("theirs").toString("hex"), signature].join("_"),
    token.replace("ot_", "bt_"),
  ]) {
    for (const answer of [await page(`/v1/my-order?${new URLSearchParams({ token: forged })}`, "de"), await cancel(forged)]) {
      assert.equal(answer.status, 401, forged);
      assert.match(answer.header("content-type"), /^text\/html/);
    }
  }
  assert.match(said(await page("/v1/my-order?token=x", "de")), /Dieser Link gilt nicht mehr/);
});
