// A shopper orders: the page is asked first, then the order goes its way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();

/** The shop with a SKU in each state; nothing of it changes. */
const SHOWCASE = "states";

/** A page whose element has this `buy`; without one, none. */
function product(buy, { shop = SHOWCASE, sku = "low", data = "" } = {}) {
  const attribute = buy === undefined ? "" : ` buy="${buy}"`;
  const here = { origin: backroom.url, shop, sku, data, buy: attribute };
  return merchant.page("order.html", here);
}

const button = (shopper) => shopper.page.locator("backroom-stock [part=order] button");
const quantity = (shopper) => shopper.page.locator("backroom-stock [part=order] [name=quantity]");

/** Keeps the page where it is: what it would have gone to. */
async function leaving(shopper) {
  const left = [];
  await shopper.page.route(/\/(cart\/add|basket)\?/, (route) => {
    left.push(new URL(route.request().url()));
    return route.fulfill({ status: 204 });
  });
  return left;
}

/** Runs before the page's own scripts: the stub, and what a merchant says to it. */
async function withStub(t, url, say) {
  const shopper = await visit(t, "about:blank");
  await shopper.page.addInitScript(() => {
    globalThis.heard = [];
    window.backroom = function () {
      (window.backroom.q = window.backroom.q || []).push(arguments);
    };
  });
  await shopper.page.addInitScript(say);
  await shopper.page.goto(url);
  return shopper;
}

for (const [sku, kind, says] of [
  ["low", "buy", "Add to basket"],
  ["in-stock", "buy", "Add to basket"],
  ["preorder", "preorder", "Pre-order now"],
  ["backorder", "backorder", "Back-order now"],
]) {
  test(`${sku}: the button fits, the page hears of the order, and it goes to its address`, async (t) => {
    const shopper = await visit(t, product("/cart/add", { sku }));
    const left = await leaving(shopper);
    await shopper.page.evaluate(() => {
      document.addEventListener("backroom:order", ({ detail, target }) => {
        globalThis.order = { detail, name: target.localName };
      });
    });
    await button(shopper).waitFor();
    assert.equal(await button(shopper).innerText(), says);
    await quantity(shopper).fill("2");
    await button(shopper).click();
    await eventually(() => assert.equal(left.length, 1));
    assert.equal(left[0].pathname + left[0].search, `/cart/add?sku=${sku}&quantity=2`);
    const order = await shopper.page.evaluate(() => globalThis.order);
    assert.deepEqual(order, { detail: { sku, quantity: 2, kind }, name: "backroom-stock" });
  });
}

for (const sku of ["all-held", "out", "out-day", "discontinued", "hidden"]) {
  test(`${sku} cannot be ordered`, async (t) => {
    const shopper = await visit(t, product("/cart/add", { sku }));
    await button(shopper).waitFor({ state: "attached" });
    await shopper.quiet();
    assert.equal(await button(shopper).isVisible(), false);
  });
}

test("without `buy` there is no button, and with it one comes", async (t) => {
  const shopper = await visit(t, product());
  await shopper.says("Only 3 left");
  await shopper.quiet();
  assert.equal(await button(shopper).isVisible(), false);
  const element = shopper.page.locator("backroom-stock");
  await element.evaluate((element) => element.setAttribute("buy", "/cart/add"));
  await button(shopper).waitFor();
  await element.evaluate((element) => element.removeAttribute("buy"));
  await button(shopper).waitFor({ state: "hidden" });
});

test("`data-buy` on the script is for every element that has none of its own", async (t) => {
  const shopper = await visit(t, product(undefined, { data: ' data-buy="/cart/add"' }));
  const left = await leaving(shopper);
  await button(shopper).click();
  await eventually(() => assert.equal(left[0]?.pathname, "/cart/add"));
});

