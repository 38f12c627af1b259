// Asking to be told when something is back: what is stored of it, and what is answered.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { change, databases, rows } from "./support/database.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertProblem } from "./support/problem.mjs";
import * as door from "./support/sign-up.mjs";

const backroom = await start({ vars: door.keeping });
after(() => backroom.stop());

const DAY_MS = 24 * 60 * 60 * 1_000;
const THANKS = { said: "Please check your mail and confirm there: then we will write when it is back." };
const ADDRESS = "Jane.Unmistakable@Büro.Example";

const opened = (settings) => door.opened(backroom, settings);
const stored = (shop) => door.stored(backroom, shop);
const signUp = (shop, fields, headers) => door.signUp(backroom, shop, fields, headers);

function assertTaken(answer, said = THANKS) {
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.header("content-type"), "application/json");
  assert.equal(answer.header("cache-control"), "no-store");
  assert.equal(answer.header("access-control-allow-origin"), "*");
  assert.deepEqual(answer.json, said);
}

test("a sign-up is stored, unconfirmed", async () => {
  const shop = await opened();
  const before = Date.now();
  const fields = { email: ` ${ADDRESS} `, quantity: "12", marketing: "yes", lang: "fr-CA" };
  const answer = await signUp(shop, fields);
  const said = "Merci de consulter vos e-mails et d’y confirmer\u{a0}: nous vous écrirons ensuite dès le retour du produit.";
  assertTaken(answer, { said });
  const [{ hash, address, made_at, consented_at, expires_at, subscriber, asked_at, ...row }, ...others] =
    stored(shop);
  assert.equal(others.length, 0);
  const plain = { key: 1, quantity: 12, lang: "fr", marketing: 1 };
  const kept = { id: 1, sku: door.skuOf(shop), consent_text: 1, state: "unconfirmed", confirmed_at: null };
  assert.deepEqual({ ...row }, { ...kept, ...plain });
  assert.ok(made_at >= before && made_at <= Date.now());
  assert.deepEqual([consented_at, expires_at, asked_at], [made_at, made_at + 30 * DAY_MS, made_at]);
  assert.match(subscriber, /^[0-9a-f]{32}$/);
  assert.equal(door.addressOf({ key: 1, address }, shop), ADDRESS);
  const normal = "Jane.Unmistakable@xn--bro-hoa.example";
  assert.deepEqual(Buffer.from(hash), door.hashOf(1, shop, normal));
});

test("the same again is one sign-up, and the same answer", async () => {
  const shop = await opened();
  const first = await signUp(shop, { email: "jane@example.com", lang: "de" });
  const [{ made_at }] = stored(shop);
  const again = await signUp(shop, { email: "jane@EXAMPLE.com", lang: "de", quantity: "3" });
  assert.deepEqual([again.status, again.text], [first.status, first.text]);
  const headers = (answer) => [...answer.headers.keys()].toSorted();
  assert.deepEqual(headers(again), headers(first));
  const [row, ...others] = stored(shop);
  assert.equal(others.length, 0);
  assert.deepEqual([row.id, row.quantity, row.marketing, row.made_at], [1, 3, 0, made_at]);
  // Another SKU, another mailbox and another shop are others.
  await shop.stockUp([{ sku: `${shop.id}/cup`, on_hand: 0 }]);
  assertTaken(await signUp(shop, { sku: `${shop.id}/cup` }));
  assertTaken(await signUp(shop, { email: "Jane@example.com" }));
  const other = await opened();
  assertTaken(await signUp(other, {}));
  assert.deepEqual([stored(shop).length, stored(other).length], [3, 1]);
  assert.notDeepEqual(stored(other)[0].hash, stored(shop)[0].hash);
});

