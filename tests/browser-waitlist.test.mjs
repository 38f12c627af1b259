// A shopper of the demo shop waits for what is out: they sign up on its page, confirm by a mail, are
// kept one of what comes in, and buy it. With SHOTS=folder what they see is photographed.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Front, beside } from "./support/beside.mjs";
import { setUp } from "./support/browser.mjs";
import { fillIn } from "./support/browser-notify.mjs";
import { eventually } from "./support/eventually.mjs";
import { keeping } from "./support/sign-up.mjs";

const [links, checkout, pages] = await Promise.all([1, 2, 3].map(() => Front.open({ after })));
const inbox = await beside({ after }, "inbox");
const { backroom, visit } = await setUp({
  vars: {
    ...{ ...keeping, CLIENT_ADDRESS_HEADER: "cf-connecting-ip" },
    ...{ MAIL_API_URL: `${inbox}/emails`, MAIL_API_KEY: "none", MAIL_FROM: "alerts@backroom.example" },
    PUBLIC_URL: links.url,
  },
});
links.to = backroom.url;
pages.to = backroom.url;
const shop = await backroom.newShop({
  ...{ id: "demo", origins: [pages.url] },
  checkout_url: `${checkout.url}/?sku={sku}&quantity={quantity}&hold={hold}`,
});
checkout.to = await beside({ after }, "checkout", { BACKROOM_URL: backroom.url, BACKROOM_KEY: shop.key });

const GOODS = {
  "hot-water-bottle": ["84029G", "Knitted Union Flag Hot Water Bottle"],
  "slate-heart": ["22457", "Natural Slate Heart Chalkboard"],
  "rabbit-night-light": ["23084", "Rabbit Night Light"],
  "cake-tins": ["22720", "Pantry Cake Tins"],
};
await shop.stockUp(
  Object.entries(GOODS).map(([name, [sku, title]]) => {
    const [url, image] = [`/shop/${name}.html`, `/shop/pictures/${name}.svg`];
    return { sku, title, price: "8.95", url, image, on_hand: 0 };
  }),
);

const LANGUAGES = {
  de: {
    thanks: /^Bitte sehen Sie in Ihr E-Mail-Postfach/,
    confirmed: "Bestätigt: Wir schreiben Ihnen, sobald der Artikel wieder da ist.",
    kept: "Für Sie zurückgelegt",
    buy: "Kaufen",
    taken: /gekauft/,
  },
  ja: {
    thanks: /^メールをご確認のうえ/,
    confirmed: /確認/,
    kept: "お取り置き中",
    buy: "購入する",
    taken: /購入/,
  },
};

const STOCK = ".details > backroom-stock";

/** Scripts and what they fetch, but no WebAssembly. */
const WITHOUT_WASM = `script-src 'self' ${backroom.url}; connect-src ${backroom.url}`;

/**
 * The demo shop, on an origin of its own as any merchant's is: in this language, with this policy,
 * and with its checkout, as `cargo dev` builds its pages.
 */
function translate(lang, policy) {
  pages.headers = policy ? { "content-security-policy": policy } : {};
  pages.change = (html) =>
    html
      .replace('lang="en-GB"', `lang="${lang}"`)
      .replace('src="/backroom.js"', `src="${backroom.url}/backroom.js"`)
      .replace(/ (buy|action)="[^"]*basket\.html"/g, ` $1="${checkout.url}/"`);
}

async function photograph(page, name) {
  if (!process.env.SHOTS) return;
  mkdirSync(process.env.SHOTS, { recursive: true });
  await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true });
}

/** Follows the link with a token in the latest mail to this address, of which there are so many. */
async function follow({ page }, email, count) {
  const rows = page.locator("tr", { hasText: email });
  await eventually(async () => {
    await page.goto(inbox);
    assert.equal(await rows.count(), count);
  });
  await rows.first().getByRole("link").click();
  const link = page.frameLocator("iframe").locator("a[href*='token=']").first();
  await page.goto(await link.getAttribute("href"));
}

const places = async (sku) => {
  const { waitlists } = (await shop.api("/v1/waitlists")).json;
  const { waiting, offered, taken } = waitlists.find((waitlist) => waitlist.sku === sku);
  return [waiting.places, offered.places, taken.places];
};

