// A sign-up where the operator has set up Turnstile: what is asked of it, and what is refused.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { assertProblem } from "./support/problem.mjs";
import * as door from "./support/sign-up.mjs";
import { openTurnstile } from "./support/turnstile.mjs";

const turnstile = await openTurnstile({ after });
const backroom = await start({ vars: { ...door.keeping, ...turnstile.vars } });
after(() => backroom.stop());

const SAID = "One moment: we make sure that this was not sent by a robot.";
const NOT_NOW = "This cannot be taken just now. Please try again later.";
const HTML = { accept: "text/html" };

const opened = (settings) => door.opened(backroom, settings);
const stored = (shop) => door.stored(backroom, shop);
const signUp = (shop, fields, headers) => door.signUp(backroom, shop, fields, headers);

test("a token signs up once, and only what was given here for this", async () => {
  const shop = await opened();
  const challenge = turnstile.token(shop);
  const before = turnstile.asked.length;
  assert.equal((await signUp(shop, { challenge })).status, 202);
  const { TURNSTILE_SECRET: secret } = turnstile.vars;
  assert.deepEqual(turnstile.asked.slice(before), [{ secret, response: challenge }]);
  assert.equal(stored(shop).length, 1);
  const other = { email: "other@example.com" };
  for (const [wrong, detail] of [
    [challenge, /older than 5 minutes, or came before/],
    ["0.nobodys", /does not know it/],
    [turnstile.token(shop, { hostname: "evil.example" }), /another host/],
    [turnstile.token(shop, { action: "login" }), /another purpose/],
    [turnstile.token({ id: "another" }), /another shop/],
    ["x".repeat(2_049), /at most 2048 bytes/],
  ]) {
    const refused = await signUp(shop, { ...other, challenge: wrong });
    const problem = assertProblem(refused, 403, "challenge_failed");
    assert.match(problem.detail, detail);
    assert.equal(problem.said, NOT_NOW);
  }
  assert.equal(stored(shop).length, 1);
});

test("without one it is asked for, and Cloudflare is not", async () => {
  const shop = await opened();
  const before = turnstile.asked.length;
  for (const challenge of [undefined, ""]) {
    const problem = assertProblem(await signUp(shop, { challenge }), 403, "challenge_needed");
    assert.equal(problem.said, SAID);
  }
  assert.equal(turnstile.asked.length, before);
  assert.deepEqual(stored(shop), []);
});

test("what is refused for another reason uses up no token", async () => {
  const shop = await opened();
  const challenge = turnstile.token(shop);
  for (const [fields, status, code] of [
    [{ email: "jane" }, 422, "bad_email"],
    [{ consent: "no" }, 422, "no_consent"],
    [{ quantity: "0" }, 422, "bad_value"],
    [{ sku: "nothing" }, 404, "unknown_sku"],
  ]) {
    assertProblem(await signUp(shop, { ...fields, challenge }), status, code);
  }
  assertProblem(await signUp(shop, { challenge }, { origin: "https://evil.example" }), 403, "origin_not_allowed");
  assert.equal((await signUp(shop, { challenge })).status, 202);
});

test("while nobody can say whether one is good, nothing is taken", async (t) => {
  t.after(() => (turnstile.answer = "say"));
  const shop = await opened();
  for (const answer of ["break", "garbage", "hang"]) {
    turnstile.answer = answer;
    const refused = await signUp(shop, { challenge: turnstile.token(shop) });
    const problem = assertProblem(refused, 503, "try_again");
    assert.equal(problem.said, NOT_NOW);
    assert.ok(Number(refused.header("retry-after")) > 0);
  }
  assert.deepEqual(stored(shop), []);
});

