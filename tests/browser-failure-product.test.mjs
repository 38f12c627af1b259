// Backroom fails while a shopper orders or signs up: what was painted stays, what was typed too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { SAID, fillIn, notifying, said, signUp } from "./support/browser-notify.mjs";
import { StandIn } from "./support/browser-stand-in.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();
const standIn = await StandIn.open(backroom.url);

const UNREACHABLE = "That did not get through. Please try again.";

/** The browser's own words about what it could not load. */
const NOT_LOADED = [/Failed to load resource/, /WebSocket connection to/, /MIME type/];

/** A page with a product, whose origin answers so what matches. */
function product(sku, pattern, answer, { shop = "states", buy = "/cart/add" } = {}) {
  standIn.instead = pattern && { pattern, answer };
  const here = { origin: standIn.url, shop, sku, buy: ` buy="${buy}"`, data: "" };
  return merchant.page("order.html", here);
}

const body = (type, text, status = 200) => (_, response) => {
  response.writeHead(status, { "content-type": type, "access-control-allow-origin": "*" });
  response.end(text);
};
const down = (request) => request.socket.destroy();
const hangs = () => {};
const html = "text/html; charset=utf-8";
const script = "text/javascript";

/** Backroom's own answer after `change`. */
const changed = (change, type = html) => async (request, response) => {
  const answer = await fetch(backroom.url + request.url);
  body(type, change(await answer.text()))(request, response);
};

const button = (shopper) => shopper.page.locator("backroom-stock [part=order] button");

/** An order is told to the page and goes to its address. */
async function assertOrders(shopper) {
  await shopper.page.evaluate(() => {
    document.addEventListener("backroom:order", ({ detail }) => (globalThis.order = detail));
  });
  const [left] = await Promise.all([
    shopper.page.waitForRequest((request) => request.isNavigationRequest()),
    button(shopper).click(),
  ]);
  assert.equal(left.url(), `${merchant.url}/cart/add?sku=low&quantity=1`);
  assert.equal(await shopper.page.evaluate(() => globalThis.order.sku), "low");
}

async function assertFallback(shopper) {
  assert.ok(await shopper.page.getByText("Ask us about stock").isVisible());
  assert.ok(await shopper.page.getByRole("button", { name: "Add to basket" }).isVisible());
}

const ACTIONS = {
  "gone": down,
  "a 404": body("text/plain", "not found", 404),
  "HTML": body(html, "<h1>Welcome to the Wi-Fi of Hotel Splendid</h1>"),
  "another module": body(script, "export default 1"),
  "broken": body(script, "export const act = () => { throw new Error('broken') }"),
  "cut off": changed((text) => text.slice(0, text.length / 2), script),
  "late for ever": hangs,
};

for (const [what, answer] of Object.entries(ACTIONS)) {
  test(`actions.js is ${what}: there is stock to read, and no form that leads nowhere`, async (t) => {
    const url = product("out", /actions\.js$/, answer);
    const shopper = await visit(t, url, { allowed: NOT_LOADED });
    await shopper.says("Out of stock, no date yet");
    await eventually(() => assert.equal(shopper.watched.at(-1)?.length, 4));
    assert.equal(await shopper.part("notify").isVisible(), false);
    await shopper.page.goto(product("low", /actions\.js$/, answer));
    await shopper.says("Only 3 left");
    await shopper.live(2);
    assert.equal(await button(shopper).isVisible(), false);
    assert.ok(await shopper.page.locator("#basket button").isVisible());
  });
}

const FRAGMENTS = {
  "JSON": body("application/json", '{"items":[]}'),
  "cut off in its middle": changed((text) => text.slice(0, text.lastIndexOf('part="notify"'))),
  "cut off near its end": changed((text) => text.slice(0, text.lastIndexOf("</p>"))),
  "of another SKU": changed((text) => text.replaceAll("low", "other")),
  "the listing's": changed((text) => text.replace('data-view="product"', 'data-view="sku"')),
  "late for ever": hangs,
};

