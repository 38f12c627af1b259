// A hundred hostile texts as SKU, title, options and addresses, in both views, asleep, awake and
// changed: nothing runs, nothing becomes markup, nothing is asked of anybody else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";
import { HOSTILE } from "./support/hostile.mjs";
import { assertProblem } from "./support/problem.mjs";
import { csv } from "./support/shop.mjs";

const { backroom, merchant, visit } = await setUp();

/** SKUs of one request, and of one page's socket. */
const AT_ONCE = 50;

/** Text as the view has it: what would reverse the text around it is a space. */
const shown = (text) => text.replace(/[\u202a-\u202e\u2066-\u2069]/g, " ");

/** A path with this text in it, if an import takes it. */
const path = (text) => (text.includes("\\") ? "/x" : `/x/${text}?${text}#${text}`);

const rows = (texts, shift = 0) =>
  texts.map((sku, at) => {
    const text = texts[(at + shift) % texts.length];
    return { sku, title: text, options: text, url: path(text), image: path(text), on_hand: 3 };
  });

/** Puts an element for each SKU on the page. */
function place(shopper, skus, view) {
  return shopper.page.evaluate(
    ([skus, view]) => {
      for (const sku of skus) {
        const element = document.createElement("backroom-stock");
        element.setAttribute("sku", sku);
        if (view) element.setAttribute("view", view);
        element.setAttribute("buy", "/cart/add");
        document.body.append(element);
      }
    },
    [skus, view],
  );
}

/** How many elements there are in the page and in each widget. */
function elements(shopper) {
  return shopper.page.evaluate(() => {
    const hosts = [...document.querySelectorAll("backroom-stock")];
    return [document, ...hosts.map((host) => host.shadowRoot)].map((root) => root.querySelectorAll("*").length);
  });
}

function assertTexts(shopper, expected) {
  return eventually(async () => {
    for (const [part, column] of [["title", "title"], ["price", "options"]]) {
      const texts = await shopper.part(part).allTextContents();
      assert.deepEqual(texts, expected.map((row) => shown(row[column])));
    }
    const links = await shopper.part("title").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    assert.deepEqual(links, expected.map(({ url }) => url));
  });
}

async function assertHarmless(shopper) {
  await shopper.quiet();
  assert.deepEqual(
    await shopper.page.evaluate(() => [globalThis.hacked, {}.hacked, location.pathname]),
    [undefined, undefined, new URL(shopper.page.url()).pathname],
  );
  const strangers = shopper.requests.filter((url) => {
    const { origin, protocol } = new URL(url);
    return protocol !== "blob:" && origin !== backroom.url && origin !== merchant.url;
  });
  assert.deepEqual(strangers, []);
}

for (const view of ["", "product"]) {
  test(`as ${view || "listed"}: painted, awake and changed, each is its text`, async (t) => {
    const shop = await backroom.newShop();
    await shop.stockUp(rows(HOSTILE));
    for (let from = 0; from < HOSTILE.length; from += AT_ONCE) {
      const texts = HOSTILE.slice(from, from + AT_ONCE);
      const viewport = { width: 800, height: 20_000 };
      const url = merchant.page("empty.html", { origin: backroom.url, shop: shop.id });
      const shopper = await visit(t, url, { viewport });
      await place(shopper, texts, view);
      const expected = rows(HOSTILE).slice(from, from + AT_ONCE);
      await assertTexts(shopper, expected);
      const painted = await elements(shopper);
      assert.equal(new Set(painted.slice(1)).size, 1, `a text has become an element: ${painted}`);
      await eventually(() => assert.deepEqual(shopper.watched.at(-1), texts.toSorted()));
      // Their own, by the socket too: what is sold, and another title.
      await shop.command("sell", Object.fromEntries(texts.map((sku) => [sku, 1])));
      await eventually(async () => {
        const said = await shopper.part("status").allTextContents();
        assert.deepEqual(said, expected.map(({ title }) => `${shown(title)}: Only 2 left.`));
      });
      const moved = rows(texts, 1).map(({ on_hand, ...row }) => row);
      await shop.stockUp(moved);
      await assertTexts(shopper, moved);
      assert.deepEqual(await elements(shopper), painted, "a text has become an element");
      if (view) {
        const forms = await shopper.page.locator("backroom-stock").evaluateAll((all) =>
          all.map(({ shadowRoot }) => [...shadowRoot.querySelectorAll("[name=sku]")].map(({ value }) => value)),
        );
        assert.deepEqual(forms, texts.map((sku) => [sku, sku]));
      }
      await assertHarmless(shopper);
    }
  });
}

