// Pages whose merchant forbids much: what can be shown still is, and nothing breaks.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { SAID, notifying, signUp } from "./support/browser-notify.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();
const shop = await stocked(backroom);
const live = backroom.url.replace("http", "ws");

/** The browser's own words about what the policy has refused. */
const REFUSED = /Content Security Policy|TrustedHTML|TrustedScriptURL/i;

function product(policy, sku = "low") {
  const headers = { "content-security-policy": policy };
  return merchant.page("product.html", { origin: backroom.url, shop: shop.id, sku }, headers);
}

async function assertStyled(shopper) {
  const dot = await shopper.page.locator("[data-dot]").evaluate((dot) => {
    const { borderRadius, borderTopStyle, width } = getComputedStyle(dot);
    return { borderRadius, borderTopStyle, isThere: Number.parseFloat(width) > 5 };
  });
  assert.deepEqual(dot, { borderRadius: "50%", borderTopStyle: "solid", isThere: true });
}

test("without WebAssembly the fragment reads, is styled, and its link leads on", async (t) => {
  const policy = [
    ...["default-src 'none'", "style-src 'self'"],
    ...[`script-src ${backroom.url}`, `connect-src ${backroom.url}`],
  ].join("; ");
  const shopper = await visit(t, product(policy), { allowed: [REFUSED] });
  await shopper.says("Only 3 left");
  await shopper.says("Ash chair", "title");
  await assertStyled(shopper);
  await shopper.page.hover("backroom-stock");
  await shopper.quiet();
  await shopper.says("Only 3 left");
  assert.equal(shopper.sockets.length, 0);
  const opened = shopper.page.waitForRequest(`${merchant.url}/goods/low`);
  await shopper.part("title").click();
  await opened;
});

test("with 'wasm-unsafe-eval' everything works under a strict policy", async (t) => {
  const policy = [
    ...["default-src 'none'", "style-src 'self'"],
    `script-src ${backroom.url} 'wasm-unsafe-eval'`,
    `connect-src ${backroom.url} ${live}`,
  ].join("; ");
  const strict = await stocked(backroom);
  const here = { origin: backroom.url, shop: strict.id, sku: "low" };
  const headers = { "content-security-policy": policy };
  // Not one complaint: an inert <style> or an inline style would be one.
  const shopper = await visit(t, merchant.page("product.html", here, headers));
  await shopper.live();
  await assertStyled(shopper);
  await strict.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  await shopper.says("Ash chair: Only 2 left.", "status");
});

test("where the socket is refused, what was painted stays", async (t) => {
  const policy = `script-src ${backroom.url} 'wasm-unsafe-eval'; connect-src ${backroom.url}`;
  const shopper = await visit(t, product(policy), { allowed: [REFUSED] });
  await shopper.says("Only 3 left");
  await shopper.quiet();
  await shopper.says("Only 3 left");
  assert.equal(shopper.open.length, 0);
});

test("where the fragment is refused, the page's own words stay", async (t) => {
  const policy = `script-src ${backroom.url}; connect-src 'self'`;
  const shopper = await visit(t, product(policy), { allowed: [REFUSED] });
  await shopper.quiet();
  assert.ok(await shopper.page.getByText("Ask us about stock").isVisible());
});

for (const list of ["", "; trusted-types backroom"]) {
  test(`Trusted Types${list && " with our policy listed"}: all works`, async (t) => {
    const policy = `require-trusted-types-for 'script'${list}`;
    const shopper = await visit(t, product(policy));
    await shopper.says("Only 3 left");
    await shopper.live();
    await assertStyled(shopper);
  });
}

test("Trusted Types without our policy in the list: the page's own words stay", async (t) => {
  const policy = "require-trusted-types-for 'script'; trusted-types theirs";
  const shopper = await visit(t, product(policy), { allowed: [REFUSED] });
  await shopper.quiet();
  assert.ok(await shopper.page.getByText("Ask us about stock").isVisible());
  assert.equal(shopper.sockets.length, 0);
});

test("a sandboxed page without an origin shows stock too", async (t) => {
  const shopper = await visit(t, product("sandbox allow-scripts"));
  await shopper.says("Only 3 left");
  await shopper.live();
});

/** A page on which a SKU of the shop that shows every state can be ordered and waited for. */
function orderable(policy, sku, { buy = "/cart/add", data = "" } = {}) {
  const here = { origin: backroom.url, shop: "states", sku, buy: ` buy="${buy}"`, data };
  return merchant.page("order.html", here, { "content-security-policy": policy });
}

/** An order goes where `buy` says, after the page has heard of it. */
async function assertOrders(shopper, leadsTo) {
  await shopper.page.evaluate(() => {
    document.addEventListener("backroom:order", (event) => (globalThis.order = event.detail));
  });
  await shopper.page.locator("backroom-stock [name=quantity]").first().fill("2");
  const [left] = await Promise.all([
    shopper.page.waitForRequest((request) => request.isNavigationRequest()),
    shopper.page.locator("backroom-stock [part=order] button").click(),
  ]);
  assert.equal(left.url(), merchant.url + leadsTo);
  const order = await shopper.page.evaluate(() => globalThis.order);
  assert.deepEqual(order, { sku: "low", quantity: 2, kind: "buy" });
}

