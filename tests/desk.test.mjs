// The merchant's plain desk: opened by a key, and from then on by what its forms carry.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { databases, rows } from "./support/database.mjs";
import { eventually } from "./support/eventually.mjs";
import { openInbox } from "./support/inbox.mjs";
import * as door from "./support/sign-up.mjs";
import { asks, press, somebody } from "./support/waiting.mjs";

const inbox = await openInbox({ after });
const backroom = await start({ vars: inbox.vars });
after(() => backroom.stop());

const act = (fields) => press(backroom, "desk", fields);
const tokenIn = ({ text }) => /name="token" value="(dt_[^"]+)"/.exec(text)?.[1];

/** A shop, and what opens its desk. */
async function opened() {
  const shop = await door.opened(backroom);
  const desk = await act({ key: shop.key });
  assert.equal(desk.status, 200, desk.text);
  assert.ok(!desk.text.includes(shop.key), "the key is nowhere in the page");
  return { shop, desk, token: tokenIn(desk) };
}

test("a key opens it, and its forms set how waitlists are served and as whom messages speak", async () => {
  const first = await backroom.ask("/v1/desk");
  assert.ok(first.status === 200 && first.text.includes('type="password"'), first.text);
  const { shop, desk, token } = await opened();
  assert.ok(desk.text.includes(`Desk of ${shop.id}`) && desk.text.includes("Nobody has asked"));
  assert.match(desk.header("content-security-policy"), /default-src 'none'.*form-action 'self'/);

  const policy = { wave: "7", window_seconds: "3600", min_restock: "2", shelf_percent: "10", smaller: "yes" };
  const saved = await act({ token, action: "policy", ...policy });
  assert.ok(saved.text.includes('<p role="alert">Saved.</p>'), saved.text);
  const brand = { name: "Mugs & Co", color: "#0a7d55", checkout_url: "" };
  assert.ok((await act({ token, action: "brand", ...brand })).text.includes("Mugs &amp; Co"));
  const settings = (await shop.api("/v1/shop")).json;
  const waitlist = { wave: 7, window_seconds: 3_600, min_restock: 2, shelf_percent: 10, smaller: true };
  assert.deepEqual(
    [settings.waitlist, settings.name, settings.color, settings.checkout_url],
    [waitlist, "Mugs & Co", "#0a7d55", null],
  );
  // What cannot be is said, and nothing has changed.
  const wrong = await act({ token, action: "policy", ...policy, wave: "0" });
  assert.match(wrong.text, /role="alert">`waitlist.wave` is 1 to 10000, not 0/);
  assert.match((await act({ token, action: "brand", ...brand, color: "red" })).text, /role="alert">`color` is/);
  assert.match((await act({ token, action: "policy", wave: "x" })).text, /role="alert">Those are no numbers/);
  assert.deepEqual((await shop.api("/v1/shop")).json, settings);
});

test("messages are shown as this shop would write them, in any language", async () => {
  const { token } = await opened();
  const unnamed = await act({ token, action: "preview", message: "claim" });
  assert.ok(unnamed.text.includes("shop.example"), "it is called as its site");
  await act({ token, action: "brand", name: "Mugs & Co", color: "#0a7d55" });
  const shown = await act({ token, action: "preview", message: "claim", lang: "de" });
  assert.equal(shown.status, 200);
  assert.match(shown.header("content-security-policy"), /sandbox/);
  assert.ok(shown.text.includes("Mugs &amp; Co") && shown.text.includes("#0a7d55"), shown.text);
  assert.ok(shown.text.includes('<html lang="de"'), shown.text);
  const none = await act({ token, action: "preview", message: "nothing" });
  assert.equal(none.status, 400);
});

test("what could not be sent is listed, and tried again at the press of a button", async () => {
  const { shop, token } = await opened();
  inbox.answer = () => "refuse";
  const email = somebody();
  await asks(backroom, shop, email);
  const dead = await eventually(async () => {
    const page = await act({ token });
    assert.match(page.text, /tried 1 times since .*: http_422/);
    return page.text;
  });
  assert.ok(!dead.includes(email));
  const [, id] = /name="id" value="([^"]+)"/.exec(dead);
  inbox.answer = () => "take";
  const again = await act({ token, action: "retry", id });
  assert.ok(again.text.includes("It is tried again."), again.text);
  await eventually(() => assert.equal(inbox.to(email).length, 1));
  await eventually(() => {
    const left = databases(backroom, "Outreach").flatMap((file) => rows(file, "SELECT id FROM messages"));
    assert.deepEqual(left.filter((row) => row.id === id), []);
  });
  const gone = await act({ token, action: "retry", id });
  assert.match(gone.text, /role="alert">There is no such message/);
});

test("where it cannot open, it says what is missing", async () => {
  const bare = await start({ vars: { SIGNING_SECRET: "" } });
  try {
    const { key } = await bare.newShop();
    const door = await press(bare, "desk", { key });
    assert.equal(door.status, 401);
    assert.match(door.text, /role="alert">No desk opens yet: this Worker has no SIGNING_SECRET\./);
  } finally {
    await bare.stop();
  }
});

test("it closes with its key, and nothing else opens it", async () => {
  const { shop, token } = await opened();
  const other = await door.opened(backroom);
  for (const fields of [
    {},
    { key: "" },
    { key: "sk_x" },
    { key: `${shop.key.slice(0, -1)}${shop.key.endsWith("0") ? "1" : "0"}` },
    { key: other.key.replace(other.id, shop.id) },
    { token: "" },
    { token: token.replace(shop.id, other.id) },
    { token: token.replace("dt_", "wt_") },
  ]) {
    const closed = await act(fields);
    assert.equal(closed.status, 401, JSON.stringify(fields));
    assert.ok(closed.text.includes('type="password"') && !closed.text.includes("Desk of"), closed.text);
  }
  // The token is no key: the API knows nothing of it.
  assert.equal((await backroom.ask("/v1/shop", { key: token })).status, 401);
  const made = await shop.api("/v1/keys", { method: "POST" });
  const [, , digits] = shop.key.split("_");
  const retire = { method: "DELETE", key: made.json.secret_key };
  assert.equal((await shop.api(`/v1/keys/${digits.slice(0, 8)}`, retire)).status, 204);
  assert.equal((await act({ token })).status, 401);
});
