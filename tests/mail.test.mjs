// From a sign-up to its mail and back: sent once, whatever fails on the way, and nothing is changed
// but by who has the address.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { change, databases, rows } from "./support/database.mjs";
import { eventually } from "./support/eventually.mjs";
import { linkIn, openInbox } from "./support/inbox.mjs";
import { outbox } from "./support/outbox.mjs";
import { assertProblem } from "./support/problem.mjs";
import * as door from "./support/sign-up.mjs";

const inbox = await openInbox({ after });
const backroom = await start({ vars: inbox.vars });
after(() => backroom.stop());

let people = 0;
/** An address that nobody had before. */
const somebody = () => `person-${(people += 1)}@example.com`;

const proofs = (of, shop) =>
  databases(of, "Outreach")
    .flatMap((file) => rows(file, "SELECT * FROM proofs"))
    .filter(({ sku }) => sku.startsWith(shop.id));

async function signUp(of, shop, email, fields) {
  const answer = await door.signUp(of, shop, { email, lang: "en", ...fields });
  assert.equal(answer.status, 202, answer.text);
}

/** The only mail to this address, once it has come. */
const mailTo = (box, email) =>
  eventually(() => {
    const [mail, ...others] = box.to(email);
    assert.ok(mail, `nothing has come to ${email}`);
    assert.equal(others.length, 0);
    return mail;
  });

const sent = (of, shop) => eventually(() => assert.deepEqual(outbox(of, shop), []));
const page = (path) => backroom.ask(path);
const press = (name, token) => backroom.ask(`/v1/${name}`, { body: new URLSearchParams({ token }) });

/** As it is some time later: what waits, or is leased, is due. `kill9` comes before. */
function turn(of, statement = "UPDATE messages SET due = 1") {
  for (const file of databases(of, "Outreach")) change(file, statement);
}

/** Wakes a shop's object, as whatever comes next would. */
const wake = (shop) => shop.api("/v1/messages?state=dead");

test("a sign-up is asked for by mail, and confirmed by whoever has the address", async () => {
  const shop = await door.opened(backroom);
  const email = somebody();
  await signUp(backroom, shop, email, { quantity: "3" });
  const mail = await mailTo(inbox, email);
  assert.equal(mail.from, '"shop.example" <alerts@backroom.example>');
  assert.match(mail.subject, /Mug/);
  assert.match(mail.key, new RegExp(`^${shop.id}\\.[0-9a-f]{32}$`));
  const confirm = linkIn(mail, "confirm");
  assert.ok(mail.html.includes(confirm.token));
  await sent(backroom, shop);
  // Mail programs look at links before anybody does.
  const before = door.stored(backroom, shop);
  for (let n = 0; n < 3; n += 1) {
    const shown = await page(confirm.path);
    assert.equal(shown.status, 200, shown.text);
    assert.match(shown.text, /<form method="post" action="\/v1\/confirm">/);
    assert.ok(shown.text.includes("Mug") && shown.text.includes(confirm.token));
    assert.equal(shown.header("referrer-policy"), "no-referrer");
    assert.match(shown.header("content-security-policy"), /form-action 'self'/);
  }
  assert.equal((await page(linkIn(mail, "unsubscribe").path)).status, 200);
  assert.deepEqual(door.stored(backroom, shop), before);
  assert.equal(before[0].state, "unconfirmed");
  const at = Date.now();
  const pressed = await press("confirm", confirm.token);
  assert.equal(pressed.status, 200, pressed.text);
  const [row] = door.stored(backroom, shop);
  assert.equal(row.state, "confirmed");
  assert.ok(row.confirmed_at >= at && row.confirmed_at <= Date.now());
  const [proof, ...others] = proofs(backroom, shop);
  assert.equal(others.length, 0);
  const { lang, consent_text, consented_at, confirmed_at, ended_at } = proof;
  assert.deepEqual(
    { lang, consent_text, consented_at, confirmed_at, ended_at },
    { lang: "en", consent_text: 1, consented_at: before[0].consented_at, confirmed_at: row.confirmed_at, ended_at: null },
  );
  // Twice is once.
  assert.equal((await press("confirm", confirm.token)).status, 200);
  assert.deepEqual([door.stored(backroom, shop), proofs(backroom, shop)], [[row], [proof]]);
  // Who knows the address changes nothing of it, and sends it nothing.
  await signUp(backroom, shop, email, { quantity: "900", marketing: "yes" });
  const [kept] = door.stored(backroom, shop);
  assert.deepEqual([kept.state, kept.quantity, kept.marketing], ["confirmed", 3, 0]);
  assert.deepEqual([inbox.to(email).length, outbox(backroom, shop)], [1, []]);
});

