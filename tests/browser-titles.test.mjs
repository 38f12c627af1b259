// A stranger's text is text, wherever it goes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";
import { HOSTILE_TITLES } from "./support/hostile.mjs";
import { assertProblem } from "./support/problem.mjs";
import { csv } from "./support/shop.mjs";

const { backroom, merchant, visit } = await setUp();

/** The longest that there can be, and such as the others do not have. */
const TITLES = [
  ...HOSTILE_TITLES,
  "<b>".repeat(166),
  "\u2066\u202e\u2069.",
  "#{7*7} <%= 7*7 %> {{7*7}} {%raw%}",
];

test("hostile titles are painted, changed and announced as plain text", async (t) => {
  const shop = await backroom.newShop();
  const rows = (shift) =>
    TITLES.map((_, at) => ({
      sku: `sku ${at}`,
      title: TITLES[(at + shift) % TITLES.length],
      options: TITLES[(at + shift) % TITLES.length].slice(0, 40),
      on_hand: 3,
    }));
  await shop.stockUp(rows(0));
  const page = merchant.page("empty.html", { origin: backroom.url, shop: shop.id });
  const viewport = { width: 800, height: 3000 };
  const shopper = await visit(t, page, { viewport });
  await shopper.page.evaluate((count) => {
    for (let at = 0; at < count; at += 1) {
      const element = document.createElement("backroom-stock");
      element.setAttribute("sku", `sku ${at}`);
      document.body.append(element);
    }
  }, TITLES.length);

  await assertTitles(shopper, rows(0));
  await eventually(() => assert.equal(shopper.watched.at(-1)?.length, TITLES.length));
  await assertTitles(shopper, rows(0));
  const nodes = await elements(shopper);
  await shop.command("sell", Object.fromEntries(rows(0).map(({ sku }) => [sku, 1])));
  await eventually(async () => {
    const said = await shopper.part("status").allTextContents();
    assert.deepEqual(said, rows(0).map(({ title }) => `${shown(title)}: Only 2 left.`));
  });
  await shop.stockUp(rows(1));
  await assertTitles(shopper, rows(1));
  assert.equal(await elements(shopper), nodes, "a title has become an element");
  assert.equal(await shopper.page.evaluate(() => globalThis.hacked), undefined);
});

/** Text as the view has it: what would reverse the text around it is a space. */
const shown = (title) => title.replace(/[\u202a-\u202e\u2066-\u2069]/g, " ");

function assertTitles(shopper, rows) {
  return eventually(async () => {
    const titles = await shopper.part("title").allTextContents();
    assert.deepEqual(titles, rows.map(({ title }) => shown(title)));
    const options = await shopper.part("price").allTextContents();
    assert.deepEqual(options, rows.map(({ options }) => shown(options)));
  });
}

/** How many elements there are in the page and in all widgets. */
function elements(shopper) {
  return shopper.page.evaluate(() => {
    const roots = [...document.querySelectorAll("backroom-stock")].map((host) => host.shadowRoot);
    return [document, ...roots].reduce((sum, root) => sum + root.querySelectorAll("*").length, 0);
  });
}

/** Addresses that a browser would read as another site's: `\\` is a slash to it. */
const MISLEADING = ["/\\evil.example/", "/a\\..\\b", "https://a.example/\\b", "//evil.example/"];

test("an address that a browser could misread is refused, and a strange one is a link", async (t) => {
  const shop = await backroom.newShop();
  for (const url of MISLEADING) {
    const answer = await shop.import(csv([{ sku: "sku", on_hand: 3, url }]));
    assertProblem(answer, 422, "bad_cells");
    assert.equal(answer.json.cells[0].column, "url");
  }
  const url = "/fine?a=1&b=<2>\"'#c";
  await shop.stockUp([{ sku: "sku", on_hand: 3, url }]);
  const here = { origin: backroom.url, shop: shop.id, sku: "sku" };
  const shopper = await visit(t, merchant.page("product.html", here));
  await shopper.says("sku", "title");
  assert.equal(await shopper.part("title").getAttribute("href"), url);
});
