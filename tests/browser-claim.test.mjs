// Whoever comes to a product's page by a claim's link sees what is kept for them, and buys it there.
// What the edge says of a claim is said here by the test; `browser-waitlist.test.mjs` has the rest.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();

/** The shop with a SKU in each state; nothing of it changes. */
const SHOWCASE = "states";

const HOUR_MS = 3_600_000;

/** A link's token of this shop; what it says, only the edge can tell. */
const tokenOf = (shop, n = 1) => `wt_${shop}_1999999999999_0f0f${n}_${"ab".repeat(32)}`;

/** A claim as the edge answers it. */
function kept({ sku = "all-held", lasts = HOUR_MS, ...rest } = {}) {
  return {
    ...{ sku, quantity: 2, state: "kept", hold: "0f0f1" },
    expires_at: new Date(Date.now() + lasts).toISOString(),
    words: { said: "Kept for you", units: "2 × Chair", until: "Until noon", button: "Buy it" },
    ...rest,
  };
}

const ended = (state, said, { sku = "all-held" } = {}) => ({
  ...{ sku, quantity: 2, state },
  words: { said, units: "2 × Chair" },
});

/** A page whose address has a claim of this shop. */
function product({ shop = SHOWCASE, sku = "all-held", buy = ' buy="/cart/add"', hash } = {}) {
  const page = merchant.page("order.html", { origin: backroom.url, shop, sku, data: "", buy });
  return `${page}#${hash ?? `backroom-claim=${tokenOf(shop)}`}`;
}

/**
 * Opens it as a shopper to whom the edge gives these answers about the claim, one after the other and
 * the last again and again: a claim, or the status of a failure. `asked` are the queries.
 */
async function arrive(t, url, answers, { say, ...context } = {}) {
  // The browser says so of any answer that is no success.
  const shopper = await visit(t, "about:blank", { allowed: [/status of [45]\d\d/], ...context });
  shopper.asked = [];
  await shopper.page.route("**/v1/claim/state?*", (route) => {
    const at = Math.min(shopper.asked.length, answers.length - 1);
    shopper.asked.push(new URL(route.request().url()).searchParams);
    const headers = { "access-control-allow-origin": "*" };
    const answer = answers[at];
    return typeof answer === "number"
      ? route.fulfill({ status: answer, headers, json: {} })
      : route.fulfill({ status: 200, headers, json: answer });
  });
  if (say) await shopper.page.addInitScript(say);
  await shopper.page.goto(url);
  return shopper;
}

const panel = (shopper) => shopper.part("claim");
const button = (shopper) => panel(shopper).locator("button");

/** What the panel says, line by line. */
const lines = (shopper) =>
  panel(shopper)
    .locator("p")
    .evaluateAll((lines) => lines.map((line) => line.textContent));

const shows = (shopper, ...said) =>
  eventually(async () => assert.deepEqual(await lines(shopper), said));

/** Keeps the page where it is: what it would have gone to. */
async function leaving(shopper) {
  const left = [];
  await shopper.page.route(/\/(cart\/add|basket)\?/, (route) => {
    left.push(new URL(route.request().url()));
    return route.fulfill({ status: 204 });
  });
  return left;
}

test("what is kept is shown in the page's language, and bought with its hold", async (t) => {
  const shopper = await arrive(t, product(), [kept()]);
  const left = await leaving(shopper);
  await shopper.page.evaluate(() => {
    document.addEventListener("backroom:order", ({ detail }) => (globalThis.order = detail));
  });
  await shows(shopper, "Kept for you", "2 × Chair", "Until noon");
  assert.equal(await button(shopper).innerText(), "Buy it");
  assert.equal(await shopper.part("notify").isVisible(), false, "nobody waits for what they have");
  const [query] = shopper.asked;
  assert.deepEqual([query.get("token"), query.get("lang")], [tokenOf(SHOWCASE), "en"]);
  await button(shopper).focus();
  await shopper.page.keyboard.press("Enter");
  await eventually(() => assert.equal(left.length, 1));
  assert.equal(left[0].pathname + left[0].search, "/cart/add?sku=all-held&quantity=2&hold=0f0f1");
  const order = await shopper.page.evaluate(() => globalThis.order);
  assert.deepEqual(order, { sku: "all-held", quantity: 2, kind: "claim", hold: "0f0f1" });
});

test("the merchant's own form gets the hold, and not for what is ordered after it", async (t) => {
  const url = product({ sku: "low", buy: ' buy="#basket"' });
  const shopper = await arrive(t, url, [kept({ sku: "low" })]);
  await shopper.page.evaluate(() => {
    const basket = document.querySelector("#basket");
    const hold = Object.assign(document.createElement("input"), { type: "hidden", name: "hold" });
    basket.append(hold);
    globalThis.submits = [];
    basket.addEventListener("submit", (event) => {
      event.preventDefault();
      submits.push(Object.fromEntries(new FormData(basket)));
    });
  });
  await button(shopper).click();
  await shopper.part("order").locator("button").click();
  assert.deepEqual(await shopper.page.evaluate(() => submits), [
    { id: "chair-7", quantity: "2", hold: "0f0f1" },
    { id: "chair-7", quantity: "1", hold: "" },
  ]);
});