/** A sign-up is sent to Backroom, and its answer is read where the form was. */
async function assertSignsUp(shopper) {
  const posted = await notifying(shopper);
  await signUp(shopper);
  await shopper.says(SAID, "reply");
  assert.equal(await shopper.part("reply").isVisible(), true);
  assert.equal(await shopper.page.locator("backroom-stock [part=notify] form").isVisible(), false);
  const { shop, sku, email, quantity, consent, lang } = Object.fromEntries(posted[0]);
  const sent = { shop, sku, email, quantity, consent, lang };
  const right = { shop: "states", sku: "out", email: "ann@example.com", quantity: "1" };
  assert.deepEqual(sent, { ...right, consent: "yes", lang: "en" });
  assert.equal(posted.length, 1);
}

const WITHOUT_WASM = [
  ...["default-src 'none'", "style-src 'self'", "img-src 'self'", "form-action 'self'"],
  ...[`script-src ${backroom.url}`, `connect-src ${backroom.url}`],
].join("; ");

for (const [buy, leadsTo] of [
  ["/cart/add", "/cart/add?sku=low&quantity=2"],
  ["#basket", "/basket?id=chair-7&quantity=2"],
]) {
  test(`without WebAssembly a product is styled, and ordered by buy="${buy}"`, async (t) => {
    const shopper = await visit(t, orderable(WITHOUT_WASM, "low", { buy }), { allowed: [REFUSED] });
    await shopper.says("Only 3 left");
    await assertStyled(shopper);
    await shopper.page.hover("backroom-stock");
    await shopper.quiet();
    assert.equal(shopper.sockets.length, 0);
    await assertOrders(shopper, leadsTo);
  });
}

test("without WebAssembly a shopper signs up and is answered", async (t) => {
  const shopper = await visit(t, orderable(WITHOUT_WASM, "out"), { allowed: [REFUSED] });
  await assertSignsUp(shopper);
  assert.equal(shopper.sockets.length, 0);
});

test("without WebAssembly whoever is signing up goes on, whatever is fetched meanwhile", async (t) => {
  const shopper = await visit(t, orderable(WITHOUT_WASM, "out"), { allowed: [REFUSED] });
  await shopper.part("notify").locator("summary").click();
  const email = shopper.part("notify").locator("[name=email]");
  await email.fill("ann@exam");
  // Where the answer is looked for, or in another window.
  await email.blur();
  const anew = shopper.page.waitForResponse(/\/v1\/fragment/);
  await shopper.page.evaluate(() => backroom("refresh"));
  await anew;
  await shopper.quiet();
  assert.equal(await email.inputValue(), "ann@exam");
  assert.equal(await email.isVisible(), true);
});

/** What the documentation tells a merchant to allow, with this Backroom's address in it. */
const DOCUMENTED = /## Content security policy[^]*?```\n([^]*?)\n```/
  .exec(readFileSync(new URL("../www/docs/install.md", import.meta.url), "utf8"))[1]
  .replaceAll("https://YOUR-BACKROOM", backroom.url)
  .replaceAll("wss://YOUR-BACKROOM", live);

const EVERYTHING = {
  "the documented lines and no more": [DOCUMENTED],
  "the documented lines and else only what is the page's own": [
    `${DOCUMENTED}; default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'`,
  ],
  "a nonce and 'strict-dynamic'": [
    DOCUMENTED.replace(backroom.url, "'nonce-abc' 'strict-dynamic'"),
    ' nonce="abc"',
  ],
  "Trusted Types": ["require-trusted-types-for 'script'"],
  "Trusted Types with our policy listed": [
    `${DOCUMENTED}; require-trusted-types-for 'script'; trusted-types backroom`,
  ],
};

for (const [what, [policy, data]] of Object.entries(EVERYTHING)) {
  test(`${what}: a product is awake and works, and nothing complains`, async (t) => {
    const shopper = await visit(t, orderable(policy, "low", { data }));
    await shopper.live();
    await assertStyled(shopper);
    await assertOrders(shopper, "/cart/add?sku=low&quantity=2");

    const waiting = await visit(t, orderable(policy, "out", { data }));
    await eventually(() => assert.equal(waiting.watched.at(-1)?.length, 4, "it and three others"));
    await assertSignsUp(waiting);
    const pictures = waiting.page.locator("[part=substitute] img");
    const sources = await pictures.evaluateAll((all) => all.map((image) => image.getAttribute("src")));
    assert.deepEqual(
      waiting.requests.filter((url) => url.endsWith(".svg")).toSorted(),
      sources.map((source) => merchant.url + source).toSorted(),
    );
  });
}

test("Trusted Types without our policy in the list: a product keeps the page's own words", async (t) => {
  const policy = `${DOCUMENTED}; require-trusted-types-for 'script'; trusted-types theirs`;
  const shopper = await visit(t, orderable(policy, "low"), { allowed: [REFUSED] });
  await shopper.quiet();
  assert.ok(await shopper.page.getByText("Ask us about stock").isVisible());
  assert.ok(await shopper.page.getByRole("button", { name: "Add to basket" }).isVisible());
  assert.equal(shopper.sockets.length, 0);
});

test("where a picture or a form's address is refused, all the rest works", async (t) => {
  const policy = `${DOCUMENTED}; img-src 'none'; form-action 'none'`;
  const shopper = await visit(t, orderable(policy, "out"), { allowed: [REFUSED] });
  await eventually(() => assert.equal(shopper.watched.at(-1)?.length, 4));
  await assertSignsUp(shopper);
});
