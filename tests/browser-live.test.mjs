// A page that somebody is looking at, while the stock changes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { StandIn } from "./support/browser-stand-in.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp({ faults: true });
const standIn = await StandIn.open(backroom.url);

/** The promise for a sale made through the API. */
const WITHIN_MS = 2_000;

async function product(settings) {
  const shop = await stocked(backroom, settings);
  const here = { origin: backroom.url, shop: shop.id, sku: "low" };
  return { shop, url: merchant.page("product.html", here) };
}

test("a sale changes an awake page within two seconds, a stockout and a receipt too", async (t) => {
  const { shop, url } = await product();
  const shopper = await visit(t, url);
  await shopper.live();
  const hear = await listen(shopper);
  const latencies = [];
  for (const [type, units, text] of [
    ["sell", 1, "Only 2 left"],
    ["sell", 2, "Out of stock, no date yet"],
    ["receive", 1, "Only 1 left"],
    ["receive", 50, "In stock"],
    ["sold", 48, "Only 3 left"],
  ]) {
    const sent = Date.now();
    const answer = await shop.command(type, { low: units });
    assert.equal(answer.status, 200, answer.text);
    latencies.push((await hear()).at - sent);
    await shopper.says(text);
  }
  t.diagnostic(`from the API call to the page, ms: ${latencies.join(", ")}`);
  assert.ok(Math.max(...latencies) < WITHIN_MS, `${latencies}`);
  assert.equal(shopper.sockets.length, 1);
  assert.equal(shopper.to(url).length, 1);
});

test("a page sees what is held, what is free again, and nothing of what is hidden", async (t) => {
  const { shop, url } = await product();
  const shopper = await visit(t, url);
  await shopper.live();
  await shop.hold({ low: 3 }, { id: "cart", seconds: 4 });
  await shopper.says("All in other shoppers’ carts");
  const left = [];
  await eventually(async () => {
    const detail = await shopper.part("detail").textContent();
    const [, seconds] = /^Some may be free again soon\s+0:0([1-4])$/.exec(detail) ?? [];
    assert.ok(seconds, detail);
    if (left.at(-1) !== seconds) left.push(seconds);
    assert.ok(left.length > 1, "it does not count down");
  });
  assert.deepEqual(left, left.toSorted().reverse());
  // Nobody asks; the hold's time is over.
  await shopper.says("Only 3 left");
  const root = shopper.part("root");
  const { height } = await root.boundingBox();
  const hide = (hidden) => shop.api("/v1/skus/low", { method: "PATCH", body: { hidden } });
  await hide(true);
  await root.waitFor({ state: "hidden" });
  await hide(false);
  await shopper.says("Only 3 left");
  assert.equal((await root.boundingBox()).height, height);
});

/**
 * Lets the page hear of changes from now on. What it gives waits for the next of them: what the
 * event said, of which element, and when; browser and test share a clock.
 */
async function listen(shopper) {
  await shopper.page.evaluate(() => {
    globalThis.heard = [];
    document.addEventListener("backroom:state", ({ detail, target }) => {
      heard.push({ detail, name: target.localName, at: Date.now() });
    });
  });
  return async () => {
    const next = await shopper.page.waitForFunction(() => heard.shift());
    return next.jsonValue();
  };
}

test("a change is announced once, in words, and a first paint never", async (t) => {
  const { shop, url } = await product();
  const shopper = await visit(t, url);
  await shopper.live();
  await shopper.says("", "status");
  const heard = await shopper.part("status").evaluateHandle((status) => {
    const heard = [];
    const options = { childList: true, characterData: true, subtree: true };
    new MutationObserver(() => heard.push(status.textContent)).observe(status, options);
    return heard;
  });
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  // A price is no news of stock: it is shown, and not announced.
  await shop.stockUp([{ sku: "low", title: "Ash chair", price: "13.00" }]);
  await shopper.says("£13.00", "price");
  assert.deepEqual(await heard.jsonValue(), ["Ash chair: Only 2 left."]);
});

test("the page's own scripts hear of a change", async (t) => {
  const { shop, url } = await product();
  const shopper = await visit(t, url);
  await shopper.live();
  const hear = await listen(shopper);
  await shop.command("sell", { low: 1 });
  const { detail, name } = await hear();
  assert.equal(name, "backroom-stock");
  await shop.published();
  const { words, ...snapshot } = detail;
  assert.deepEqual(snapshot, await shop.snapshot("low"));
  assert.equal(words.state, "Only 2 left");
});

test("what is not on the page is not sent to it", async (t) => {
  const { shop, url } = await product();
  const shopper = await visit(t, "about:blank");
  const frames = [];
  shopper.page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => frames.push(payload)),
  );
  await shopper.page.goto(url);
  await shopper.live();
  await shop.command("sell", { plenty: 39 });
  await shop.published();
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  assert.deepEqual(frames.map((frame) => JSON.parse(frame).items.map(({ sku }) => sku)), [["low"]]);
});

test("a page that painted an old version is corrected as soon as it wakes", async (t) => {
  const { shop, url } = await product();
  const old = await shop.snapshot("low");
  await backroom.faults({ freeze: [`s/${shop.id}/low`] });
  t.after(() => backroom.faults({ freeze: [] }));
  await shop.command("sell", { low: 2 });
  await shop.published();
  const stale = await shop.availability("low");
  assert.equal(stale.json.version, old.version);
  assert.ok(Number(stale.header("backroom-age")) >= 120, stale.header("backroom-age"));

  const shopper = await visit(t, "about:blank");
  await shopper.page.addInitScript(() => {
    globalThis.texts = [];
    const note = () => {
      const root = document.querySelector("backroom-stock")?.shadowRoot;
      const text = root?.querySelector("[part=state]");
      if (text && texts.at(-1) !== text.textContent) texts.push(text.textContent);
      requestAnimationFrame(note);
    };
    note();
  });
  await shopper.page.goto(url);
  await shopper.says("Only 1 left");
  assert.deepEqual(await shopper.page.evaluate(() => texts), ["Only 3 left", "Only 1 left"]);
});

test("when Backroom goes and comes back, the page stays and catches up", async (t) => {
  const shop = await stocked(backroom);
  const url = merchant.page("product.html", { origin: standIn.url, shop: shop.id, sku: "low" });
  const shopper = await visit(t, url, { allowed: [/WebSocket connection to/] });
  await shopper.live();
  const lost = shopper.sockets[0].waitForEvent("close");
  await backroom.kill9();
  standIn.target = null;
  await lost;
  await shopper.says("Only 3 left");
  await backroom.restart();
  await shop.command("sell", { low: 1 });
  standIn.target = backroom.url;
  await shopper.says("Only 2 left");
  assert.equal(shopper.open.length, 1);
});
