// Pages that change under a product's view: other SKUs, elements replaced, gone and back again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();

function product(sku, shop = "states", buy = ' buy="/cart/add"') {
  return merchant.page("order.html", { origin: backroom.url, shop, sku, buy, data: "" });
}

/** Waits until what the page has last said on its socket is that it watches these SKUs. */
function watches(shopper, skus) {
  return eventually(() => assert.deepEqual(shopper.watched.at(-1), skus));
}

/** What of Backroom was fetched how often. */
function fetched(shopper) {
  const count = (pattern) => shopper.to(backroom.url).filter((url) => pattern.test(url)).length;
  return {
    fragments: count(/\/v1\/fragment/),
    actions: count(/\/actions\.js$/),
    glue: count(/\/widget\.js$/),
    wasm: count(/\.wasm$/),
    sockets: shopper.sockets.length,
  };
}

test("fifty elements of both views: one request, one of each file, one socket", async (t) => {
  const shop = await backroom.newShop();
  const skus = Array.from({ length: 50 }, (_, at) => `chair ${String(at).padStart(2, "0")}`);
  await shop.stockUp(Object.fromEntries(skus.map((sku) => [sku, 3])));
  const url = merchant.page("empty.html", { origin: backroom.url, shop: shop.id });
  const shopper = await visit(t, url, { viewport: { width: 800, height: 20_000 } });
  await shopper.page.evaluate((skus) => {
    for (const [at, sku] of skus.entries()) {
      const element = document.createElement("backroom-stock");
      element.setAttribute("sku", sku);
      if (at % 2) element.setAttribute("view", "product");
      element.setAttribute("buy", "/cart/add");
      document.body.append(element);
    }
  }, skus);
  await watches(shopper, skus);
  await shop.command("sell", Object.fromEntries(skus.map((sku) => [sku, 1])));
  await eventually(async () => {
    const states = (await shopper.part("state").allTextContents()).map((state) => state.trim());
    assert.deepEqual(states, skus.map(() => "Only 2 left"));
  });
  const buttons = await shopper.page.locator("backroom-stock [part=order] button:visible").count();
  assert.equal(buttons, skus.length / 2);
  await shopper.quiet();
  assert.deepEqual(fetched(shopper), { fragments: 1, actions: 1, glue: 1, wasm: 1, sockets: 1 });
});

test("what is offered instead never keeps out what the page is about", async (t) => {
  const shop = await backroom.newShop();
  const skus = Array.from({ length: 50 }, (_, at) => `chair ${String(at).padStart(2, "0")}`);
  await shop.stockUp(Object.fromEntries(skus.map((sku) => [sku, 3])));
  const shopper = await visit(t, "about:blank", { viewport: { width: 800, height: 20_000 } });
  const heard = [];
  let socket;
  await shopper.page.routeWebSocket(/v1\/live/, (route) => {
    socket = route;
    route.connectToServer();
    route.onMessage((frame) => heard.push(JSON.parse(frame).skus.map(({ sku }) => sku)));
  });
  await shopper.page.goto(merchant.page("empty.html", { origin: backroom.url, shop: shop.id }));
  await shopper.page.evaluate((skus) => {
    for (const sku of skus) {
      const element = document.createElement("backroom-stock");
      element.setAttribute("sku", sku);
      element.setAttribute("view", "product");
      document.body.append(element);
    }
  }, skus);
  await eventually(() => assert.equal(heard.at(-1)?.length, skus.length));
  const frames = heard.length;
  const substitute = (sku) => ({ sku, version: 1, title: sku, price: "", reason: "" });
  const items = skus.map((sku) => {
    const substitutes = [1, 2, 3].map((at) => substitute(`${sku} instead ${at}`));
    return { sku, version: 99, state: "out", words: { title: sku, state: "Out of stock", substitutes } };
  });
  socket.send(JSON.stringify({ type: "snapshots", items }));
  await eventually(() => assert.ok(heard.length > frames));
  assert.deepEqual(heard.at(-1).toSorted(), skus);
});