test("the page's own way gets it, its script hears of it, and may stop it", async (t) => {
  const say = () => {
    globalThis.heard = [];
    window.backroom = function () {
      (window.backroom.q = window.backroom.q || []).push(arguments);
    };
    backroom("claim", ({ sku, quantity, state, hold }) => heard.push({ sku, quantity, state, hold }));
    backroom("cart", async (order) => heard.push(order));
  };
  const shopper = await arrive(t, product(), [kept()], { say });
  const left = await leaving(shopper);
  await button(shopper).click();
  const claim = { sku: "all-held", quantity: 2, state: "kept", hold: "0f0f1" };
  const order = { sku: "all-held", quantity: 2, kind: "claim", hold: "0f0f1" };
  const heard = () => shopper.page.evaluate(() => heard);
  await eventually(async () => assert.deepEqual(await heard(), [claim, order]));
  await shopper.page.evaluate(() => {
    backroom("claim", ({ hold }) => heard.push(hold));
    backroom("on", "order", (event) => event.preventDefault());
  });
  await button(shopper).click();
  await shopper.quiet();
  assert.deepEqual(await heard(), [claim, order, "0f0f1"]);
  assert.deepEqual(left, []);
});

test("it comes before the widget wakes, and stays whatever changes", async (t) => {
  const shop = await stocked(backroom);
  const url = product({ shop: shop.id, sku: "low" });
  const shopper = await arrive(t, url, [kept({ sku: "low" })]);
  await shows(shopper, "Kept for you", "2 × Chair", "Until noon");
  await button(shopper).focus();
  await shopper.live();
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  await shop.command("sell", { low: 2 });
  await shopper.says("Out of stock, no date yet");
  await shows(shopper, "Kept for you", "2 × Chair", "Until noon");
  const focused = () => shopper.page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.textContent);
  assert.equal(await focused(), "Buy it");
  assert.equal(shopper.asked.length, 1);
});

test("when its time is over it says so, the button goes, and who stood on it is led there", async (t) => {
  const over = ended("over", "The time is over.");
  const say = () => {
    window.backroom = function () {
      (window.backroom.q = window.backroom.q || []).push(arguments);
    };
    globalThis.heard = [];
    backroom("claim", ({ state }) => heard.push(state));
  };
  const shopper = await arrive(t, product(), [kept({ lasts: 0 }), over], { say });
  await button(shopper).waitFor();
  await button(shopper).focus();
  await shows(shopper, "The time is over.", "2 × Chair", "");
  assert.equal(await button(shopper).isVisible(), false);
  const focused = () => shopper.page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.textContent);
  assert.equal(await focused(), "The time is over.");
  assert.deepEqual(await shopper.page.evaluate(() => heard), ["kept", "over"]);
  assert.equal(await shopper.part("notify").isVisible(), true);
});

for (const [what, answers] of [
  ["taken", [ended("taken", "It was bought.")]],
  ["passed on", [ended("passed_on", "It was passed on.")]],
]) {
  test(`what is ${what} already is said so, with nothing to press`, async (t) => {
    const shopper = await arrive(t, product(), answers);
    await shows(shopper, answers[0].words.said, "2 × Chair", "");
    assert.equal(await button(shopper).isVisible(), false);
  });
}

test("who comes back to the page sees what has become of it meanwhile", async (t) => {
  const shopper = await arrive(t, product(), [kept(), 503, ended("taken", "It was bought.")]);
  await shows(shopper, "Kept for you", "2 × Chair", "Until noon");
  const back = () => shopper.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await back();
  await eventually(() => assert.equal(shopper.asked.length, 2));
  await shopper.quiet();
  await shows(shopper, "Kept for you", "2 × Chair", "Until noon");
  await back();
  await shows(shopper, "It was bought.", "2 × Chair", "");
});

test("a claim that comes into the address later is shown, and a link in the page takes none away", async (t) => {
  const shopper = await arrive(t, product({ hash: "details" }), [kept(), kept({ hold: "0f0f2" })]);
  await shopper.says("All in other shoppers’ carts");
  await shopper.quiet();
  assert.deepEqual(shopper.asked, []);
  assert.deepEqual(await lines(shopper), ["", "", ""]);
  const go = (hash) => shopper.page.evaluate((hash) => (location.hash = hash), hash);
  await go(`backroom-claim=${tokenOf(SHOWCASE)}`);
  await shows(shopper, "Kept for you", "2 × Chair", "Until noon");
  await go("details");
  await go(`backroom-claim=${tokenOf(SHOWCASE, 2)}`);
  await eventually(async () => assert.equal(await panel(shopper).getAttribute("data-hold"), "0f0f2"));
  assert.equal(shopper.asked.length, 2);
});

for (const [what, options, answers, asks] of [
  ["another SKU's", {}, [kept({ sku: "low" })], 1],
  ["another shop's", { hash: `backroom-claim=${tokenOf("elsewhere")}` }, [kept()], 0],
  ["no claim's", { hash: "backroom-claim=wt_states" }, [kept()], 0],
  ["one that opens nothing", {}, [401], 1],
  ["one that nobody can tell of", {}, [503], 1],
]) {
  test(`a token that is ${what} changes nothing`, async (t) => {
    const shopper = await arrive(t, product(options), answers);
    await shopper.says("All in other shoppers’ carts");
    await shopper.quiet();
    assert.equal(shopper.asked.length, asks);
    assert.deepEqual(await lines(shopper), ["", "", ""]);
    assert.equal(await panel(shopper).evaluate((panel) => panel.getBoundingClientRect().height), 0);
    assert.equal(await shopper.part("notify").isVisible(), true);
  });
}

test("without `buy` it is said, and there is no button", async (t) => {
  const shopper = await arrive(t, product({ buy: "" }), [kept()]);
  await shows(shopper, "Kept for you", "2 × Chair", "Until noon");
  assert.equal(await button(shopper).isVisible(), false);
});

test("strangers' text is text", async (t) => {
  const bad = '<img src=x onerror="alert(1)">';
  const words = { said: bad, units: bad, until: bad, button: bad };
  const shopper = await arrive(t, product(), [kept({ words })]);
  await shows(shopper, bad, bad, bad);
  assert.equal(await button(shopper).innerText(), bad);
});
