// How many mails a stranger can cause who knows somebody's address, over all shops; and that what
// was asked for is not held up by it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "./support/backroom.mjs";
import { change, databases, rows } from "./support/database.mjs";
import { eventually } from "./support/eventually.mjs";
import { linkIn, openInbox } from "./support/inbox.mjs";
import { later, wake } from "./support/outbox.mjs";
import { assertProblem } from "./support/problem.mjs";
import * as door from "./support/sign-up.mjs";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const EMAIL = "jane@example.com";

/** A Backroom of a test's own that sends to an inbox of its own. */
async function opened(t, { vars, ...options } = {}) {
  const inbox = await openInbox(t);
  const backroom = await start({ vars: { ...inbox.vars, ...vars }, ...options });
  t.after(() => backroom.stop());
  return { inbox, backroom };
}

async function signUp(backroom, shop, email, headers) {
  const answer = await door.signUp(backroom, shop, { email, lang: "en" }, headers);
  assert.equal(answer.status, 202, answer.text);
}

const mailTo = (inbox, email, page = "confirm") =>
  eventually(() => {
    const mails = inbox.to(email).filter((mail) => mail.text.includes(`/v1/${page}?token=`));
    assert.equal(mails.length, 1, `${mails.length} to ${email} with ${page}`);
    return mails[0];
  });

/** All rows of these objects, as they lie on the disk. */
const lying = (backroom, of, query) => databases(backroom, of).flatMap((file) => rows(file, query));

const permits = (backroom) => lying(backroom, "Limiter", "SELECT * FROM permits ORDER BY at");
const outbox = (backroom) => lying(backroom, "Outreach", "SELECT * FROM messages ORDER BY id");

/** The one message that waits for this reason. */
const waiting = (backroom, why) =>
  eventually(() => {
    const [message, ...others] = outbox(backroom);
    assert.deepEqual([message?.state, message?.error, others.length], ["waiting", why, 0]);
    return message;
  });

test("one address signed up at two shops has one mail now, and the other ten minutes later", async (t) => {
  const { inbox, backroom } = await opened(t);
  const shops = [await door.opened(backroom), await door.opened(backroom)];
  await signUp(backroom, shops[0], EMAIL);
  const first = await mailTo(inbox, EMAIL);
  // However it is written: it is one mailbox.
  await signUp(backroom, shops[1], "J.ane+mugs@EXAMPLE.com");
  const message = await waiting(backroom, "rest");
  const [permit, ...others] = permits(backroom);
  assert.equal(others.length, 0);
  assert.equal(message.due, permit.at + 10 * MINUTE_MS);
  assert.equal(message.attempts, 0);
  // It says as much of who that was as is written down.
  assert.equal(permit.address, door.limitedOf(1, EMAIL).address);
  assert.deepEqual(Buffer.from(permit.message), door.limitedMessageOf(1, first.key));

  // Another address is not held up, in the same shop.
  await signUp(backroom, shops[1], "john@example.com");
  await mailTo(inbox, "john@example.com");
  assert.equal(inbox.mails.length, 2);

  await later(backroom, 10 * MINUTE_MS, shops);
  const second = await mailTo(inbox, "J.ane+mugs@example.com");
  assert.ok(second.key.startsWith(`${shops[1].id}.`));
  await eventually(() => assert.deepEqual(outbox(backroom), []));
  assert.equal(inbox.mails.length, 3);
});

test("what somebody has asked for is not held up", async (t) => {
  const { inbox, backroom } = await opened(t);
  const shop = await door.opened(backroom);
  await signUp(backroom, shop, EMAIL);
  const { token } = linkIn(await mailTo(inbox, EMAIL), "confirm");
  await backroom.ask("/v1/confirm", { body: new URLSearchParams({ token }) });
  await eventually(async () => {
    const { waitlists } = (await shop.api("/v1/waitlists")).json;
    assert.equal(waitlists[0]?.waiting.places, 1);
  });
  assert.equal((await shop.command("receive", { [door.skuOf(shop)]: 1 })).status, 200);
  await mailTo(inbox, EMAIL, "claim");
  // Nor does it count.
  assert.equal(permits(backroom).length, 1);
});

