// People who wait for what a shop has run out of.

import assert from "node:assert/strict";
import { eventually } from "./eventually.mjs";
import { linkIn } from "./inbox.mjs";
import * as door from "./sign-up.mjs";

let people = 0;

/** An address that nobody had before. */
export const somebody = () => `person-${(people += 1)}@example.com`;

/** The only mail in this inbox to this address with a link to this page, once it has come. */
export const mailWith = (inbox, email, page) =>
  eventually(() => {
    const mails = inbox.to(email).filter((mail) => mail.text.includes(`/v1/${page}?token=`));
    assert.equal(mails.length, 1, `${mails.length} to ${email} with ${page}`);
    return mails[0];
  });

/** What the button of a page sends. */
export const press = (backroom, page, fields) =>
  backroom.ask(`/v1/${page}`, { body: new URLSearchParams(fields) });

/** How many wait for the shop's SKU and what became of those who did. */
export async function demand(shop) {
  const { waitlists } = (await shop.api("/v1/waitlists")).json;
  const [{ sku, ...places } = {}] = waitlists;
  return Object.fromEntries(
    Object.entries(places).flatMap(([state, { places }]) => (places > 0 ? [[state, places]] : [])),
  );
}

/** They sign up, with these fields and headers. */
export async function asks(backroom, shop, email, fields, headers) {
  const answer = await door.signUp(backroom, shop, { email, lang: "en", ...fields }, headers);
  assert.equal(answer.status, 202, answer.text);
}

/** They confirm what they are asked. */
export async function confirms(backroom, inbox, email) {
  const { token } = linkIn(await mailWith(inbox, email, "confirm"), "confirm");
  assert.equal((await press(backroom, "confirm", { token })).status, 200);
}

/** Somebody who has confirmed that they wait, and has a place in line; their address. */
export async function waits(backroom, inbox, shop, fields) {
  const email = somebody();
  const before = (await demand(shop)).waiting ?? 0;
  await asks(backroom, shop, email, fields);
  await confirms(backroom, inbox, email);
  await eventually(async () => assert.equal((await demand(shop)).waiting, before + 1));
  return email;
}

export async function receive(shop, quantity, sku = door.skuOf(shop)) {
  const lines = [{ sku, quantity }];
  const body = { id: `receipt of ${quantity} ${sku}`, type: "receive", lines };
  assert.equal((await shop.api("/v1/commands", { body })).status, 200);
}