/** Notes from now on, in each frame, what an element shows that it should not. */
function watchFrames(shopper, text) {
  return shopper.page.evaluate((text) => {
    globalThis.wrong = [];
    globalThis.frames = 0;
    globalThis.look = () => {
      const element = document.querySelector("backroom-stock");
      const root = element?.shadowRoot;
      const state = root?.querySelector("[part=state]");
      const button = root?.querySelector("[part=order] button");
      const says = {
        state: state?.textContent.trim(),
        styled: state && getComputedStyle(root.querySelector("[data-dot]")).borderRadius,
        button: button?.checkVisibility(),
        fallback: element?.firstElementChild?.checkVisibility(),
      };
      const right = { state: text, styled: "50%", button: true, fallback: false };
      if (JSON.stringify(says) !== JSON.stringify(right)) wrong.push([frames, says]);
    };
    const frame = () => {
      frames += 1;
      look();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }, text);
}

for (const [how, replace] of [
  ["its container's HTML is set anew", () => {
    const container = document.querySelector("#stock");
    container.innerHTML = container.innerHTML;
  }],
  ["it is replaced by its clone", () => {
    const element = document.querySelector("backroom-stock");
    element.replaceWith(element.cloneNode(true));
  }],
  ["the whole body is replaced", () => {
    document.body.innerHTML = document.body.innerHTML;
  }],
  ["its SKU goes and comes back", () => {
    const element = document.querySelector("backroom-stock");
    element.removeAttribute("sku");
    element.setAttribute("sku", "low");
  }],
]) {
  test(`${how}: it is there in the same frame, with its button, and awake again`, async (t) => {
    const shopper = await visit(t, product("low"));
    await shopper.live();
    await shopper.page.locator("backroom-stock [part=order] button").waitFor();
    await watchFrames(shopper, "Only 3 left");
    for (let round = 1; round <= 5; round += 1) {
      const said = shopper.watched.length;
      await shopper.page.evaluate(`(${replace})(); look()`);
      await eventually(() => assert.ok(shopper.watched.length > said, "not awake again"));
    }
    const before = await shopper.page.evaluate(() => frames);
    await shopper.page.waitForFunction((before) => frames > before + 10, before);
    assert.deepEqual(await shopper.page.evaluate(() => wrong), []);
    assert.deepEqual(fetched(shopper).fragments, 1);
    assert.equal(shopper.open.length, 1);
    assert.equal((await shopper.seen()).shift, 0);
  });
}

test("its SKU is set to what it is: whoever types goes on typing", async (t) => {
  const shopper = await visit(t, product("low"));
  await shopper.live();
  const field = shopper.page.locator("[part=order] [part=field]");
  await field.fill("2");
  await shopper.page.evaluate(() => {
    const element = document.querySelector("backroom-stock");
    globalThis.root = element.shadowRoot.firstChild;
    element.setAttribute("sku", "low");
    globalThis.isSame = globalThis.root === element.shadowRoot.firstChild;
  });
  assert.equal(await shopper.page.evaluate(() => globalThis.isSame), true);
  assert.equal(await field.inputValue(), "2");
});

test("a page that goes by history shows each product as it is, with one socket", async (t) => {
  const shop = await stocked(backroom);
  const shopper = await visit(t, product("low", shop.id));
  await shopper.live();
  await shopper.page.evaluate(() => {
    const show = (sku) => {
      const element = document.createElement("backroom-stock");
      for (const [name, value] of [["sku", sku], ["view", "product"], ["buy", "/cart/add"]]) {
        element.setAttribute(name, value);
      }
      document.querySelector("#stock").replaceChildren(element);
    };
    globalThis.go = (sku) => {
      history.pushState({ sku }, "", `?${sku}`);
      show(sku);
    };
    history.replaceState({ sku: "low" }, "");
    addEventListener("popstate", ({ state }) => show(state.sku));
  });
  const go = (sku) => shopper.page.evaluate((sku) => globalThis.go(sku), sku);
  await go("day");
  await shopper.says("Back on 14 March 2031", "detail");
  await watches(shopper, ["day"]);
  await go("month");
  await shopper.says("Back in March 2031", "detail");
  await watches(shopper, ["month"]);
  await shop.command("sell", { low: 1 });
  await shop.published();
  const fragments = fetched(shopper).fragments;
  await shopper.page.evaluate(() => history.go(-2));
  await shopper.says("Only 2 left");
  await watches(shopper, ["low"]);
  await shopper.page.evaluate(() => history.go(1));
  await shopper.says("Back on 14 March 2031", "detail");
  await watches(shopper, ["day"]);
  await shop.command("receive", { day: 2 });
  await shopper.says("Only 2 left");
  assert.equal(await shopper.page.locator("backroom-stock [part=order] button").isVisible(), true);
  assert.equal(fetched(shopper).fragments, fragments, "what is known is painted from memory");
  await eventually(() => assert.equal(shopper.open.length, 1));
});

test("a variant picker: the last choice is what is shown, ordered and kept up to date", async (t) => {
  const shop = await stocked(backroom);
  const shopper = await visit(t, product("plenty", shop.id));
  await shopper.says("In stock");
  await shopper.page.evaluate(async () => {
    globalThis.orders = [];
    document.addEventListener("backroom:order", (event) => {
      event.preventDefault();
      orders.push(event.detail);
    });
    const element = document.querySelector("backroom-stock");
    for (let round = 0; round < 30; round += 1) {
      element.setAttribute("sku", ["day", "nodate", "unknown", "plenty", "low"][round % 5]);
      if (round % 3) await new Promise((frame) => requestAnimationFrame(frame));
    }
  });
  await shopper.says("Only 3 left");
  await watches(shopper, ["low"]);
  await shopper.page.locator("backroom-stock [name=quantity]").first().fill("2");
  await shopper.page.locator("backroom-stock [part=order] button").click();
  assert.deepEqual(await shopper.page.evaluate(() => orders), [{ sku: "low", quantity: 2, kind: "buy" }]);
  await shop.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  await eventually(() => assert.equal(shopper.open.length, 1));
});

test("elements that have gone leave nothing behind: no root, no listener, no socket", async (t) => {
  const shopper = await visit(t, product("low"));
  await shopper.live();
  const devtools = await shopper.context.newCDPSession(shopper.page);
  const listeners = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { jsEventListeners, nodes } = await devtools.send("Memory.getDOMCounters");
    return { jsEventListeners, nodes };
  };
  const comeAndGo = async (times) => {
    for (let round = 0; round < times; round += 1) {
      const said = shopper.watched.length;
      await shopper.page.evaluate((sku) => {
        const element = document.createElement("backroom-stock");
        element.setAttribute("sku", sku);
        element.setAttribute("view", "product");
        element.setAttribute("buy", "/cart/add");
        document.querySelector("h1").after(element);
        globalThis.roots = [...(globalThis.roots ?? []), new WeakRef(element.shadowRoot)];
      }, ["out", "low-one", "all-held"][round % 3]);
      await eventually(() => assert.ok(shopper.watched.length > said, "it did not wake"));
      await shopper.page.evaluate(() => document.querySelector("h1 + backroom-stock").remove());
      await eventually(() => assert.deepEqual(shopper.watched.at(-1), ["low"]));
    }
  };
  await comeAndGo(3);
  const before = await listeners();
  await comeAndGo(12);
  await eventually(async () => {
    const after = await listeners();
    const alive = await shopper.page.evaluate(() => roots.filter((root) => root.deref()).length);
    assert.ok(alive <= 1, `${alive} roots of 15 are still there`);
    // One element's, at most: the last one may still be at hand.
    assert.ok(after.jsEventListeners <= before.jsEventListeners + 8, JSON.stringify([before, after]));
    assert.ok(after.nodes <= before.nodes + 150, JSON.stringify([before, after]));
  });
  assert.equal(shopper.sockets.length, 1);
});

