// What buyers are written about their orders: each change once and the last word of it, to whoever
// left an address, and what they answer. And several SKUs that are back, in one mail.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { databases, rows } from "./support/database.mjs";
import { eventually } from "./support/eventually.mjs";
import { linkIn, openInbox } from "./support/inbox.mjs";
import { aMinuteLater, later, outbox } from "./support/outbox.mjs";
import { assertProblem } from "./support/problem.mjs";
import * as door from "./support/sign-up.mjs";

const inbox = await openInbox({ after });
const backroom = await start({ vars: inbox.vars });
after(() => backroom.stop());

let people = 0;
/** An address that nobody had before. */
const somebody = () => `person-${(people += 1)}@example.com`;

const day = (date) => ({ date, precision: "day" });
const FIRST = day("2099-03-14");

/** A shop that has none of `mug` and of `pan`, and awaits ten of each. */
async function awaiting(settings) {
  const shop = await backroom.newShop({ time_zone: "UTC", locale: "en", origins: [door.ORIGIN], ...settings });
  const skus = ["mug", "pan"].map((name) => `${shop.id}/${name}`);
  await shop.stockUp(skus.map((sku) => ({ sku, title: `Red ${sku.split("/")[1]}`, url: "/it", on_hand: 0 })));
  for (const sku of skus) {
    await shop.api(`/v1/skus/${encodeURIComponent(sku)}`, { method: "PATCH", body: { ahead: { kind: "backorder" } } });
  }
  const lines = skus.map((sku) => ({ sku, quantity: 10, expected: FIRST }));
  const po = await shop.api("/v1/purchase-orders", { body: { id: "po", supplier: "Acme", lines } });
  assert.equal(po.status, 200, po.text);
  return Object.assign(shop, { skus });
}

async function order(shop, id, contact, names = ["mug"]) {
  const lines = shop.skus.filter((sku) => names.some((name) => sku.endsWith(name))).map((sku) => ({ sku, quantity: 2 }));
  const placed = await shop.api("/v1/orders", { body: { id, lines, contact } });
  assert.equal(placed.status, 200, placed.text);
  return placed.json;
}

/** A line of the purchase order slips. */
async function slip(shop, id, date, line = 1) {
  const body = { id, lines: [{ line, expected: day(date) }] };
  const changed = await shop.api("/v1/purchase-orders/po/changes", { body });
  assert.equal(changed.status, 200, changed.text);
}

async function receive(shop, id, line = 1) {
  const received = await shop.api("/v1/purchase-orders/po/receipts", { body: { id, lines: [{ line, quantity: 10 }] } });
  assert.equal(received.status, 200, received.text);
}

/** What the only message says of each line of its order, once it is there and says so: the date, or `ready`. */
const says = (shop, ...expected) =>
  eventually(() => {
    const [message, ...others] = outbox(backroom, shop);
    assert.ok(message && others.length === 0, `${outbox(backroom, shop).length} messages`);
    const said = JSON.parse(message.payload).lines.map(({ news }) => news.moved?.now.date ?? news);
    assert.deepEqual(said, expected);
    return message;
  });

/** What all shops have still to tell of orders. */
const untold = () => databases(backroom, "Shop").flatMap((file) => rows(file, "SELECT * FROM order_notices"));

/** All mails to this address, once there are so many and nothing is left to be sent. */
const mailsTo = (shop, email, count) =>
  eventually(() => {
    assert.deepEqual([inbox.to(email).length, outbox(backroom, shop)], [count, []]);
    return inbox.to(email);
  });

const page = (link) => backroom.ask(link, { headers: { "accept-language": "de" } });
const press = (token, fields) =>
  backroom.ask("/v1/my-order", { headers: { "accept-language": "de" }, body: new URLSearchParams({ token, ...fields }) });

/** What the page's form would send to agree. */
const toAgree = ({ text }) => /name="to" value="([^"]*)"/.exec(text)?.[1].replaceAll("&quot;", '"').replaceAll("&amp;", "&");

/** What a page says, without its markup. */
const said = ({ text }) => text.replace(/<style[^]*?<\/style>|<[^>]+>/g, " ").replace(/\s+/g, " ").trim();