test("a form without scripts is answered with a page that asks, and sends all of it again", async () => {
  const from = "https://www.shop.example";
  const shop = await opened({ origins: [door.ORIGIN, from] });
  const fields = { email: "\"><b>@example.com", quantity: "3", marketing: "yes", lang: "de" };
  assertPage(await signUp(shop, fields, { ...HTML, origin: from }), 422, "keine E-Mail-Adresse");
  const asks = await signUp(shop, { ...fields, email: "jane+a&b@example.com" }, { ...HTML, origin: from });
  assertPage(asks, 403, "Wir prüfen, dass dies kein Roboter geschickt hat.");
  const sent = [...asks.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)];
  assert.deepEqual(
    sent.map(([, name, value]) => [name, value.replaceAll("&amp;", "&")]),
    [
      ["shop", shop.id],
      ["sku", door.skuOf(shop)],
      ["email", "jane+a&b@example.com"],
      ["quantity", "3"],
      ["consent", "yes"],
      ["marketing", "yes"],
      ["lang", "de"],
      ["from", "https://www.shop.example"],
      ["challenge", ""],
    ],
  );
  assert.match(asks.text, /<noscript><p>Dafür werden Skripte/);
  assert.match(asks.text, /<a href="https:\/\/www\.shop\.example\/mug\?red">/);
  const policy = asks.header("content-security-policy");
  assert.match(policy, /script-src 'nonce-[0-9a-f]{32}' 'strict-dynamic'/);
  assert.match(policy, new RegExp(`frame-src ${turnstile.url}$`));
  assert.match(policy, /frame-ancestors 'none'/);
  // From that page it comes with our own origin.
  const own = { ...HTML, origin: backroom.url };
  assertPage(await signUp(shop, { ...fields, from, challenge: "0.nobodys" }, own), 422, "E-Mail");
  const wrong = { email: "jane@example.com", from, challenge: "0.nobodys" };
  const refused = await signUp(shop, wrong, own);
  assertPage(refused, 403, NOT_NOW);
  const strangers = await signUp(shop, { ...wrong, from: "https://evil.example" }, own);
  assertPage(strangers, 403, NOT_NOW);
  assert.ok(!strangers.text.includes("evil"), "nobody is led there");
  assert.ok(!refused.text.includes("<form"), "it would be sent for ever");
  assert.deepEqual(stored(shop), []);
  const right = { email: "jane@example.com", from, challenge: turnstile.token(shop) };
  const taken = await signUp(shop, right, own);
  assertPage(taken, 202, "Please check your mail");
  assert.match(taken.text, /<a href="https:\/\/www\.shop\.example\/mug\?red">/);
  assert.equal(stored(shop).length, 1);
});

test("its page stands in the shop's pages, and in no others", async () => {
  const origins = ["https://shop.example", "https://www.shop.example"];
  const shop = await opened({ origins, locale: "fr" });
  const framed = (query) => backroom.ask(`/v1/challenge?${new URLSearchParams(query)}`);
  const page = await framed({ shop: shop.id, lang: "ja" });
  assertPage(page, 200, "<html lang=\"ja\"");
  const policy = page.header("content-security-policy");
  assert.match(policy, new RegExp(`frame-ancestors ${origins.join(" ")}(;|$)`));
  assert.match((await framed({ shop: shop.id })).text, /<html lang="fr"/);
  assertProblem(await framed({ shop: "nobody" }), 404, "unknown_shop");
  assertProblem(await framed({}), 400, "bad_parameter");
  assertProblem(await framed({ shop: shop.id, lang: "xx" }), 400, "bad_parameter");
  const closed = await opened({ origins: [] });
  const nobodys = await framed({ shop: closed.id });
  assert.match(nobodys.header("content-security-policy"), /frame-ancestors 'none'/);
});

test("half of it is none: no sign-up is taken, and the answer says what is missing", async () => {
  const { TURNSTILE_URL, TURNSTILE_SITE_KEY, TURNSTILE_SECRET } = turnstile.vars;
  for (const [vars, missing] of [
    [{ TURNSTILE_URL, TURNSTILE_SITE_KEY }, "no secret TURNSTILE_SECRET"],
    [{ TURNSTILE_URL, TURNSTILE_SECRET }, "no variable TURNSTILE_SITE_KEY"],
  ]) {
    const half = await start({ vars: { ...door.keeping, ...vars } });
    try {
      const shop = await door.opened(half);
      const refused = await door.signUp(half, shop, { challenge: turnstile.token(shop) });
      assert.ok(assertProblem(refused, 403, "notify_off").detail.includes(missing), refused.text);
      assert.deepEqual(door.stored(half, shop), []);
    } finally {
      await half.stop();
    }
  }
});

test("a secret that is another's is the operator's to see, and no shopper's fault", async () => {
  const wrong = await start({ vars: { ...door.keeping, ...turnstile.vars, TURNSTILE_SECRET: "0x" } });
  try {
    const shop = await door.opened(wrong);
    const refused = await door.signUp(wrong, shop, { challenge: turnstile.token(shop) });
    assertProblem(refused, 503, "try_again");
    assert.ok(!refused.text.includes("TURNSTILE"), refused.text);
  } finally {
    await wrong.stop();
  }
});

function assertPage(answer, status, said) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.header("content-type"), "text/html; charset=utf-8");
  assert.ok(answer.text.includes(said), answer.text);
}
