// Whoever asks what is kept of them is told all of it, and whoever wants it gone is nowhere then.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { databases, rows } from "./support/database.mjs";
import { eventually } from "./support/eventually.mjs";
import { linkIn, openInbox } from "./support/inbox.mjs";
import { assertProblem } from "./support/problem.mjs";
import * as door from "./support/sign-up.mjs";
import { asks, confirms, demand, mailWith, press, receive } from "./support/waiting.mjs";

const inbox = await openInbox({ after });
const backroom = await start({ vars: inbox.vars });
after(() => backroom.stop());

const exported = async (shop, email) => {
  const answer = await shop.api("/v1/subjects/export", { body: { email } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const erase = (shop, email) => shop.api("/v1/subjects/erase", { body: { email } });
const NOTHING = { sign_ups: [], consents: [], messages: [], orders: [] };

/** Every table of every database on this disk, by name, as text. */
function* tables() {
  for (const entry of readdirSync(backroom.state, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".sqlite")) continue;
    const file = join(entry.parentPath, entry.name);
    const names = rows(file, "SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => name);
    for (const name of names) {
      // KV has times in microseconds, and larger numbers are none of JavaScript's.
      for (const row of rows(file, `SELECT * FROM "${name}"`, { readBigInts: true })) {
        const texts = Object.values(row).map((value) =>
          value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value),
        );
        yield [`${entry.name} ${name}`, texts.join("|")];
      }
    }
  }
}

/** What of this stands anywhere in a table, a value in KV or a line of the log. */
function found(wanted) {
  const hits = [];
  for (const [where, text] of tables()) {
    for (const [what, part] of Object.entries(wanted)) if (text.includes(part)) hits.push(`${what} in ${where}`);
  }
  // KV's values are files of their own.
  for (const entry of readdirSync(join(backroom.state, "v3/kv"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    for (const [what, part] of Object.entries(wanted)) if (bytes.includes(part)) hits.push(`${what} in KV`);
  }
  for (const [what, part] of Object.entries(wanted)) if (backroom.log.includes(part)) hits.push(`${what} in the log`);
  return [...new Set(hits)].sort();
}

test("one of a hundred is erased: no table, value or line leads to them, and nobody else is touched", async () => {
  const shop = await door.opened(backroom);
  const everybody = Array.from({ length: 100 }, (_, n) => `subject-${n}@example.com`);
  await Promise.all(
    everybody.map((email, n) => asks(backroom, shop, email, {}, { "x-client": `198.51.100.${n}` })),
  );
  const [jane, ...others] = everybody;
  for (const email of everybody.slice(0, 5)) {
    await confirms(backroom, inbox, email);
  }
  await eventually(async () => assert.deepEqual(await demand(shop), { waiting: 5 }));
  // A claim that is open, an order's contact, a complaint.
  await receive(shop, 1);
  const claim = linkIn(await mailWith(inbox, jane, "claim"), "claim");
  const sku = `${shop.id}/other`;
  await shop.stockUp([{ sku, on_hand: 9 }]);
  for (const [id, email] of [["janes", jane], ["johns", others[0]]]) {
    const body = { id, lines: [{ sku, quantity: 1 }], contact: { email } };
    assert.equal((await shop.api("/v1/orders", { body })).status, 200);
  }
  const event = { type: "complained", shop: shop.id, email: jane };
  const mailer = "a mailer's secret";
  assert.equal((await backroom.ask("/v1/mail-events", { key: mailer, body: event })).status, 204);
  // And a message that waits, for the provider is away.
  inbox.answer = () => "fail";
  await asks(backroom, shop, jane, { sku });

  const told = await exported(shop, "subject-0@EXAMPLE.com");
  assert.deepEqual(told.sign_ups.map((it) => [it.sku, it.quantity, it.confirmed_at]), [[sku, 1, undefined]]);
  assert.deepEqual(told.consents.map((it) => [it.sku, it.lang, it.text]), [[door.skuOf(shop), "en", 1]]);
  assert.deepEqual(told.orders.map((it) => it.order), ["janes"]);
  assert.equal(told.suppressed.reason, "complained");
  assert.ok(!JSON.stringify(told).includes("example.com"));

  const [sealed] = databases(backroom, "Outreach").flatMap((file) =>
    rows(file, "SELECT address, subscriber FROM sign_ups WHERE sku LIKE '%/other'"),
  );
  const hash = door.hashOf(1, shop, jane);
  const wanted = {
    address: jane,
    "address in hex": Buffer.from(jane).toString("hex"),
    "its hash": hash.toString("hex"),
    "its plain hash": createHash("sha256").update(jane).digest("hex"),
    "its name": sealed.subscriber,
    "what is encrypted": Buffer.from(sealed.address).toString("hex"),
  };
  assert.deepEqual([...new Set(found(wanted).map((hit) => hit.split(" in ")[0]))].sort(), [
    "its hash",
    "its name",
    "what is encrypted",
  ]);

  assert.equal((await erase(shop, jane)).status, 204);
  inbox.answer = () => "take";
  assert.deepEqual(await exported(shop, jane), NOTHING);
  // What was kept for them goes to the next in line.
  await mailWith(inbox, others[0], "claim");
  await eventually(() => assert.deepEqual(found(wanted), []));
  assertProblem(await shop.api("/v1/orders/janes/contact"), 404, "unknown_contact");
  assert.equal((await backroom.ask(claim.path)).status, 200);
  assert.ok(!(await backroom.ask(claim.path)).text.includes("#backroom-claim"));
  const none = await press(backroom, "confirm", { token: linkIn(inbox.to(jane)[0], "confirm").token });
  assert.equal(none.status, 404);

  assert.equal((await exported(shop, others[0])).orders.length, 1);
  assert.equal((await exported(shop, others[50])).sign_ups.length, 1);
  assert.equal(door.stored(backroom, shop).length, 98);
  assert.equal((await erase(shop, jane)).status, 204);
  // What was to be sent to them never comes.
  assert.equal(inbox.to(jane).filter((mail) => mail.text.includes(sku)).length, 0);
});

test("under a new version of the secret they are found, and erased, all the same", async () => {
  const own = await start({ vars: inbox.vars });
  try {
    const shop = await door.opened(own);
    const email = "turned@example.com";
    await asks(own, shop, email);
    await confirms(own, inbox, email);
    await own.restart({ CONTACT_KEYS: door.contactKeys(2) });
    const alerts = linkIn(inbox.to(email)[0], "alerts").path;
    assert.match((await own.ask(alerts)).text, /<bdi>Mug<\/bdi>/);
    const told = await exported(shop, email);
    assert.deepEqual([told.sign_ups.length, told.consents.length], [1, 1]);
    assert.equal((await erase(shop, email)).status, 204);
    assert.deepEqual(await exported(shop, email), NOTHING);
    assert.ok(!(await own.ask(alerts)).text.includes("<bdi>"));
  } finally {
    await own.stop();
  }
});

test("what is no address, or another shop's, finds nothing", async () => {
  const [shop, other] = [await door.opened(backroom), await door.opened(backroom)];
  const email = "kept@example.com";
  await asks(backroom, shop, email);
  assertProblem(await shop.api("/v1/subjects/export", { body: { email: "kept@" } }), 422, "bad_email");
  assertProblem(await erase(shop, "kept"), 422, "bad_email");
  assertProblem(await shop.api("/v1/subjects/erase", { body: { mail: email } }), 400, "bad_json");
  assert.equal((await erase(other, email)).status, 204);
  assert.deepEqual(await exported(other, email), NOTHING);
  assert.equal((await exported(shop, email)).sign_ups.length, 1);
});