for (const [what, answer] of Object.entries(FRAGMENTS)) {
  test(`the fragment is ${what}: the page's own words stay`, async (t) => {
    const url = product("low", /^\/v1\/fragment/, answer);
    const shopper = await visit(t, url, { allowed: NOT_LOADED });
    if (answer !== hangs) await shopper.quiet();
    await assertFallback(shopper);
    assert.equal(shopper.to(`${standIn.url}/w/`).length, 0);
    assert.equal((await shopper.seen()).shift, 0);
  });
}

test("the fragment is of a build that is gone: what it says is shown, and nothing leads nowhere", async (t) => {
  const ofOld = changed((text) => text.replace(/data-build="\w+"/, 'data-build="0123456789ab"'));
  const url = product("low", /^\/v1\/fragment/, ofOld);
  const shopper = await visit(t, url, { allowed: NOT_LOADED });
  await shopper.says("Only 3 left");
  await shopper.page.hover("backroom-stock");
  await shopper.quiet();
  await shopper.says("Only 3 left");
  assert.equal(await button(shopper).isVisible(), false);
  assert.ok(await shopper.page.locator("#basket button").isVisible());
});

test("another build is deployed while the page is open: an order is still one order", async (t) => {
  const shopper = await visit(t, product("in-stock"));
  await shopper.page.waitForFunction(() => window.backroom);
  await shopper.page.evaluate(() => {
    globalThis.heard = [];
    for (const name of ["ready", "order"]) {
      document.addEventListener(`backroom:${name}`, ({ detail }) => heard.push([name, detail.sku]));
    }
    backroom("cart", ({ sku }) => heard.push(["cart", sku]));
  });
  standIn.instead = {
    pattern: /^\/(v1\/fragment|w\/0123456789ab)/,
    async answer(request, response) {
      const own = await backroom.ask("/v1/fragment?shop=states&sku=low");
      const build = /data-build="(\w+)"/.exec(own.text)[1];
      const answer = await fetch(backroom.url + request.url.replace("0123456789ab", build));
      const type = answer.headers.get("content-type");
      body(type, (await answer.text()).replaceAll(build, "0123456789ab"))(request, response);
    },
  };
  const repainted = shopper.page.waitForResponse(/0123456789ab\/actions\.js/);
  await shopper.page.evaluate(() => {
    document.querySelector("backroom-stock").setAttribute("sku", "substitute-1");
  });
  await repainted;
  await button(shopper).waitFor();
  await button(shopper).click();
  await shopper.quiet();
  const heard = await shopper.page.evaluate(() => globalThis.heard);
  assert.deepEqual(heard, [["order", "substitute-1"], ["cart", "substitute-1"]]);
});

test("an element that has become another SKU's while actions.js came breaks nothing", async (t) => {
  const { promise: late, resolve } = Promise.withResolvers();
  const url = product("low", /actions\.js$/, async (request, response) => {
    await late;
    changed((text) => text, script)(request, response);
  });
  const shopper = await visit(t, url);
  await shopper.says("Only 3 left");
  await shopper.page.evaluate(() => {
    document.querySelector("backroom-stock").setAttribute("sku", "unknown");
  });
  resolve();
  await shopper.quiet();
  await assertFallback(shopper);
  await shopper.page.evaluate(() => {
    document.querySelector("backroom-stock").setAttribute("sku", "low");
  });
  await button(shopper).waitFor();
});

const WIDGETS = {
  "glue is gone": [/widget\.js/, down],
  "glue is HTML": [/widget\.js/, body(html, "<h1>Hello</h1>")],
  "glue never comes": [/widget\.js/, hangs],
  "WebAssembly is gone": [/\.wasm/, down],
  "WebAssembly is nonsense": [/\.wasm/, body("application/wasm", "nonsense")],
  "WebAssembly never comes": [/\.wasm/, hangs],
  "socket is refused": [/\/v1\/live/, down],
};