test("kill -9 between the permission and the sending: one mail, and one permission", async (t) => {
  const { inbox, backroom } = await opened(t);
  const shop = await door.opened(backroom);
  inbox.answer = () => "ignore";
  await signUp(backroom, shop, EMAIL);
  await eventually(() => assert.equal(inbox.tries.length, 1));
  inbox.answer = () => "take";
  await later(backroom, 0, [shop]);
  await mailTo(inbox, EMAIL);
  await eventually(() => assert.deepEqual(outbox(backroom), []));
  assert.deepEqual([permits(backroom).length, new Set(inbox.tries).size], [1, 1]);
});

test("a Limiter that does not answer loses nothing: the mail waits", async (t) => {
  const { inbox, backroom } = await opened(t, { faults: true });
  const shop = await door.opened(backroom);
  await backroom.faults({ limiters: "refuse" });
  await signUp(backroom, shop, EMAIL);
  const message = await waiting(backroom, "limiter");
  assert.deepEqual([message.attempts, inbox.tries.length], [0, 0], "that was no try");
  // It is looked at again in half a minute; this is one, and the Limiters work again.
  await backroom.kill9();
  for (const file of databases(backroom, "Outreach")) change(file, "UPDATE messages SET due = 1");
  await backroom.restart();
  await wake([shop]);
  await mailTo(inbox, EMAIL);
});

/** Three addresses that one Limiter object has. */
function together() {
  const byLimiter = Map.groupBy(
    Array.from({ length: 60 }, (_, at) => `person-${at}@example.com`),
    (email) => door.limitedOf(1, email).limiter,
  );
  return [...byLimiter.values()].find((emails) => emails.length >= 3);
}

test("a breaker opens when too many mails go, until the hour is over, and says so", async (t) => {
  const { inbox, backroom } = await opened(t, { vars: { CONFIRMATIONS_PER_HOUR: "16" } });
  const shop = await door.opened(backroom);
  const [first, second] = together();
  // The hour may not end in the middle of it.
  const left = () => HOUR_MS - (Date.now() % HOUR_MS);
  await eventually(() => assert.ok(left() > MINUTE_MS), { within: 2 * MINUTE_MS });
  await signUp(backroom, shop, first);
  const { token } = linkIn(await mailTo(inbox, first), "confirm");
  await signUp(backroom, shop, second);
  const message = await waiting(backroom, "breaker");
  assert.equal(message.due, Math.ceil(Date.now() / HOUR_MS) * HOUR_MS);
  await eventually(() => assert.match(backroom.log, /breaker_open: 1 confirmations/));
  const health = async (key) => (await backroom.ask("/v1/health", { key })).json.confirmations;
  assert.deepEqual(await health(backroom.operator), { sent: 1, most: 16, breakers_open: 1 });
  assert.deepEqual([await health(), await health(shop.key)], [undefined, undefined]);
  // Who has confirmed goes on hearing.
  await backroom.ask("/v1/confirm", { body: new URLSearchParams({ token }) });
  await eventually(async () => {
    const { waitlists } = (await shop.api("/v1/waitlists")).json;
    assert.equal(waitlists[0]?.waiting.places, 1);
  });
  await shop.command("receive", { [door.skuOf(shop)]: 1 });
  await mailTo(inbox, first, "claim");
  assert.equal(inbox.to(second).length, 0);

  await later(backroom, HOUR_MS, [shop]);
  await mailTo(inbox, second);
});

test("a fence stands before all of it: a network that asks without end is turned away", async (t) => {
  const { backroom } = await opened(t);
  const shop = await door.opened(backroom);
  const from = (client) =>
    door.signUp(backroom, shop, { email: "nobody", lang: "it" }, { "x-client": client });
  // More than any two minutes allow, whenever they begin.
  const answers = [];
  for (let n = 0; n <= 200; n += 1) answers.push(await from(`2001:db8:1:2::${n}`));
  const refused = answers.filter(({ status }) => status !== 422);
  assert.ok(refused.length > 0);
  for (const answer of refused) {
    const { said } = assertProblem(answer, 429, "too_many_sign_ups");
    assert.equal(said, "Troppe richieste in una volta. La preghiamo di riprovare più tardi.");
    assert.equal(answer.header("retry-after"), "60");
  }
  assert.equal((await from("2001:db8:1:3::1")).status, 422);
});