test("a link opens its own sign-up, in its own shop, for its own purpose", async () => {
  const [shop, other] = [await door.opened(backroom), await door.opened(backroom)];
  const email = somebody();
  await signUp(backroom, shop, email);
  const mail = await mailTo(inbox, email);
  const [confirm, end] = ["confirm", "unsubscribe"].map((name) => linkIn(mail, name).token);
  const before = door.stored(backroom, shop);
  for (const [name, token] of [
    ["confirm", confirm.replace(shop.id, other.id)],
    ["confirm", end],
    ["confirm", confirm.slice(0, -1)],
    ["confirm", ""],
    ["unsubscribe", end.replace(shop.id, other.id)],
    ["unsubscribe", confirm],
    ["unsubscribe", ""],
  ]) {
    for (const answer of [await press(name, token), await page(`/v1/${name}?token=${token}`)]) {
      assert.equal(answer.status, 401, `${name} ${token}`);
      assert.match(answer.header("content-type"), /^text\/html/);
    }
  }
  assert.deepEqual(door.stored(backroom, shop), before);
});

test("an alert ends before that is answered, and no message of it is sent any more", async () => {
  const shop = await door.opened(backroom);
  const [email, another] = [somebody(), somebody()];
  await signUp(backroom, shop, email);
  await signUp(backroom, shop, another);
  const mail = await mailTo(inbox, email);
  const header = mail.headers["List-Unsubscribe"];
  assert.equal(mail.headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
  const { pathname, search } = new URL(/^<(.*)>$/.exec(header)[1]);
  await press("confirm", linkIn(mail, "confirm").token);
  // As RFC 8058 has it, from a mail program that knows no page.
  const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
  const ended = await backroom.ask(pathname + search, { body });
  assert.equal(ended.status, 200, ended.text);
  const addresses = door.stored(backroom, shop).map((row) => door.addressOf(row, shop));
  assert.deepEqual(addresses, [another]);
  const [proof] = proofs(backroom, shop);
  assert.ok(proof.ended_at >= proof.confirmed_at);
  assert.equal((await backroom.ask(pathname + search, { body })).status, 200);
  const late = await press("confirm", linkIn(mail, "confirm").token);
  assert.equal(late.status, 404, late.text);
  assert.equal((await page(linkIn(mail, "confirm").path)).status, 404);
  assert.equal(door.stored(backroom, shop).length, 1);
});

test("what ends while its message waits is not sent, though it was handed over before", async (t) => {
  const box = await openInbox(t);
  box.answer = () => "fail";
  const own = await start({ vars: box.vars });
  t.after(() => own.stop());
  const shop = await door.opened(own);
  let end;
  box.answer = (mail) => {
    end = linkIn(mail, "unsubscribe").path;
    return "fail";
  };
  await signUp(own, shop, somebody());
  await eventually(() => assert.equal(outbox(own, shop)[0].error, "http_500"));
  const [{ id }] = outbox(own, shop);
  assert.equal((await own.ask(end, { method: "POST", body: new URLSearchParams() })).status, 200);
  assert.deepEqual([outbox(own, shop), door.stored(own, shop)], [[], []]);
  box.answer = () => "take";
  // Another's message shows that the shop still sends.
  const another = somebody();
  await signUp(own, shop, another);
  await mailTo(box, another);
  assert.equal(box.mails.filter(({ key }) => key === id).length, 0);
});

test("a provider that fails is tried again, with the same key", async () => {
  const shop = await door.opened(backroom);
  const [one, other] = [somebody(), somebody()];
  const failed = new Set();
  inbox.answer = ({ key, to }) => {
    if (failed.has(key)) return "take";
    failed.add(key);
    // The word of the other is lost on its way.
    return to === one ? "fail" : "cut";
  };
  await signUp(backroom, shop, one);
  await signUp(backroom, shop, other);
  await eventually(() => {
    const tried = outbox(backroom, shop).map(({ state, attempts, error }) => [state, attempts, error]);
    assert.deepEqual(tried.toSorted(), [["waiting", 1, "http_500"], ["waiting", 1, "unreachable"]]);
  });
  await sent(backroom, shop);
  inbox.answer = () => "take";
  for (const email of [one, other]) {
    const mail = await mailTo(inbox, email);
    assert.equal(inbox.tries.filter((key) => key === mail.key).length, 2, email);
  }
});

test("a provider that takes a mail and never says so is asked again, and delivers it once", async () => {
  const shop = await door.opened(backroom);
  const email = somebody();
  let asked = 0;
  inbox.answer = () => ((asked += 1) === 1 ? "hang" : "take");
  await signUp(backroom, shop, email);
  const mail = await mailTo(inbox, email);
  await eventually(() => assert.equal(outbox(backroom, shop)[0].error, "timeout"));
  await sent(backroom, shop);
  inbox.answer = () => "take";
  assert.equal(inbox.tries.filter((key) => key === mail.key).length, 2);
  assert.equal(inbox.to(email).length, 1);
});

/** When the kill comes: what the provider does with the request that it then knows of. */
const KILLS = {
  "as soon as the sign-up is answered": undefined,
  "before the provider has the mail": "ignore",
  "when the provider has it and has not said so": "hang",
  "when the provider has said so": "take",
};

for (const [when, how] of Object.entries(KILLS)) {
  test(`kill -9 ${when}: nothing is lost and nothing comes twice`, async (t) => {
    const box = await openInbox(t);
    const own = await start({ vars: box.vars });
    t.after(() => own.stop());
    const shop = await door.opened(own);
    const email = somebody();
    if (how) box.answer = () => how;
    await signUp(own, shop, email);
    if (how) await eventually(() => assert.equal(box.tries.length, 1));
    await own.kill9();
    box.answer = () => "take";
    // Its lease has ended, and what the queue had is long lost.
    turn(own);
    await own.restart();
    await wake(shop);
    const mail = await mailTo(box, email);
    await sent(own, shop);
    assert.equal(box.mails.length, 1);
    assert.deepEqual([...new Set(box.tries)], [mail.key]);
    const confirmed = await own.ask("/v1/confirm", {
      body: new URLSearchParams({ token: linkIn(mail, "confirm").token }),
    });
    assert.equal(confirmed.status, 200, confirmed.text);
  });
}

test("what cannot be sent is listed without its address, and sent when it is retried", async (t) => {
  const box = await openInbox(t);
  const own = await start({ vars: box.vars });
  t.after(() => own.stop());
  const shop = await door.opened(own);
  const [refused, unlucky] = ["jane.unmistakable@example.com", "john.unmistakable@example.com"];
  box.answer = ({ to }) => (to === refused ? "refuse" : "deny");
  await signUp(own, shop, refused);
  const [first] = await eventually(async () => {
    const messages = (await shop.api("/v1/messages?state=dead")).json.messages;
    assert.equal(messages.length, 1);
    return messages;
  });
  const { id, made_at, ...rest } = first;
  assert.deepEqual(rest, { kind: "confirm", sku: door.skuOf(shop), attempts: 1, error: "http_422" });
  assert.ok(Math.abs(Date.parse(made_at) - Date.now()) < 60_000);
  // Another has had all of its tries but one.
  await signUp(own, shop, unlucky);
  await eventually(() => assert.ok(outbox(own, shop).some(({ error }) => error === "http_401")));
  await own.kill9();
  turn(own, "UPDATE messages SET due = 1, attempts = 16 WHERE state <> 'dead'");
  await own.restart();
  await eventually(async () => {
    const { json } = await shop.api("/v1/messages?state=dead");
    assert.deepEqual(json.messages.map(({ error, attempts }) => [error, attempts]).toSorted(), [
      ["http_401", 17],
      ["http_422", 1],
    ]);
  });
  const { text } = await shop.api("/v1/messages?state=dead");
  assert.doesNotMatch(text, /unmistakable/);
  const stranger = await door.opened(own);
  assertProblem(await stranger.api(`/v1/messages/${id}/retry`, { method: "POST" }), 404, "unknown_message");
  assertProblem(await shop.api("/v1/messages?state=waiting"), 400, "bad_parameter");
  assert.equal(box.mails.length, 0);
  box.answer = () => "take";
  const all = (await shop.api("/v1/messages?state=dead")).json.messages;
  for (const { id } of all) {
    const retried = await shop.api(`/v1/messages/${id}/retry`, { method: "POST" });
    assert.equal(retried.status, 204, retried.text);
  }
  await mailTo(box, refused);
  await mailTo(box, unlucky);
  await sent(own, shop);
  assertProblem(await shop.api(`/v1/messages/${id}/retry`, { method: "POST" }), 404, "unknown_message");
  // No address came into the log or lies on the disk, whatever the provider said.
  for (const text of [own.log, bytes(own.state).toString("latin1")]) assert.doesNotMatch(text, /unmistakable/);
  assert.match(own.log, /backroom|Ready/);
});

/** All bytes that lie in a folder. */
function bytes(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))));
}