test("each refusal has its name and a sentence, and nothing is stored", async () => {
  const shop = await opened({ locale: "nl" });
  const hidden = `${shop.id}/hidden`;
  await shop.stockUp([{ sku: hidden, on_hand: 1 }]);
  await shop.api(`/v1/skus/${encodeURIComponent(hidden)}`, { method: "PATCH", body: { hidden: true } });
  await eventually(async () => assert.equal((await shop.snapshot(hidden)).state, "hidden"));
  assertTaken(await signUp(shop, { lang: "en" }));
  const before = stored(shop);
  const notNow = "Dit lukt nu even niet. Probeer het later opnieuw.";
  const noEmail = "Dit lijkt geen e-mailadres te zijn. Controleer het alstublieft.";
  const noConsent = "Vink alstublieft aan dat we u over dit product mogen schrijven.";
  for (const [status, code, said, fields, headers] of [
    [422, "bad_email", noEmail, { email: "jane@example" }],
    [422, "bad_email", noEmail, { email: "jane@example.com\r\nbcc: john@example.com" }],
    [422, "bad_email", noEmail, { email: undefined }],
    [422, "bad_email", noEmail, { email: `${"j".repeat(64)}@${"a.".repeat(96)}com` }],
    [422, "no_consent", noConsent, { consent: undefined }],
    [422, "no_consent", noConsent, { consent: "no" }],
    [422, "no_consent", noConsent, { consent: undefined, marketing: "yes" }],
    [422, "bad_value", notNow, { quantity: "0" }],
    [422, "bad_value", notNow, { quantity: "1001" }],
    [422, "bad_value", notNow, { sku: "" , lang: "nl" }],
    [422, "bad_value", notNow, { shop: undefined, lang: "nl" }],
    [413, "body_too_large", undefined, { more: "x".repeat(6_144) }],
    [404, "unknown_shop", notNow, { shop: "nobody", lang: "nl" }],
    [404, "unknown_sku", notNow, { sku: "nothing" }],
    [404, "unknown_sku", notNow, { sku: hidden }],
    [403, "origin_not_allowed", notNow, {}, { origin: undefined }],
    [403, "origin_not_allowed", notNow, {}, { origin: "null" }],
    [403, "origin_not_allowed", notNow, {}, { origin: "https://evil.example" }],
    [403, "notify_off", notNow, {}, { "x-client": undefined }],
  ]) {
    const problem = assertProblem(await signUp(shop, fields, headers), status, code);
    // The language of a form that is too long is not known.
    assert.equal(problem.said, said ?? "This cannot be taken just now. Please try again later.");
  }
  const asJson = { method: "POST", body: { shop: shop.id }, headers: { origin: door.ORIGIN } };
  assertProblem(await backroom.ask("/v1/notify", asJson), 422, "bad_value");
  assertProblem(await backroom.ask("/v1/notify"), 405, "method_not_allowed");
  assert.deepEqual(stored(shop), before);
});

test("a form without scripts is answered with a page", async () => {
  const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  const shop = await opened({ locale: "he" });
  const german = await signUp(shop, { lang: "de" }, { accept });
  const thanks = "Bitte sehen Sie in Ihr E-Mail-Postfach und bestätigen Sie dort: Dann schreiben wir Ihnen, sobald der Artikel wieder da ist.";
  assertPage(german, 202, '<html lang="de" dir="ltr" data-taken>', thanks, "Zurück zum Shop");
  const hebrew = await signUp(shop, { consent: undefined, lang: "xx" }, { accept });
  const tick = "נא לסמן הסכמה לקבלת הודעות על המוצר הזה.";
  assertPage(hebrew, 422, '<html lang="he" dir="rtl">', tick, "חזרה לחנות");
  // Nobody is led to a site that is none of the shop's.
  const stranger = await signUp(shop, {}, { accept, origin: "https://evil.example" });
  assert.equal(stranger.status, 403);
  assert.doesNotMatch(stranger.text, /<a |evil/);
  const outside = await opened({ url: "https://elsewhere.example/\"><script>" });
  const led = await signUp(outside, { lang: "en" }, { accept });
  assert.match(led.text, /href="https:\/\/elsewhere\.example\/&quot;&gt;&lt;script&gt;"/);
});

function assertPage(answer, status, html, sentence, link) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.header("content-type"), "text/html; charset=utf-8");
  assert.equal(answer.header("cache-control"), "no-store");
  assert.equal(answer.header("referrer-policy"), "no-referrer");
  const policy = answer.header("content-security-policy");
  const [, nonce] = /^default-src 'none'; style-src 'nonce-([0-9a-f]{32})'; /.exec(policy);
  for (const part of [
    html,
    `<style nonce="${nonce}">`,
    `<title>${sentence}</title>`,
    `<p>${sentence}</p>`,
    `<a href="${door.ORIGIN}/mug?red">${link}</a>`,
  ]) {
    assert.ok(answer.text.includes(part), `${part} in ${answer.text}`);
  }
  assert.doesNotMatch(answer.text, /<script| style=/);
}

test("a network signs up thirty times an hour", async () => {
  const shop = await opened();
  const from = (client, fields, more) => signUp(shop, fields, { "x-client": client, ...more });
  for (let n = 0; n < 30; n += 1) {
    // The same again counts as much.
    assertTaken(await from(`2001:db8:1:2::${n}`, { email: `jane${n % 7}@example.com` }));
  }
  const before = stored(shop);
  assert.equal(before.length, 7);
  for (const email of ["jane0@example.com", "new@example.com"]) {
    const refused = await from("2001:db8:1:2::ffff", { email, lang: "it" });
    const { said } = assertProblem(refused, 429, "too_many_sign_ups");
    assert.equal(said, "Troppe richieste in una volta. La preghiamo di riprovare più tardi.");
    const seconds = Number(refused.header("retry-after"));
    assert.ok(seconds > 3_500 && seconds <= 3_600, `${seconds} s`);
  }
  const page = await from("2001:db8:1:2::1", {}, { accept: "text/html" });
  assert.equal(page.status, 429);
  assert.ok(Number(page.header("retry-after")) > 3_500);
  assert.deepEqual(stored(shop), before);
  assertTaken(await from("2001:db8:1:3::1", {}));
  assertTaken(await signUp(await opened(), {}, { "x-client": "2001:db8:1:2::1" }));
});