test("no more can be ordered than can be had, also after a change", async (t) => {
  const shop = await stocked(backroom);
  const shopper = await visit(t, product("/cart/add", { shop: shop.id }));
  const left = await leaving(shopper);
  const isValid = () => quantity(shopper).evaluate((field) => field.validity.valid);
  await shopper.live();
  for (const [units, ok] of [["4", false], ["3", true], ["0", false], ["1.5", false], ["", false]]) {
    await quantity(shopper).fill(units);
    assert.equal(await isValid(), ok, units);
  }
  await button(shopper).click();
  await quantity(shopper).fill("3");
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  // What was typed is not changed behind the shopper's back, but it is not sent either.
  assert.equal(await quantity(shopper).inputValue(), "3");
  await button(shopper).click();
  assert.equal(await isValid(), false);
  assert.deepEqual(left, []);
  await quantity(shopper).fill("2");
  await button(shopper).click();
  await eventually(() => assert.equal(left[0]?.search, "?sku=low&quantity=2"));
});

test("what sells out under a shopper's finger is not ordered", async (t) => {
  const shop = await stocked(backroom);
  const shopper = await visit(t, product("/cart/add", { shop: shop.id }));
  const left = await leaving(shopper);
  await shopper.live();
  await shopper.page.evaluate(() => {
    globalThis.orders = [];
    document.addEventListener("backroom:order", ({ detail }) => orders.push(detail));
  });
  await quantity(shopper).focus();
  await shop.command("sell", { low: 3 });
  await shopper.says("Out of stock, no date yet");
  await shopper.page.keyboard.press("Enter");
  await shopper.quiet();
  assert.deepEqual(await shopper.page.evaluate(() => orders), []);
  assert.deepEqual(left, []);
});

for (const buy of ["/cart/add", "#basket", ""]) {
  test(`preventDefault() stops an order by buy="${buy}"`, async (t) => {
    const shopper = await withStub(t, product(buy), () => {
      backroom("cart", () => heard.push("cart"));
      backroom("on", "order", (event) => {
        event.preventDefault();
        heard.push(event.detail);
      });
    });
    const left = await leaving(shopper);
    await button(shopper).click();
    await shopper.quiet();
    assert.deepEqual(await shopper.page.evaluate(() => heard), [{ sku: "low", quantity: 1, kind: "buy" }]);
    assert.deepEqual(left, []);
  });
}

test("an empty `buy` is nothing but the event", async (t) => {
  const url = product("");
  const shopper = await visit(t, url);
  await shopper.page.evaluate(() => {
    globalThis.orders = [];
    document.addEventListener("backroom:order", ({ detail }) => orders.push(detail.sku));
  });
  await button(shopper).click();
  await shopper.quiet();
  assert.deepEqual(await shopper.page.evaluate(() => globalThis.orders), ["low"]);
  assert.equal(shopper.to(url).length, 1, "it went to the page's own address");
});

test("the merchant's own form gets the quantity, is asked, and is submitted once", async (t) => {
  const shopper = await visit(t, product("#basket"));
  const left = await leaving(shopper);
  await shopper.page.evaluate(() => {
    globalThis.submits = [];
    const basket = document.querySelector("#basket");
    basket.addEventListener("submit", (event) => {
      submits.push(Object.fromEntries(new FormData(basket)));
      if (basket.dataset.stop) event.preventDefault();
    });
    basket.dataset.stop = "yes";
  });
  await quantity(shopper).fill("2");
  await button(shopper).click();
  const submits = () => shopper.page.evaluate(() => globalThis.submits);
  assert.deepEqual(await submits(), [{ id: "chair-7", quantity: "2" }]);
  await shopper.quiet();
  assert.deepEqual(left, [], "the merchant's own script stopped it");
  await shopper.page.evaluate(() => delete document.querySelector("#basket").dataset.stop);
  await button(shopper).click();
  await eventually(() => assert.equal(left.length, 1));
  assert.equal(left[0].pathname + left[0].search, "/basket?id=chair-7&quantity=2");
  assert.equal((await submits()).length, 2);
});

