// All that somebody waits for, as a page: who looks changes nothing, each button ends one, and
// nobody reaches another's.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { eventually } from "./support/eventually.mjs";
import { linkIn, openInbox } from "./support/inbox.mjs";
import * as door from "./support/sign-up.mjs";
import { asks, confirms, demand, mailWith, press, receive, somebody } from "./support/waiting.mjs";

const inbox = await openInbox({ after });
const backroom = await start({ vars: inbox.vars });
after(() => backroom.stop());

/** A shop with three kinds of mugs, of which it has none. */
async function opened() {
  const shop = await door.opened(backroom);
  const skus = ["red", "blue"].map((colour) => `${shop.id}/${colour}`);
  await shop.stockUp(skus.map((sku) => ({ sku, title: `${sku.split("/")[1]} mug`, on_hand: 0 })));
  return { shop, skus };
}

/** The page, as whoever has the link sees it. */
async function page(path) {
  const shown = await backroom.ask(path);
  assert.equal(shown.status, 200, shown.text);
  const titles = [...shown.text.matchAll(/<h2 id="product-\d+"><bdi>([^<]*)<\/bdi>/g)];
  const ids = [...shown.text.matchAll(/name="id" value="([^"]+)"/g)];
  return { text: shown.text, titles: titles.map(([, title]) => title), ids: ids.map(([, id]) => id) };
}

test("a link in each mail shows all that its reader waits for, and ends it", async () => {
  const { shop, skus } = await opened();
  const [ann, bob] = [somebody(), somebody()];
  await asks(backroom, shop, ann);
  await confirms(backroom, inbox, ann);
  await asks(backroom, shop, bob);
  await confirms(backroom, inbox, bob);
  await eventually(async () => assert.deepEqual(await demand(shop), { waiting: 2 }));
  // No mail asks about these yet, so soon after the first.
  for (const sku of skus) await asks(backroom, shop, ann, { sku });
  const { path, token } = linkIn(await mailWith(inbox, ann, "confirm"), "alerts");

  const shown = await page(path);
  assert.deepEqual(shown.titles, ["Mug", "red mug", "blue mug"]);
  assert.ok(shown.text.includes("Not back yet") && shown.text.includes("Not confirmed yet"));
  for (let n = 0; n < 3; n += 1) assert.deepEqual((await page(path)).ids, shown.ids);

  // What comes is kept for them, and so the page says.
  await receive(shop, 1);
  await mailWith(inbox, ann, "claim");
  const kept = await page(path);
  assert.ok(kept.text.includes("Kept for you"), kept.text);

  // Another's id is none of theirs.
  const others = await page(linkIn(await mailWith(inbox, bob, "confirm"), "alerts").path);
  assert.deepEqual(others.titles, ["Mug"]);
  await press(backroom, "alerts", { token, id: others.ids[0] });
  assert.deepEqual(await demand(shop), { waiting: 1, offered: 1 });

  // One ends, and what was kept goes to the next.
  const mug = kept.ids[kept.titles.indexOf("Mug")];
  const after = await press(backroom, "alerts", { token, id: mug });
  assert.equal(after.status, 200, after.text);
  assert.ok(!after.text.includes("<bdi>Mug</bdi>") && after.text.includes("red mug"), after.text);
  await mailWith(inbox, bob, "claim");
  await eventually(async () => assert.deepEqual(await demand(shop), { offered: 1, declined: 1 }));

  const none = await press(backroom, "alerts", { token, all: "yes" });
  assert.ok(none.text.includes("You have no alerts with us."), none.text);
  assert.deepEqual((await page(path)).ids, []);
  assert.equal((await page(linkIn(inbox.to(bob)[0], "alerts").path)).ids.length, 1);
});

test("a token for anything else, or none, opens nothing", async () => {
  const { shop } = await opened();
  const email = somebody();
  await asks(backroom, shop, email);
  const mail = await mailWith(inbox, email, "confirm");
  const { token } = linkIn(mail, "confirm");
  for (const bad of ["", token, token.replace("ct_", "at_")]) {
    assert.equal((await backroom.ask(`/v1/alerts?token=${bad}`)).status, 401);
    assert.equal((await press(backroom, "alerts", { token: bad, all: "yes" })).status, 401);
  }
  assert.equal((await page(linkIn(mail, "alerts").path)).ids.length, 1);
});
