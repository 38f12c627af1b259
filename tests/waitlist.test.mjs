// From a confirmed sign-up to a unit that is kept: who is first in line is offered what comes, by a
// mail whose link says so, and what they do not want goes to the next.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { databases, rows } from "./support/database.mjs";
import { eventually } from "./support/eventually.mjs";
import { linkIn, openInbox } from "./support/inbox.mjs";
import { aMinuteLater, outbox } from "./support/outbox.mjs";
import { assertProblem } from "./support/problem.mjs";
import * as door from "./support/sign-up.mjs";
import * as waiting from "./support/waiting.mjs";
import { demand, receive } from "./support/waiting.mjs";

const inbox = await openInbox({ after });
const backroom = await start({ vars: inbox.vars });
after(() => backroom.stop());

const waits = (shop, fields) => waiting.waits(backroom, inbox, shop, fields);
const mailTo = (email, page) => waiting.mailWith(inbox, email, page);
const press = (page, fields) => waiting.press(backroom, page, fields);

/** What is free to be sold. */
const free = async (shop) => (await shop.levels(door.skuOf(shop))).main.available;

test("what comes is kept for the first in line, and what they pass on for the next", async () => {
  const shop = await door.opened(backroom, {
    waitlist: { window_seconds: 3_600 },
    name: "Mugs & Co",
    color: "#0a7d55",
    checkout_url: "https://shop.example/buy?sku={sku}&n={quantity}&hold={hold}",
  });
  const [ann, bob] = [await waits(shop), await waits(shop)];
  await receive(shop, 1);
  assert.equal(await free(shop), 0);
  const mail = await mailTo(ann, "claim");
  assert.match(mail.subject, /Mug/);
  const link = linkIn(mail, "claim");
  assert.ok(mail.html.includes(link.token));
  assert.match(mail.html, /Mugs &amp; Co/);
  assert.match(mail.html, /#0a7d55/);
  assert.match(mail.from, /^"?Mugs & Co"? </);
  assert.equal(mail.headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");

  // Whoever looks changes nothing.
  for (let n = 0; n < 3; n += 1) {
    const shown = await backroom.ask(link.path);
    assert.equal(shown.status, 200, shown.text);
    assert.ok(shown.text.includes(`data-buy="https://shop.example/mug?red#backroom-claim=${link.token}"`), shown.text);
    const hold = link.token.split("_")[3];
    const sku = encodeURIComponent(door.skuOf(shop));
    assert.ok(shown.text.includes(`href="https://shop.example/buy?sku=${sku}&amp;n=1&amp;hold=${hold}"`), shown.text);
    assert.match(shown.text, /<time datetime="[^"]+Z">/);
    assert.match(shown.header("content-security-policy"), /script-src 'nonce-[0-9a-f]+'; img-src https:/);
  }
  assert.equal((await press("claim", { token: link.token, action: "look" })).status, 200);
  assert.deepEqual(await demand(shop), { waiting: 1, offered: 1 });
  assert.equal(inbox.to(bob).length, 1);

  const passed = await press("claim", { token: link.token, action: "pass" });
  assert.equal(passed.status, 200);
  assert.ok(!passed.text.includes("<form"), passed.text);
  const next = linkIn(await mailTo(bob, "claim"), "claim");
  assert.deepEqual(await demand(shop), { offered: 1, declined: 1 });

  // Bought: the place's id is the hold's.
  const [, , , id] = next.token.split("_");
  const order = await shop.api("/v1/orders", { body: { id: "bob's", hold: id } });
  assert.equal(order.status, 200, order.text);
  assert.deepEqual(await demand(shop), { taken: 1, declined: 1 });
  const after = await backroom.ask(next.path);
  assert.ok(after.status === 200 && !after.text.includes("#backroom-claim"), after.text);
  assert.equal(inbox.to(ann).length + inbox.to(bob).length, 4);
});

test("who ends their sign-up has no place, and what was kept for them goes to the next", async () => {
  const shop = await door.opened(backroom);
  const [ann, bob, cem] = [await waits(shop), await waits(shop), await waits(shop)];
  const end = async (email, page) => {
    const { token } = linkIn(await mailTo(email, page), "unsubscribe");
    assert.equal((await press("unsubscribe", { token })).status, 200);
  };
  await end(ann, "confirm");
  await eventually(async () => assert.deepEqual(await demand(shop), { waiting: 2, left: 1 }));
  await receive(shop, 1);
  await mailTo(bob, "claim");
  await end(bob, "claim");
  await mailTo(cem, "claim");
  assert.deepEqual(await demand(shop), { offered: 1, left: 1, declined: 1 });
  assert.equal(inbox.to(ann).length, 1);
});

test("in a mirror who waits is told, and no word says that a unit is kept", async () => {
  const shop = await door.opened(backroom, { mode: "mirror" });
  const [ann, bob] = [await waits(shop), await waits(shop)];
  await receive(shop, 1);
  await eventually(() => assert.equal(outbox(backroom, shop).length, 1));
  await aMinuteLater(backroom, shop);
  const mail = await eventually(() => {
    const [, back] = inbox.to(ann);
    assert.ok(back);
    return back;
  });
  assert.ok(mail.text.includes("Mug") && !/kept|keep|claim|reserved/i.test(mail.text), mail.text);
  assert.deepEqual(await demand(shop), { waiting: 1, told: 1 });
  assert.equal(inbox.to(bob).length, 1);
});

test("that something is back is not said while it is gone again", async () => {
  const shop = await door.opened(backroom, { mode: "mirror" });
  const ann = await waits(shop);
  await receive(shop, 2);
  await eventually(() => assert.equal(outbox(backroom, shop).length, 1));
  assert.equal((await shop.command("sold", { [door.skuOf(shop)]: 2 })).status, 200);
  await aMinuteLater(backroom, shop);
  await eventually(() => {
    const [{ state, attempts, error }] = outbox(backroom, shop);
    assert.deepEqual({ state, attempts, error }, { state: "waiting", attempts: 0, error: "gone" });
  });
  assert.equal(inbox.to(ann).length, 1, "what asked whether it was she");
  await receive(shop, 3);
  await aMinuteLater(backroom, shop);
  await eventually(() => assert.equal(inbox.to(ann).length, 2));
});

test("a place that is joined while everything dies is joined once, and hears of its unit once", async () => {
  const own = await start({ vars: inbox.vars });
  try {
    const shop = await door.opened(own);
    const email = waiting.somebody();
    assert.equal((await door.signUp(own, shop, { email, lang: "en" })).status, 202);
    const { token } = linkIn(await mailTo(email, "confirm"), "confirm");
    await own.ask("/v1/confirm", { body: new URLSearchParams({ token }) });
    await own.kill9();
    await own.restart();
    await receive(shop, 2);
    await own.kill9();
    await own.restart();
    // Whatever comes next wakes the objects.
    await shop.api("/v1/messages?state=dead");
    await mailTo(email, "claim");
    await eventually(async () => {
      assert.deepEqual(await demand(shop), { offered: 1 });
      const left = databases(own, "Outreach").flatMap((file) => rows(file, "SELECT * FROM messages"));
      assert.deepEqual(left, []);
    });
    assert.equal(await free(shop), 1);
  } finally {
    await own.stop();
  }
});

test("a product's page hears what is kept, in its language, and what has become of it", async () => {
  const shop = await door.opened(backroom, { waitlist: { window_seconds: 3_600, smaller: true } });
  const [ann, bob] = [await waits(shop, { quantity: "2" }), await waits(shop)];
  await receive(shop, 2);
  const { token } = linkIn(await mailTo(ann, "claim"), "claim");
  const state = async (token, lang) => {
    const answer = await backroom.ask(`/v1/claim/state?token=${token}&lang=${lang}`);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.header("access-control-allow-origin"), "*");
    assert.equal(answer.header("access-control-allow-credentials"), null);
    assert.equal(answer.header("cache-control"), "no-store");
    return answer.json;
  };
  for (const [lang, said, until, button] of [
    ["de-AT", "Für Sie zurückgelegt", /^Bis zum \d+\. \S+ \d{4} um \d\d:\d\d\u00a0\w+$/, "Kaufen"],
    ["ja", "お取り置き中", /\d{4}年/, "購入する"],
    // Not spoken here: the shop's own.
    ["tlh", "Kept for you", /^Until \d+ \w+ \d{4} at /, "Buy it"],
  ]) {
    const { expires_at, words, ...claim } = await state(token, lang);
    const hold = token.split("_")[3];
    assert.deepEqual(claim, { sku: door.skuOf(shop), quantity: 2, state: "kept", hold });
    assert.deepEqual({ ...words, until: undefined }, { said, units: "2 × \u2068Mug\u2069", button, until: undefined });
    assert.match(words.until, until);
    const left = Date.parse(expires_at) - Date.now();
    assert.ok(left > 3_500_000 && left <= 3_600_000, expires_at);
  }
  assert.deepEqual(await demand(shop), { waiting: 1, offered: 1 }, "to look changes nothing");

  assert.equal((await press("claim", { token, action: "pass" })).status, 200);
  const units = "2 × \u2068Mug\u2069";
  const said = "Thank you. The next in the queue can have it now.";
  const ended = { sku: door.skuOf(shop), quantity: 2 };
  assert.deepEqual(await state(token, "en"), { ...ended, state: "passed_on", words: { said, units } });
  const next = linkIn(await mailTo(bob, "claim"), "claim").token;
  const hold = next.split("_")[3];
  assert.equal((await shop.api("/v1/orders", { body: { id: "bob's own", hold } })).status, 200);
  const { state: bought, hold: none, quantity } = await state(next, "en");
  assert.deepEqual([bought, none, quantity], ["taken", undefined, 1]);
});

test("links that are none, or another's, open nothing", async () => {
  for (const token of ["", "wt_x", "ct_shop_1_2_3"]) {
    const shown = await backroom.ask(`/v1/claim?token=${token}`);
    assert.equal(shown.status, 401, shown.text);
    assert.equal((await press("claim", { token, action: "pass" })).status, 401);
    assertProblem(await backroom.ask(`/v1/claim/state?token=${token}`), 401, "token_wrong");
  }
  const bad = { waitlist: { wave: 0 } };
  const shop = await door.opened(backroom);
  assertProblem(await shop.api("/v1/shop", { method: "PATCH", body: bad }), 422, "bad_value");
});