test("as what is offered instead each is its text", async (t) => {
  const shopper = await visit(t, "about:blank");
  const watching = Promise.withResolvers();
  await shopper.page.routeWebSocket(/v1\/live/, (route) => {
    route.connectToServer();
    route.onMessage(() => watching.resolve(route));
  });
  const here = { origin: backroom.url, shop: "states", sku: "out", buy: "", data: "" };
  await shopper.page.goto(merchant.page("order.html", here));
  const socket = await watching.promise;
  const painted = await elements(shopper);
  const words = { title: "Parasol", state: "Out of stock" };
  for (let version = 2; version * 3 < HOSTILE.length + 6; version += 1) {
    const texts = HOSTILE.slice((version - 2) * 3, (version - 1) * 3);
    const substitutes = texts.map((text) => ({
      ...{ sku: text, version: 1, title: text, price: text, reason: text },
      ...{ href: path(text), image: path(text) },
    }));
    const item = { sku: "out", state: "out", version, words: { ...words, substitutes } };
    socket.send(JSON.stringify({ type: "snapshots", items: [item] }));
    await eventually(async () => {
      const shown = await shopper.page.locator("backroom-stock li:not([hidden]) a").evaluateAll((all) =>
        all.map((link) => ({
          href: link.getAttribute("href"),
          image: link.querySelector("img").getAttribute("src"),
          sku: link.dataset.sku,
          texts: [...link.querySelectorAll("b, span span")].map((one) => one.textContent),
        })),
      );
      const expected = substitutes.map(({ href, image, sku }) => ({ href, image, sku, texts: [sku, sku, sku] }));
      assert.deepEqual(shown, expected);
    });
  }
  assert.deepEqual(await elements(shopper), painted);
  await assertHarmless(shopper);
});

test("a hostile address is refused, or a path on the page's own site", async (t) => {
  const shop = await backroom.newShop();
  const schemes = HOSTILE.filter((text) => !text.startsWith("https://"));
  for (const column of ["url", "image"]) {
    const file = csv(schemes.map((text, at) => ({ sku: `${at}`, on_hand: 1, [column]: text })));
    const answer = await shop.import(file);
    assertProblem(answer, 422, "bad_cells");
    assert.equal(answer.json.cells.length, schemes.length);
  }
  const taken = HOSTILE.filter((text) => !text.includes("\\"));
  await shop.stockUp(taken.slice(0, AT_ONCE).map((sku) => ({ sku, on_hand: 0, url: path(sku) })));
  const url = merchant.page("empty.html", { origin: backroom.url, shop: shop.id });
  const shopper = await visit(t, url, { viewport: { width: 800, height: 20_000 } });
  await place(shopper, taken.slice(0, AT_ONCE), "product");
  await shopper.part("title").nth(AT_ONCE - 1).waitFor();
  const origins = await shopper.part("title").evaluateAll((all) => all.map((a) => a.origin));
  assert.deepEqual(new Set(origins), new Set([merchant.url]));
  await assertHarmless(shopper);
});

/** What the loader could take for a view, for two SKUs, or for a part of an address. */
const SKUS = [
  ...["x", " x", "  x", "x ", "product x", " product x", "product  x", "sku x", "product ", "sku ", " "],
  ...["product", "sku", "a/b", "../a", "a b", "a+b", "a%20b", "a&sku=b", "a=b", "?", "#", ".", "a,b"],
  ...["'", '"', "\"'", "\\", "é", "e\u0301", "🎁", "\u00a0", "\u2028", "𝒳", "ÿ", "Ａ"],
];

test("a SKU is opaque to the loader, the edge, the socket and the order", async (t) => {
  const shop = await backroom.newShop();
  const goods = SKUS.map((sku, at) => ({ sku, title: `Chair ${at}`, on_hand: 3 }));
  await shop.stockUp(goods);
  const viewport = { width: 800, height: 20_000 };
  const url = merchant.page("empty.html", { origin: backroom.url, shop: shop.id });
  for (const views of [["", "product"], ["product", ""]]) {
    const shopper = await visit(t, url, { viewport });
    for (const view of views) await place(shopper, SKUS, view);
    const titles = goods.map(({ title }) => title);
    await eventually(async () =>
      assert.deepEqual(await shopper.part("title").allTextContents(), [...titles, ...titles]),
    );
    await eventually(() => assert.deepEqual(shopper.watched.at(-1), SKUS.toSorted()));
    // More than one request takes, and each was asked for once.
    const asked = shopper.to(`${backroom.url}/v1/fragment`).map((url) => [...new URL(url).searchParams]);
    const skus = asked.flat().filter(([name]) => name === "sku" || name === "product");
    const both = SKUS.flatMap((sku) => [`sku ${sku}`, `product ${sku}`]);
    assert.deepEqual(skus.map((pair) => pair.join(" ")).toSorted(), both.toSorted());
    assert.equal(asked.length, Math.ceil(both.length / AT_ONCE));
    await shopper.page.evaluate(() => {
      globalThis.orders = [];
      document.addEventListener("backroom:order", (event) => {
        event.preventDefault();
        orders.push(event.detail.sku);
      });
    });
    await shopper.page.locator("backroom-stock [part=order] button").evaluateAll((all) => {
      for (const button of all) button.click();
    });
    assert.deepEqual(await shopper.page.evaluate(() => globalThis.orders), SKUS);
    await shop.command("sell", Object.fromEntries(SKUS.map((sku) => [sku, 1])));
    const left = `Only ${views[0] ? 1 : 2} left`;
    await eventually(async () => {
      const states = await shopper.part("state").allTextContents();
      assert.deepEqual(new Set(states.map((state) => state.trim())), new Set([left]));
    });
    await shopper.context.close();
  }
});