test("the countdown of an element that has gone stops", async (t) => {
  const shopper = await visit(t, "about:blank");
  await shopper.page.addInitScript(() => {
    // The timers of a second that are waiting: the countdown's, one for each that runs.
    globalThis.ticking = 0;
    const own = window.setTimeout;
    window.setTimeout = (work, wait, ...values) => {
      if (wait !== 1000) return own(work, wait, ...values);
      ticking += 1;
      return own(() => {
        ticking -= 1;
        work();
      }, wait);
    };
  });
  await shopper.page.goto(product("all-held"));
  const left = shopper.part("countdown");
  await eventually(async () => assert.match(await left.textContent(), /\d?\d:\d\d/));
  assert.equal(await shopper.page.evaluate(() => ticking), 1);
  await shopper.page.evaluate(() => document.querySelector("backroom-stock").remove());
  await eventually(async () => assert.equal(await shopper.page.evaluate(() => ticking), 0));
});

test("an awake product comes back from the back/forward cache, fresh, and can be ordered", async (t) => {
  const shop = await stocked(backroom);
  const shopper = await visit(t, product("low", shop.id));
  await shopper.live();
  await shopper.page.evaluate(() => {
    globalThis.orders = [];
    document.addEventListener("backroom:order", (event) => {
      event.preventDefault();
      orders.push(event.detail);
    });
  });
  await shopper.page.locator("backroom-stock [name=quantity]").first().fill("2");
  await shopper.page.goto(merchant.page("far.html", { origin: backroom.url, shop: shop.id }));
  await shop.command("sell", { low: 1 });
  await shop.published();
  await shopper.restored();
  await shopper.says("Only 2 left");
  const quantity = shopper.page.locator("backroom-stock [name=quantity]").first();
  assert.deepEqual([await quantity.inputValue(), await quantity.getAttribute("max")], ["2", "2"]);
  await shopper.page.locator("backroom-stock [part=order] button").click();
  assert.deepEqual(await shopper.page.evaluate(() => orders), [{ sku: "low", quantity: 2, kind: "buy" }]);
  await shop.command("sell", { low: 2 });
  await shopper.says("Out of stock, no date yet");
  assert.equal(await shopper.part("notify").isVisible(), true);
  await shopper.page.locator("#basket [name=quantity]").focus();
  assert.equal(await shopper.page.locator("backroom-stock [part=order] button").isVisible(), false);
});