test("who ordered hears once where their promise has moved to, whatever dies on the way", async () => {
  const shop = await awaiting();
  const jane = { email: somebody(), lang: "de" };
  await order(shop, "hers", jane);
  await order(shop, "nobody's");
  await slip(shop, "1", "2099-04-01");
  await backroom.kill9();
  await backroom.restart();
  await shop.api("/v1/orders/hers");
  const first = await says(shop, "2099-04-01");
  assert.deepEqual([first.kind, first.subscriber, first.lang], ["order", null, "de"]);
  await slip(shop, "2", "2099-05-02");
  const second = await says(shop, "2099-05-02");
  assert.equal(second.id, first.id);
  assert.equal(inbox.to(jane.email).length, 0, "it waits for more to say");
  await eventually(() => assert.deepEqual(untold(), []));

  await aMinuteLater(backroom, shop);
  const [mail] = await mailsTo(shop, jane.email, 1);
  assert.equal(mail.subject, "Termin geändert: Red mug");
  for (const text of [mail.text.replaceAll(/\s+/g, " "), mail.html]) {
    assert.ok(text.includes("14. März 2099") && text.includes("2. Mai 2099"), text);
    assert.ok(!text.includes("1. April") && !text.includes("unsubscribe"), text);
  }
  assert.equal(mail.headers["List-Unsubscribe"], undefined);
  // Its link is the buyer's own.
  const link = linkIn(mail, "my-order");
  assert.match(said(await page(link.path)), /Red mug 2 × Versand am 2\. Mai 2099/);
  assert.equal(inbox.mails.filter(({ key }) => key.startsWith(`${shop.id}.`)).length, 1);
});

test("several lines of an order are one mail, and what moves back is none", async () => {
  const shop = await awaiting();
  const email = somebody();
  await order(shop, "hers", { email }, ["mug", "pan"]);
  await slip(shop, "1", "2099-04-01");
  await says(shop, "2099-04-01");
  await slip(shop, "2", "2099-06-01", 2);
  await says(shop, "2099-04-01", "2099-06-01");
  await slip(shop, "3", FIRST.date);
  await says(shop, "2099-06-01");
  await receive(shop, "came", 1);
  await says(shop, "2099-06-01", "ready");
  await aMinuteLater(backroom, shop);
  const [mail] = await mailsTo(shop, email, 1);
  assert.equal(mail.subject, "The date has changed: Red pan");
  assert.match(mail.text, /Red pan[^]*June 2099[^]*Red mug/);
  // Earlier is no news.
  await slip(shop, "4", "2099-02-01", 2);
  await eventually(() => assert.deepEqual([untold(), outbox(backroom, shop)], [[], []]));
  await receive(shop, "all of it", 2);
  await says(shop, "ready");
  await aMinuteLater(backroom, shop);
  const [, ready] = await mailsTo(shop, email, 2);
  assert.match(ready.subject, /: Red pan$/);
});

test("a buyer agrees to what they have seen, or cancels", async () => {
  const shop = await awaiting();
  const { link } = await order(shop, "mine");
  const token = new URLSearchParams(link.split("?")[1]).get("token");
  const line = async () => (await shop.api("/v1/orders/mine")).json.lines[0];
  assert.equal(toAgree(await page(link)), undefined, "nothing has moved");
  await slip(shop, "1", "2099-04-01");
  assert.deepEqual((await line()).moved_from, FIRST);
  const old = toAgree(await page(link));
  assert.deepEqual(JSON.parse(old), { [shop.skus[0]]: day("2099-04-01") });
  for (let n = 0; n < 3; n += 1) await page(link);
  assert.equal((await line()).agreed, undefined, "whoever looks agrees to nothing");

  // It moves again while the page is open.
  await slip(shop, "2", "2099-05-02");
  const stale = await press(token, { action: "agree", to: old });
  assert.deepEqual([stale.status, (await line()).agreed], [409, undefined]);
  assert.match(said(stale), /2 × Versand am 2\. Mai 2099 Bisher: Versand am 14\. März 2099 Der Termin hat sich geändert/);
  const now = toAgree(stale);
  const at = Date.now();
  const pages = await Promise.all([1, 2, 3].map(() => press(token, { action: "agree", to: now })));
  for (const each of pages) {
    assert.equal(each.status, 200, each.text);
    assert.equal(toAgree(each), undefined);
  }
  const { agreed, moved_from } = await line();
  assert.deepEqual([agreed.promised, moved_from], [day("2099-05-02"), undefined]);
  assert.ok(Date.parse(agreed.at) >= at - 1_000 && Date.parse(agreed.at) <= Date.now(), agreed.at);
  // The same once more changes nothing.
  assert.equal((await press(token, { action: "agree", to: now })).status, 200);
  assert.deepEqual((await line()).agreed, agreed);

  await slip(shop, "3", "2099-06-03");
  assert.deepEqual((await line()).moved_from, day("2099-05-02"));
  const cancelled = await press(token, { action: "cancel" });
  assert.deepEqual([cancelled.status, (await line()).cancelled], [200, 2]);
  assert.equal(toAgree(cancelled), undefined);
  for (const bad of [{ action: "agree" }, { action: "agree", to: "{" }, { action: "look" }]) {
    assertProblem(await press(token, bad), 422, "bad_value");
  }
});