for (const [what, [pattern, answer]] of Object.entries(WIDGETS)) {
  test(`the widget's ${what}: a product can still be ordered and waited for`, async (t) => {
    const url = product("low", pattern, answer);
    const shopper = await visit(t, url, { allowed: NOT_LOADED });
    await shopper.says("Only 3 left");
    await shopper.page.hover("backroom-stock");
    await assertOrders(shopper);
    await shopper.page.goto(product("out", pattern, answer));
    const posted = await notifying(shopper);
    await signUp(shopper);
    await shopper.says(SAID, "reply");
    assert.equal(posted.length, 1);
  });
}

test("a trap when the widget takes over: what was painted stays, and its forms work", async (t) => {
  // Not what this build's Worker has written: a place for a text has none.
  const mangle = changed((text) => text.replace(/<p part="price">[^<]*/, '<p part="price"><i></i>'));
  for (const sku of ["low", "out"]) {
    const shopper = await visit(t, product(sku, /^\/v1\/fragment/, mangle));
    await shopper.says(sku === "low" ? "Only 3 left" : "Out of stock, no date yet");
    await eventually(() => assert.ok(shopper.requests.some((url) => url.endsWith(".wasm"))));
    await shopper.quiet();
    assert.equal(shopper.sockets.length, 0, "it did not trap");
    if (sku === "low") {
      await assertOrders(shopper);
    } else {
      await notifying(shopper);
      await signUp(shopper);
      await shopper.says(SAID, "reply");
    }
  }
});

test("a trap at a change: what was painted stays, and can be ordered and left", async (t) => {
  const shop = await stocked(backroom);
  const url = product("low", null, null, { shop: shop.id });
  const shopper = await visit(t, url, { allowed: [/unreachable/] });
  await shopper.live();
  const trapped = shopper.page.waitForEvent("pageerror");
  await shopper.page.evaluate(() => {
    // Stands for a trap: it ends the widget's work where a text is set.
    Object.defineProperty(Node.prototype, "nodeValue", {
      set() {
        throw new WebAssembly.RuntimeError("unreachable");
      },
    });
  });
  await shop.command("sell", { low: 1 });
  await trapped;
  assert.match(await shopper.part("state").textContent(), /^Only [23] left$/);
  await assertOrders(shopper);
  await shopper.page.evaluate(() => document.querySelector("backroom-stock").setAttribute("sku", "plenty"));
  await shopper.says("In stock");
  await shopper.page.evaluate(() => document.querySelector("backroom-stock").remove());
  await shopper.quiet();
});

const cors = { "access-control-allow-origin": "*" };
const NOTIFIES = {
  "gone": (route) => route.abort("connectionrefused"),
  "offline": (route) => route.abort("internetdisconnected"),
  "a 500": (route) => route.fulfill({ status: 500, headers: cors, body: "error code: 1101" }),
  "a problem without words": (route) =>
    route.fulfill({ status: 503, headers: cors, contentType: "application/problem+json", body: '{"type":7}' }),
  "HTML that says that all is well": (route) =>
    route.fulfill({ status: 200, headers: cors, contentType: "text/html", body: "<h1>Welcome</h1>" }),
  "JSON of somebody else": (route) => route.fulfill({ status: 200, headers: cors, json: { ok: true } }),
  "null": (route) => route.fulfill({ status: 200, headers: cors, json: null }),
};

for (const [what, answer] of Object.entries(NOTIFIES)) {
  test(`the answer to a sign-up is ${what}: it says so, keeps what was typed, and can be sent again`, async (t) => {
    const shopper = await visit(t, product("out"), { allowed: NOT_LOADED });
    await hear(shopper);
    const posted = await notifying(shopper, answer);
    await signUp(shopper, { email: "ann@example.com", quantity: 2 });
    await assertTriedInVain(shopper);
    await shopper.page.unroute("**/v1/notify");
    const again = await notifying(shopper);
    await shopper.part("notify").locator("form button").click();
    await shopper.says(SAID, "reply");
    assert.equal(String(again[0]), String(posted[0]));
    assert.equal(again[0].get("email"), "ann@example.com");
    const about = { sku: "out", quantity: 2 };
    assert.deepEqual(await heard(shopper), [
      ...[["notify", about], ["notified", { ...about, ok: false }]],
      ...[["notify", about], ["notified", { ...about, ok: true }]],
    ]);
  });
}

