// When the widget comes, what it costs, and what it takes over.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();
const shop = await stocked(backroom);
const here = { origin: backroom.url, shop: shop.id };
const product = (sku) => merchant.page("product.html", { ...here, sku });

/** What of the widget was fetched: glue and WebAssembly, each by its ending. */
function fetched(shopper) {
  return shopper.to(`${backroom.url}/w/`).map((url) => url.split(".").at(-1));
}

test("plenty sleeps until somebody comes near", async (t) => {
  const shopper = await visit(t, product("plenty"));
  await shopper.says("In stock");
  await shopper.quiet();
  assert.deepEqual(fetched(shopper), []);
  assert.equal(shopper.sockets.length, 0);
});

const NEARING = {
  "a pointer": (page) => page.hover("backroom-stock"),
  // The title is a link: the keyboard reaches it.
  "the keyboard": (page) => page.keyboard.press("Tab"),
  "a touch": (page) => page.tap("backroom-stock [part=state]"),
};

for (const [what, near] of Object.entries(NEARING)) {
  test(`${what} wakes it`, async (t) => {
    const shopper = await visit(t, product("plenty"), { hasTouch: what === "a touch" });
    await shopper.says("In stock");
    await shopper.quiet();
    await near(shopper.page);
    await shopper.live();
    assert.deepEqual(fetched(shopper), ["js", "wasm"]);
    assert.equal(shopper.open.length, 1);
  });
}

for (const sku of ["low", "day"]) {
  test(`${sku} wakes by itself when it is in sight`, async (t) => {
    const shopper = await visit(t, product(sku));
    await shopper.live();
    assert.equal(shopper.open.length, 1);
  });
}

test("low sleeps while it is far below, and wakes when it is scrolled to", async (t) => {
  const shopper = await visit(t, merchant.page("far.html", here));
  await shopper.says("Only 3 left");
  await shopper.quiet();
  assert.deepEqual(fetched(shopper), []);
  await shopper.page.locator("backroom-stock").scrollIntoViewIfNeeded();
  await shopper.live();
  assert.deepEqual(fetched(shopper), ["js", "wasm"]);
});

test("the widget takes over the nodes that were painted", async (t) => {
  const shopper = await visit(t, product("plenty"));
  await shopper.says("In stock");
  const painted = await shopper.page.evaluateHandle(() => {
    const { shadowRoot } = document.querySelector("backroom-stock");
    const walker = document.createTreeWalker(shadowRoot);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    return { nodes, html: shadowRoot.innerHTML };
  });
  await shopper.page.hover("backroom-stock");
  await shopper.live();
  const kept = await painted.evaluate(({ nodes, html }) => {
    const { shadowRoot } = document.querySelector("backroom-stock");
    const isHere = (node) => node.isConnected && node.getRootNode() === shadowRoot;
    return { all: nodes.every(isHere), count: nodes.length, same: shadowRoot.innerHTML === html };
  });
  assert.ok(kept.count > 10, `${kept.count} nodes`);
  assert.deepEqual({ all: kept.all, same: kept.same }, { all: true, same: true });
});

test("what a translator has changed is painted anew, and then taken over", async (t) => {
  const shopper = await visit(t, product("plenty"));
  await shopper.says("In stock");
  await shopper.part("state").evaluate((state) => {
    state.innerHTML = "<font><font>Auf Lager</font></font>";
  });
  await shopper.page.hover("backroom-stock");
  await shopper.live();
  await shopper.says("In stock");
});

test("several widgets share one request, one module and one socket", async (t) => {
  const viewport = { width: 800, height: 1600 };
  const shopper = await visit(t, merchant.page("states.html", here), { viewport });
  // That of plenty wakes with the others: it costs nothing any more.
  const all = ["day", "low", "month", "nodate", "plenty", "range", "week"];
  await eventually(() => assert.deepEqual(shopper.watched.at(-1), all));
  await shopper.quiet();
  assert.equal(shopper.to(`${backroom.url}/v1/fragment`).length, 1);
  assert.deepEqual(fetched(shopper), ["js", "wasm"]);
  assert.equal(shopper.sockets.length, 1);
});
