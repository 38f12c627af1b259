// Signing up where Turnstile is set up: most shoppers see nothing of it, and no script of its runs
// on the shop's page.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { signUp } from "./support/browser-notify.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";
import { keeping, opened, skuOf, stored } from "./support/sign-up.mjs";
import { openTurnstile } from "./support/turnstile.mjs";

const turnstile = await openTurnstile({ after });
const vars = { ...keeping, ...turnstile.vars, CLIENT_ADDRESS_HEADER: "cf-connecting-ip" };
const { backroom, merchant, visit } = await setUp({ vars });

const THANKS = "Please check your mail and confirm there: then we will write when it is back.";
const CHECKS = "One moment: we make sure that this was not sent by a robot.";
const NOT_NOW = "That did not get through. Please try again.";
/** The browser says so of any answer that is no success. */
const REFUSED = /status of 403/;

/** A product's page of a shop of its own, under a policy that lets in what the documentation names. */
async function product(frames = backroom.url, forms = backroom.url) {
  const shop = await opened(backroom, { origins: [merchant.url], url: "/goods/mug" });
  const policy = [
    ...["default-src 'none'", "style-src 'self'"],
    ...[`script-src ${backroom.url}`, `connect-src ${backroom.url}`, `frame-src ${frames}`],
    `form-action ${forms}`,
  ].join("; ");
  const values = { origin: backroom.url, shop: shop.id, sku: skuOf(shop), data: "", buy: "" };
  const url = merchant.page("order.html", values, { "content-security-policy": policy });
  return { shop, url };
}

const allowed = [REFUSED, /WebAssembly/];

function meet(t, how) {
  turnstile.how = how;
  turnstile.loaded = 0;
  t.after(() => (turnstile.how = "passes"));
}

test("whoever passes sees nothing of it", async (t) => {
  meet(t, "passes");
  const { shop, url } = await product();
  const shopper = await visit(t, url, { allowed });
  await shopper.part("notify").waitFor();
  await shopper.quiet();
  assert.equal(turnstile.loaded, 0, "before anybody signs up, nothing of it is loaded");
  await signUp(shopper);
  await shopper.says(THANKS, "reply");
  assert.equal(stored(backroom, shop).length, 1);
  assert.equal(await shopper.page.locator("backroom-stock iframe").count(), 0);
  const own = await shopper.page.evaluate(() => "turnstile" in globalThis);
  assert.equal(own, false, "its script ran in a frame of ours");
});

test("who is asked answers in the form, and who cannot be told apart is told so", async (t) => {
  meet(t, "asks");
  const { shop, url } = await product();
  const shopper = await visit(t, url, { allowed });
  await signUp(shopper);
  await shopper.says(CHECKS, "reply");
  assert.equal(await shopper.part("reply").getAttribute("aria-live"), "polite");
  const frame = shopper.page.locator("backroom-stock iframe");
  const asked = frame.contentFrame().frameLocator("iframe").getByText("I am no robot");
  await asked.waitFor();
  const { height } = await frame.boundingBox();
  assert.ok(height >= 65, `${height} pixels`);
  assert.equal(await frame.getAttribute("title"), CHECKS);
  assert.equal(await frame.evaluate((frame) => frame.getRootNode().activeElement === frame), true);
  await asked.click();
  await shopper.says(THANKS, "reply");
  assert.equal(await shopper.part("reply").getAttribute("aria-live"), null, "it has the focus");
  assert.equal(stored(backroom, shop).length, 1);

  turnstile.how = "fails";
  const second = await product();
  const other = await visit(t, second.url, { allowed });
  await signUp(other);
  await other.says(NOT_NOW, "reply");
  assert.equal(await other.page.locator("backroom-stock [part=notify] form").isVisible(), true);
  assert.deepEqual(stored(backroom, second.shop), []);
  // It can be tried again.
  turnstile.how = "passes";
  await other.page.locator("backroom-stock [part=notify] form button").click();
  await other.says(THANKS, "reply");
});

test("where a page lets no frame in, it goes on a page of ours", async (t) => {
  meet(t, "passes");
  const { shop, url } = await product("'none'");
  const shopper = await visit(t, url, { allowed: [...allowed, /Content Security Policy/i] });
  await signUp(shopper);
  await shopper.page.getByText(THANKS).waitFor();
  assert.ok(shopper.page.url().startsWith(backroom.url), shopper.page.url());
  assert.equal(stored(backroom, shop).length, 1);
  const back = shopper.page.waitForRequest(`${merchant.url}/goods/mug`);
  await shopper.page.click("a");
  await back;
});

test("where a page lets no form out either, it says so, and can be sent again", async (t) => {
  meet(t, "passes");
  const { shop, url } = await product("'none'", "'self'");
  const shopper = await visit(t, url, { allowed: [...allowed, /Content Security Policy/i] });
  await signUp(shopper);
  await shopper.says(NOT_NOW, "reply");
  // Playwright waits for the page that the policy has refused, where it is asked for an element.
  const sent = await shopper.page.evaluate(() => {
    const { shadowRoot } = document.querySelector("backroom-stock");
    const form = shadowRoot.querySelector("[part=notify] form");
    form.querySelector("button").click();
    return form.elements.email.value;
  });
  assert.equal(sent, "ann@example.com", "what was typed is there");
  await eventually(() => assert.equal(shopper.to(`${backroom.url}/v1/notify`).length, 2));
  assert.deepEqual(stored(backroom, shop), []);
});

test("a form without our script goes by a page of ours, too", async (t) => {
  meet(t, "asks");
  const shop = await opened(backroom, { url: "/0/notify.html", origins: [merchant.url] });
  const values = { origin: backroom.url, shop: shop.id, sku: skuOf(shop), lang: "ja" };
  const shopper = await visit(t, merchant.page("notify.html", values), { allowed });
  await shopper.page.fill("[name=email]", "jane@example.com");
  await shopper.page.check("[name=consent]");
  await shopper.page.click("button");
  await shopper.page.getByText("ロボットによる送信でないことを確認しています").waitFor();
  if (process.env.SHOTS) await shopper.page.screenshot({ path: `${process.env.SHOTS}/challenge.png` });
  await shopper.page.frameLocator("iframe").getByText("I am no robot").click();
  await shopper.page.getByText("メールをご確認のうえ").waitFor();
  assert.equal(stored(backroom, shop).length, 1);

  turnstile.how = "fails";
  const other = await visit(t, merchant.page("notify.html", { ...values, lang: "en" }), { allowed });
  await other.page.fill("[name=email]", "joe@example.com");
  await other.page.check("[name=consent]");
  await other.page.click("button");
  await other.page.getByText("This cannot be taken just now. Please try again later.").waitFor();
  assert.equal(await other.page.getByText(CHECKS).isVisible(), false);
});

test("without any scripts the page says what it needs", async (t) => {
  const shop = await opened(backroom, { url: "/0/notify.html", origins: [merchant.url] });
  const values = { origin: backroom.url, shop: shop.id, sku: skuOf(shop), lang: "en" };
  const page = merchant.page("notify.html", values);
  const shopper = await visit(t, page, { allowed, javaScriptEnabled: false });
  await shopper.page.fill("[name=email]", "jane@example.com");
  await shopper.page.check("[name=consent]");
  await shopper.page.click("button");
  const said = shopper.page.locator("noscript p");
  await said.waitFor();
  assert.match(await said.innerText(), /^This needs scripts \(JavaScript\)\./);
  assert.deepEqual(stored(backroom, shop), []);
});