test("no answer comes to a sign-up: it is given up, and can be sent again", async (t) => {
  const shopper = await visit(t, product("out"), { allowed: NOT_LOADED });
  const posted = await notifying(shopper, () => {});
  await signUp(shopper, { quantity: 2 });
  const form = shopper.part("notify").locator("form");
  assert.equal(await form.getAttribute("aria-busy"), "true");
  // Who is impatient does not send it twice.
  await form.locator("button").click();
  await assertTriedInVain(shopper);
  assert.equal(posted.length, 1);
});

async function assertTriedInVain(shopper) {
  await shopper.says(UNREACHABLE, "reply");
  const form = shopper.part("notify").locator("form");
  const state = await form.evaluate((form) => ({
    typed: Object.fromEntries(new FormData(form)),
    busy: form.ariaBusy,
    hidden: form.hidden,
    invalid: form.elements.email.ariaInvalid,
  }));
  const typed = { shop: "states", sku: "out", lang: "en", email: "ann@example.com", quantity: "2" };
  assert.deepEqual(state, { typed: { ...typed, consent: "yes" }, busy: null, hidden: false, invalid: null });
}

const hear = (shopper) =>
  shopper.page.evaluate(() => {
    globalThis.heard = [];
    for (const name of ["notify", "notified"]) {
      document.addEventListener(`backroom:${name}`, ({ detail }) => heard.push([name, detail]));
    }
  });
const heard = (shopper) => shopper.page.evaluate(() => globalThis.heard);

test("an address that Backroom refuses is told of where it stands, and can be mended", async (t) => {
  const shopper = await visit(t, product("out"), { allowed: NOT_LOADED });
  await notifying(shopper, said(422, "Please look at the address again.", "bad_email"));
  await signUp(shopper, { email: "ann@example" });
  await shopper.says("Please look at the address again.", "reply");
  const email = shopper.part("notify").locator("[name=email]");
  assert.equal(await email.getAttribute("aria-invalid"), "true");
  assert.equal(await email.evaluate((field) => field.getRootNode().activeElement === field), true);
  assert.equal(await email.inputValue(), "ann@example");
  await shopper.page.unroute("**/v1/notify");
  const again = await notifying(shopper);
  await email.fill("ann@example.com");
  await shopper.part("notify").locator("form button").click();
  await shopper.says(SAID, "reply");
  assert.equal(again[0].get("email"), "ann@example.com");
  assert.equal(await email.getAttribute("aria-invalid"), null);
});

test("the page can stop a sign-up", async (t) => {
  const shopper = await visit(t, product("out"));
  const posted = await notifying(shopper);
  await shopper.page.evaluate(() => {
    document.addEventListener("backroom:notify", (event) => {
      event.preventDefault();
      globalThis.stopped = event.detail;
    });
  });
  await signUp(shopper, { quantity: 3 });
  await shopper.page.waitForFunction(() => globalThis.stopped);
  await shopper.quiet();
  assert.deepEqual(await shopper.page.evaluate(() => globalThis.stopped), { sku: "out", quantity: 3 });
  assert.deepEqual(posted, []);
});

test("what is being typed outlives the widget's waking and a change", async (t) => {
  const shop = await stocked(backroom);
  const url = product("day", null, null, { shop: shop.id });
  const shopper = await visit(t, "about:blank");
  const { promise: late, resolve } = Promise.withResolvers();
  await shopper.page.route("**/*.wasm", async (route) => {
    await late;
    await route.continue();
  });
  await shopper.page.goto(url);
  await fillIn(shopper, { email: "ann@exam" });
  resolve();
  await shopper.live();
  const email = shopper.part("notify").locator("[name=email]");
  assert.equal(await email.inputValue(), "ann@exam");
  await email.focus();
  await shop.command("receive", { day: 2 });
  await shopper.says("Only 2 left");
  assert.equal(await email.inputValue(), "ann@exam");
  assert.equal(await email.isVisible(), true, "whoever is typing goes on typing");
});