/** All bytes that lie in a folder. */
function bytes(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))));
}

test("of an address nothing is written that can be read without the secret", async (t) => {
  const own = await start({ vars: door.keeping });
  t.after(() => own.stop());
  const shop = await door.opened(own);
  const send = (fields, headers) => door.signUp(own, shop, { email: ADDRESS, ...fields }, headers);
  assertTaken(await send({}));
  assertProblem(await send({ consent: undefined }), 422, "no_consent");
  assertProblem(await send({ email: `${ADDRESS}@` }), 422, "bad_email");
  assertProblem(await send({}, { origin: "null" }), 403, "origin_not_allowed");
  await eventually(() => assert.match(own.log, /origin_not_allowed/));
  assert.match(own.log, /POST \/v1\/notify.*bad_email/);
  const assertNowhere = (text) => {
    for (const part of [/unmistakable/i, /xn--bro-hoa/i, /b\u{fc}ro/iu]) assert.doesNotMatch(text, part);
  };
  assertNowhere(own.log);
  for (const encoding of ["utf8", "latin1", "utf16le"]) assertNowhere(bytes(own.state).toString(encoding));
  // What the grep looks through has the row in it.
  assert.ok(bytes(own.state).includes(Buffer.from(door.stored(own, shop)[0].address)));
  await own.kill9();
  assertNowhere(bytes(own.state).toString("latin1"));
});

const stored_ = door.stored;

test("a shop takes so many, and forgets who has not confirmed", async (t) => {
  const own = await start({ vars: door.keeping });
  t.after(() => own.stop());
  const shop = await door.opened(own);
  const from = (n, fields) => door.signUp(own, shop, fields, { "x-client": `192.0.2.${n}` });
  assertTaken(await from(1, { email: "old@example.com" }));
  assertTaken(await from(1, { email: "new@example.com" }));
  const [file] = databases(own, "Outreach");
  const turn = async (statement) => {
    await own.kill9();
    change(file, statement);
    await own.restart();
  };
  await turn("UPDATE takings SET taken = 10000 WHERE network = x''");
  const refused = await from(2, {});
  assertProblem(refused, 429, "too_many_sign_ups");
  assert.equal(door.stored(own, shop).length, 2);
  // An hour later, and a month later for one of them.
  await turn(
    `UPDATE takings SET since = since - 3600000;
     UPDATE sign_ups SET expires_at = expires_at - 2592000000 WHERE id = 1`,
  );
  assertTaken(await from(2, {}));
  await eventually(() => {
    assert.deepEqual(door.stored(own, shop).map(({ id }) => id), [2, 3]);
    assert.equal(rows(file, "SELECT * FROM takings").length, 2);
  });
});

test("another version of the secret finds what came before it", async (t) => {
  const own = await start({ vars: door.keeping });
  t.after(() => own.stop());
  const shop = await door.opened(own);
  assertTaken(await door.signUp(own, shop, { email: ADDRESS }));
  assertTaken(await door.signUp(own, shop, { email: "john@example.com" }));
  await own.kill9();
  await own.restart({ CONTACT_KEYS: door.contactKeys(2) });
  assertTaken(await door.signUp(own, shop, { email: ADDRESS, quantity: "9" }));
  const read = door.stored(own, shop).map((row) => [row.id, row.key, row.quantity, door.addressOf(row, shop)]);
  assert.deepEqual(read, [[1, 2, 9, ADDRESS], [2, 1, 1, "john@example.com"]]);
});

test("without a secret, or where clients cannot be told apart, nothing is taken", async (t) => {
  for (const vars of [{ CONTACT_KEYS: "" }, { CONTACT_KEYS: "1:short" }, { CLIENT_ADDRESS_HEADER: "" }]) {
    const bare = await start({ vars: { ...door.keeping, ...vars } });
    t.after(() => bare.stop());
    const shop = await door.opened(bare);
    const { detail } = assertProblem(await door.signUp(bare, shop, {}), 403, "notify_off");
    assert.match(detail, new RegExp(Object.keys(vars)[0]));
    assert.doesNotMatch(detail, /short/);
  }
});