test("an order without a contact, and one that nothing has become of, mail nobody", async () => {
  const shop = await awaiting();
  const email = somebody();
  await order(shop, "nobody's");
  await order(shop, "hers", { email }, ["pan"]);
  await slip(shop, "1", "2099-04-01");
  await receive(shop, "came");
  await eventually(async () => assert.equal((await shop.api("/v1/orders/nobody's")).json.state, "ready"));
  await eventually(() => assert.deepEqual(untold(), []));
  assert.deepEqual(outbox(backroom, shop), []);
  await aMinuteLater(backroom, shop);
  assert.deepEqual([outbox(backroom, shop), inbox.to(email)], [[], []]);
  const kept = databases(backroom, "Outreach").flatMap((file) => rows(file, "SELECT order_id FROM order_contacts"));
  assert.ok(!kept.some(({ order_id }) => order_id === "nobody's"));
});

test("in a mirror who waits for several SKUs has one mail of all that came back", async () => {
  const shop = await backroom.newShop({ mode: "mirror", origins: [door.ORIGIN] });
  const skus = ["mug", "pan", "pot"].map((name) => `${shop.id}/${name}`);
  await shop.stockUp(skus.map((sku) => ({ sku, title: `Red ${sku.split("/")[1]}`, url: "/it", on_hand: 0 })));
  const [ann, bob] = [somebody(), somebody()];
  for (const [email, sku] of [[ann, skus[0]], [ann, skus[1]], [ann, skus[2]], [bob, skus[0]]]) {
    const known = inbox.to(email).length;
    const answer = await door.signUp(backroom, shop, { email, lang: "en", sku });
    assert.equal(answer.status, 202, answer.text);
    // An address is asked once in ten minutes, however much it asks for.
    if (known > 0) await later(backroom, 600_000, [shop]);
    const mail = await eventually(() => {
      assert.equal(inbox.to(email).length, known + 1);
      return inbox.to(email)[known];
    });
    const { token } = linkIn(mail, "confirm");
    assert.equal((await backroom.ask("/v1/confirm", { body: new URLSearchParams({ token }) })).status, 200);
  }
  await eventually(async () => {
    const { waitlists } = (await shop.api("/v1/waitlists")).json;
    assert.deepEqual(waitlists.map(({ waiting }) => waiting.places), [2, 1, 1]);
  });
  for (const sku of skus) {
    const body = { id: `receipt of ${sku}`, type: "receive", lines: [{ sku, quantity: 5 }] };
    assert.equal((await shop.api("/v1/commands", { body })).status, 200);
  }
  await eventually(() => assert.equal(outbox(backroom, shop).length, 4));
  // One of them she does not want any more: that alone goes out.
  const [pot] = outbox(backroom, shop).filter(({ payload }) => JSON.parse(payload).sku === skus[2]);
  const signUp = inbox.to(ann)[2];
  const { token } = linkIn(signUp, "unsubscribe");
  assert.equal((await backroom.ask("/v1/unsubscribe", { body: new URLSearchParams({ token }) })).status, 200);
  assert.ok(!outbox(backroom, shop).some(({ id }) => id === pot.id));

  await aMinuteLater(backroom, shop);
  const mails = await mailsTo(shop, ann, 4);
  const digest = mails.at(-1);
  assert.match(digest.subject, /Red mug/);
  assert.ok(digest.text.includes("Red mug") && digest.text.includes("Red pan"), digest.text);
  assert.ok(!digest.text.includes("Red pot") && !/kept|keep|claim|reserved/i.test(digest.text), digest.text);
  const [, single] = await mailsTo(shop, bob, 2);
  assert.ok(single.text.includes("Red mug") && !single.text.includes("Red pan"), single.text);
});