for (const [what, lang, product, policy] of [
  ["in German", "de", "hot-water-bottle"],
  ["in Japanese", "ja", "slate-heart"],
  ["in German without WebAssembly", "de", "rabbit-night-light", WITHOUT_WASM],
]) {
  test(`${what}: from the sign-up to what was kept, bought`, async (t) => {
    const [sku, title] = GOODS[product];
    const words = LANGUAGES[lang];
    const email = `${product}@example.com`;
    // Of the policy, of a mail in its frame, and of icons that the browser asks for by itself.
    const allowed = [/Content Security Policy/, /document's frame is sandboxed/, /favicon\.ico/];
    translate(lang, policy);
    const shopper = await visit(t, "about:blank", { locale: lang, allowed });
    const { page } = shopper;

    await page.goto(`${pages.url}/shop/${product}.html`);
    await shopper.part("notify", STOCK).waitFor();
    await fillIn(shopper, { email }, STOCK);
    await shopper.part("notify", STOCK).locator("[name=consent]").check();
    await shopper.part("notify", STOCK).locator("form button").click();
    await eventually(async () => assert.match(await shopper.part("reply", STOCK).innerText(), words.thanks));
    await photograph(page, `${product}-thanks`);

    await follow(shopper, email, 1);
    await page.locator("button").click();
    await page.getByRole("heading").filter({ hasText: words.confirmed }).waitFor();
    await eventually(async () => assert.deepEqual(await places(sku), [1, 0, 0]));

    assert.equal((await shop.command("receive", { [sku]: 1 })).status, 200);
    await follow(shopper, email, 2);
    await page.getByRole("heading", { name: words.kept }).waitFor();
    await photograph(page, `${product}-claim`);
    await page.locator("a.button").click();

    // On the product's page again, where it is kept whatever comes besides.
    await page.waitForURL((url) => url.origin === pages.url && url.pathname.startsWith(`/shop/${product}`));
    const panel = shopper.part("claim", STOCK);
    await panel.getByText(words.kept).waitFor();
    await panel.getByText(`1 × \u2068${title}\u2069`).waitFor();
    if (!policy) await eventually(() => assert.ok(shopper.open.length > 0));
    assert.equal((await shop.command("receive", { [sku]: 3 })).status, 200);
    if (!policy) await page.locator(`${STOCK} [data-state=low]`).waitFor();
    await panel.getByText(words.kept).waitFor();
    await photograph(page, `${product}-kept`);
    assert.deepEqual(await places(sku), [0, 1, 0]);
    const back = page.url();
    await panel.getByRole("button", { name: words.buy }).click();

    await page.waitForURL((url) => url.origin === checkout.url);
    await page.getByText(`1 × ${title}`).waitFor();
    await photograph(page, `${product}-checkout`);
    const order = await page.locator("[name=id]").getAttribute("value");
    await page.getByRole("button", { name: "Place the order" }).click();
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
    await photograph(page, `${product}-bought`);
    const bought = (await shop.api(`/v1/orders/${order}`)).json;
    assert.deepEqual(
      bought.lines.map(({ sku, ordered, ready }) => ({ sku, ordered, ready })),
      [{ sku, ordered: 1, ready: 1 }],
    );
    assert.deepEqual(await places(sku), [0, 0, 1]);

    // A second press, or the page loaded again, is the same order.
    await page.reload();
    await page.getByText(order).waitFor();
    assert.equal((await shop.list("/v1/orders", "orders")).filter(({ lines }) => lines[0].sku === sku).length, 1);
    await page.getByRole("link", { name: "Your order" }).click();
    await page.getByText(title).waitFor();

    await page.goto(back);
    await panel.getByText(words.taken).waitFor();
    assert.equal(await panel.getByRole("button").count(), 0);
    await photograph(page, `${product}-taken`);
  });
}

test("without any script: from the link in the mail to the checkout, which sells what is kept", async (t) => {
  const [sku, title] = GOODS["cake-tins"];
  const email = "plain@example.com";
  const allowed = [/document's frame is sandboxed/, /favicon\.ico/];
  const shopper = await visit(t, "about:blank", { javaScriptEnabled: false, locale: "de", allowed });
  const { page } = shopper;
  // The form is the widget's or a page's own; that without scripts has a test in browser-notify.
  const body = new URLSearchParams({ shop: shop.id, sku, email, consent: "yes", lang: "de" });
  const headers = { origin: pages.url };
  assert.equal((await backroom.ask("/v1/notify", { body, headers })).status, 202);
  await follow(shopper, email, 1);
  await page.locator("button").click();
  await eventually(async () => assert.deepEqual(await places(sku), [1, 0, 0]));
  assert.equal((await shop.command("receive", { [sku]: 1 })).status, 200);
  await follow(shopper, email, 2);
  await page.getByRole("link", { name: LANGUAGES.de.buy }).click();
  await page.waitForURL((url) => url.origin === checkout.url);
  await page.getByText(`1 × ${title}`).waitFor();
  await page.getByRole("button", { name: "Place the order" }).click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  assert.deepEqual(await places(sku), [0, 0, 1]);
});
