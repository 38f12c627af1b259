// Backroom fails in every way that it can: the merchant's page does not notice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { StandIn } from "./support/browser-stand-in.mjs";
import { setUp } from "./support/browser.mjs";

const { backroom, merchant, visit } = await setUp();
const shop = await stocked(backroom);
const standIn = await StandIn.open(backroom.url);
const here = { origin: standIn.url, shop: shop.id, sku: "low" };

/** The browser's own words about what it could not load. */
const NOT_LOADED = [/Failed to load resource/, /WebSocket connection to/];

/** A page whose origin answers so what matches. */
function product(pattern, answer) {
  standIn.instead = { pattern, answer };
  return merchant.page("product.html", here);
}

const body = (type, text, status = 200) => (_, response) => {
  response.writeHead(status, { "content-type": type, "access-control-allow-origin": "*" });
  response.end(text);
};
const down = (request) => request.socket.destroy();
const html = "text/html; charset=utf-8";
const backrooms = (inner) => `<style></style><div class="backroom" data-sku="low" ${inner}</div>`;

const FRAGMENTS = {
  "gone": down,
  "a 500": body(html, "<h1>Internal error</h1>", 500),
  "a problem document": body("application/problem+json", "{}", 404),
  "nonsense in HTML": body(html, "<h1>Welcome to the Wi-Fi of Hotel Splendid</h1>".repeat(100)),
  "a script in HTML": body(html, "<style></style><script>globalThis.hacked = 1</script>"),
  "cut off": body(html, backrooms('data-build="x" data-words="{').slice(0, -"</div>".length)),
  "of another SKU": body(html, backrooms('data-build="x">').replace("low", "high")),
  "a style that does not end": body(html, "<style>p { color: red }"),
  "JSON": body("application/json", '{"items":[]}'),
  "nothing": body(html, ""),
  "no type": (_, response) => response.end("x"),
  "no permission for this origin": (_, response) => response.end("<style></style>"),
  "half an answer": (_, response) => {
    const headers = { "content-type": html, "access-control-allow-origin": "*" };
    response.writeHead(200, { ...headers, "content-length": "1000" });
    response.write("<style>", () => response.destroy());
  },
};

for (const [what, answer] of Object.entries(FRAGMENTS)) {
  test(`the fragment is ${what}: the page's own words stay, and nothing moves`, async (t) => {
    const url = product(/^\/v1\/fragment/, answer);
    const shopper = await visit(t, url, { allowed: [...NOT_LOADED, /blocked by CORS policy/] });
    await shopper.quiet();
    await assertUnharmed(shopper);
    assert.deepEqual(shopper.to(`${standIn.url}/w/`), []);
  });
}

async function assertUnharmed(shopper) {
  const { page } = shopper;
  assert.ok(await page.getByText("Ask us about stock").isVisible());
  await page.getByRole("button", { name: "Add to basket" }).click();
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  assert.equal((await shopper.seen()).shift, 0);
}

test("the fragment is late: the page's own words stay until it is there", async (t) => {
  const { promise: late, resolve } = Promise.withResolvers();
  const url = product(/^\/v1\/fragment/, async (request, response) => {
    await late;
    const answer = await fetch(backroom.url + request.url);
    body(html, await answer.text())(request, response);
  });
  const shopper = await visit(t, url);
  await assertUnharmed(shopper);
  resolve();
  await shopper.says("Only 3 left");
  assert.equal((await shopper.seen()).shift, 0);
});

test("the fragment never comes: it is given up, and the page's own words stay", async (t) => {
  const url = product(/^\/v1\/fragment/, () => {});
  const shopper = await visit(t, url);
  const isFragment = (request) => request.url().includes("/v1/fragment");
  await shopper.page.waitForEvent("requestfailed", isFragment);
  await assertUnharmed(shopper);
});

const LOADERS = {
  "gone": down,
  "a 500": body("text/plain", "error code: 1101", 500),
  "nothing": body("text/javascript", ""),
};

for (const [what, answer] of Object.entries(LOADERS)) {
  test(`the loader is ${what}: the page is as without it`, async (t) => {
    const url = product(/^\/backroom\.js/, answer);
    const shopper = await visit(t, url, { allowed: NOT_LOADED });
    await shopper.quiet();
    await assertUnharmed(shopper);
  });
}

const WIDGETS = {
  "glue is gone": [/widget\.js/, down],
  "glue is a 404": [/widget\.js/, body("text/plain", "not found", 404)],
  "glue is HTML": [/widget\.js/, body(html, "<h1>Hello</h1>")],
  "glue is another module": [/widget\.js/, body("text/javascript", "export default 1")],
  "glue cannot be parsed": [/widget\.js/, body("text/javascript", "export default {{{")],
  "WebAssembly is gone": [/\.wasm/, down],
  "WebAssembly is a 404": [/\.wasm/, body("text/plain", "not found", 404)],
  "WebAssembly is nonsense": [/\.wasm/, body("application/wasm", "nonsense")],
  "WebAssembly is empty": [/\.wasm/, body("application/wasm", "")],
};

for (const [what, [pattern, answer]] of Object.entries(WIDGETS)) {
  test(`the widget's ${what}: what was painted stays`, async (t) => {
    const url = product(pattern, answer);
    const shopper = await visit(t, url, { allowed: [...NOT_LOADED, /MIME type/] });
    await shopper.says("Only 3 left");
    await shopper.page.hover("backroom-stock");
    await shopper.quiet();
    await shopper.says("Only 3 left");
    const { shift } = await shopper.seen();
    assert.equal(shift, 0);
    assert.equal(shopper.sockets.length, 0);
  });
}

test("the socket says nonsense: what was painted stays, and the next change comes", async (t) => {
  standIn.instead = null;
  const shopper = await visit(t, "about:blank");
  let socket;
  const told = Promise.withResolvers();
  await shopper.page.routeWebSocket(/v1\/live/, (route) => {
    socket = route;
    route.connectToServer().onMessage((message) => route.send(message));
    route.onMessage(() => told.resolve());
  });
  await shopper.page.goto(merchant.page("product.html", here));
  await told.promise;
  const item = await shop.snapshot("low");
  const words = { title: "Ash chair", state: "Only 1 left" };
  for (const frame of [
    ...["", "{", "null", "[]", "7", '"x"', "{}"],
    ...['{"items":null}', '{"items":{}}', '{"items":[null,7]}', '{"items":[{"sku":"low"}]}'],
    JSON.stringify({ items: [{ ...item, version: item.version + 1 }] }),
    JSON.stringify({ items: [{ ...item, version: item.version + 1, words: 7 }] }),
    JSON.stringify({ items: [{ ...item, version: "9", words }] }),
    JSON.stringify({ items: [{ ...item, version: item.version + 1, state: null, words }] }),
    JSON.stringify({ items: [{ ...item, sku: "another", version: 9, words }] }),
    JSON.stringify({ items: [{ ...item, words }] }),
    Buffer.from([0xff, 0x00]),
  ]) {
    socket.send(frame);
  }
  const news = { ...item, version: item.version + 1, words: { ...words, state: "Only 2 left" } };
  socket.send(JSON.stringify({ type: "snapshots", items: [news] }));
  await shopper.says("Only 2 left");
});