test("the page's own way gets the order, and nothing else happens", async (t) => {
  const shopper = await withStub(t, product("/cart/add"), () => {
    backroom("cart", async (order) => heard.push(order));
  });
  const left = await leaving(shopper);
  await quantity(shopper).fill("3");
  await button(shopper).click();
  await eventually(async () =>
    assert.deepEqual(await shopper.page.evaluate(() => heard), [{ sku: "low", quantity: 3, kind: "buy" }]),
  );
  await shopper.quiet();
  assert.deepEqual(left, []);
});

for (const [what, way] of [
  ["a promise that fails", () => backroom("cart", () => Promise.reject(new Error("no cart")))],
  [
    "an error",
    () =>
      backroom("cart", () => {
        throw new Error("no cart");
      }),
  ],
]) {
  for (const [buy, address] of [
    ["/cart/add", "/cart/add?sku=low&quantity=2"],
    ["#basket", "/basket?id=chair-7&quantity=2"],
  ]) {
    test(`after ${what} of the page's own way the order goes by buy="${buy}"`, async (t) => {
      const shopper = await withStub(t, product(buy), way);
      const left = await leaving(shopper);
      await quantity(shopper).fill("2");
      await button(shopper).click();
      await eventually(() => assert.equal(left.length, 1));
      assert.equal(left[0].pathname + left[0].search, address);
    });
  }
}

test("what the stub was told is done in its order, and later calls at once", async (t) => {
  const shopper = await withStub(t, product("/cart/add"), () => {
    backroom("unknown", 1);
    backroom("refresh");
    backroom("on", "ready", ({ detail }) => heard.push(["ready", detail.sku, detail.state]));
    backroom("cart", (order) => heard.push(["cart", order.sku]));
    backroom("on", "order", ({ detail }) => heard.push(["order", detail.sku]));
  });
  await button(shopper).click();
  const heard = () => shopper.page.evaluate(() => globalThis.heard);
  const first = [["ready", "low", "low"], ["order", "low"], ["cart", "low"]];
  await eventually(async () => assert.deepEqual(await heard(), first));
  await shopper.page.evaluate(() => {
    backroom("cart", (order) => globalThis.heard.push(["other", order.quantity]));
  });
  await button(shopper).click();
  await eventually(async () => assert.deepEqual((await heard()).slice(3), [["order", "low"], ["other", 1]]));
});

test("without a stub the commands are there once the element is ready", async (t) => {
  const shopper = await visit(t, product("/cart/add"));
  await shopper.page.waitForFunction(() => window.backroom);
  const left = await leaving(shopper);
  await shopper.page.evaluate(() => backroom("cart", (order) => (globalThis.order = order)));
  await button(shopper).click();
  await shopper.page.waitForFunction(() => globalThis.order?.sku === "low");
  assert.deepEqual(left, []);
});

test("`refresh` asks the edge anew, once for all", async (t) => {
  const shopper = await visit(t, product("/cart/add", { sku: "in-stock" }));
  await shopper.page.waitForFunction(() => window.backroom);
  await shopper.quiet();
  const asked = () => shopper.to(`${backroom.url}/v1/fragment`).length;
  assert.equal(asked(), 1);
  await shopper.page.evaluate(() => {
    backroom("refresh");
    backroom("refresh");
  });
  await shopper.quiet();
  assert.equal(asked(), 2);
});

test("a substitute is told of first, and then followed", async (t) => {
  const shopper = await visit(t, product("/cart/add", { sku: "out" }));
  const link = shopper.part("substitute").first();
  await shopper.page.waitForFunction(() => window.backroom);
  await shopper.page.evaluate(() => {
    document.addEventListener("backroom:substitute", (event) => {
      if (!globalThis.substitute) event.preventDefault();
      globalThis.substitute = event.detail;
    });
  });
  const url = shopper.page.url();
  await link.click();
  const detail = await shopper.page.evaluate(() => globalThis.substitute);
  assert.deepEqual(detail, { sku: "out", substitute: "substitute-1" });
  assert.equal(shopper.page.url(), url);
  const followed = shopper.page.waitForRequest(`${merchant.url}/shop/parasol-red.html`);
  await link.click();
  await followed;
});