test("an address that bounced or complained is sent nothing more, in that shop", async () => {
  const [shop, other] = [await door.opened(backroom), await door.opened(backroom)];
  const email = somebody();
  const tell = (body, key = inbox.vars.MAIL_EVENTS_SECRET) =>
    backroom.ask("/v1/mail-events", { key, body });
  const event = { type: "bounced", shop: shop.id, email: email.toUpperCase().replace("PERSON", "person") };
  assertProblem(await tell(event, "another secret"), 401, "mailer_wrong");
  assertProblem(await tell({ ...event, shop: "nobody" }), 404, "unknown_shop");
  assertProblem(await tell({ ...event, email: "nobody" }), 422, "bad_email");
  assertProblem(await tell({ ...event, type: "opened" }), 400, "bad_json");
  for (let n = 0; n < 2; n += 1) assert.equal((await tell(event)).status, 204);
  await signUp(backroom, shop, email);
  await signUp(backroom, other, email);
  const [mail] = await eventually(() => {
    const mails = inbox.to(email);
    assert.equal(mails.length, 1);
    return mails;
  });
  assert.ok(mail.key.startsWith(`${other.id}.`));
  await sent(backroom, shop);
  assert.equal(inbox.to(email).length, 1);
});

test("where nothing can be sent messages wait, and health says so", async (t) => {
  const box = await openInbox(t);
  const own = await start({ vars: { ...box.vars, MAIL_API_URL: "" } });
  t.after(() => own.stop());
  const shop = await door.opened(own);
  const mail = async () => [(await own.ask("/v1/health")).json.mail, (await shop.api("/v1/health")).json.mail];
  assert.deepEqual(await mail(), ["off", "off"]);
  const email = somebody();
  await signUp(own, shop, email);
  await eventually(() => assert.match(own.log, /mail is off: this Worker has no MAIL_API_URL/));
  const waiting = outbox(own, shop).map(({ state, attempts }) => [state, attempts]);
  assert.deepEqual(waiting, [["waiting", 0]]);
  await own.kill9();
  await own.restart({ MAIL_API_URL: box.vars.MAIL_API_URL });
  assert.deepEqual(await mail(), ["on", "on"]);
  await wake(shop);
  await mailTo(box, email);
});
