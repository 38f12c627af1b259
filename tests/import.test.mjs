// Imports: a catalogue comes in whole or not at all.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { shopRows } from "./support/database.mjs";
import { eventually } from "./support/eventually.mjs";
import { HOSTILE_TITLES } from "./support/hostile.mjs";
import { assertRefused } from "./support/problem.mjs";
import { csv } from "./support/shop.mjs";

const GOODS = await readFile(new URL("data/goods.csv", import.meta.url), "utf8");
const SKUS = 4_070;
const NOTHING = { rows: 0, created: 0, updated: 0, unchanged: 0, opened: 0, adjusted: 0 };

const backroom = await start();
after(() => backroom.stop());

test("a real catalogue comes in by one call, and again without a change", async (t) => {
  const shop = await backroom.newShop();
  const began = performance.now();
  const first = await shop.import(GOODS);
  const took = performance.now() - began;
  const all = { rows: SKUS, created: SKUS, opened: SKUS };
  assert.deepEqual(first.json, { ...NOTHING, ...all }, first.text);
  assert.equal((await shop.stock()).length, SKUS);
  const unchanged = { ...NOTHING, rows: SKUS, unchanged: SKUS };
  assert.deepEqual((await shop.import(GOODS)).json, unchanged);

  const before = await shop.onHand("22423");
  assert.equal((await shop.command("sell", { 22423: 2 })).status, 200);
  const afterSale = await shop.stock();
  assert.deepEqual((await shop.import(GOODS)).json, unchanged);
  assert.deepEqual(await shop.stock(), afterSale);

  // As a count, the file puts the two back, once.
  const counted = await shop.import(GOODS, "?counts=set");
  assert.deepEqual(counted.json, { ...unchanged, adjusted: 1 });
  assert.equal(await shop.onHand("22423"), before);
  assert.deepEqual((await shop.import(GOODS, "?counts=set")).json, unchanged);

  await shop.published({ within: 120_000 });
  const published = performance.now() - began;
  const pair = (await shop.availability(["15056N", "15056n"])).json.items;
  assert.deepEqual(pair.map((item) => item.sku), ["15056N", "15056n"]);
  assert.deepEqual(pair.map((item) => item.version), [1, 1]);
  assert.equal((await shop.snapshot("BANK CHARGES")).sku, "BANK CHARGES");
  const seconds = (milliseconds) => (milliseconds / 1_000).toFixed(1);
  t.diagnostic(`${SKUS} SKUs imported in ${seconds(took)} s, all read in ${seconds(published)} s`);
});

test("cells become what they say, and a column that is missing changes nothing", async () => {
  const shop = await backroom.newShop();
  const tea = {
    product_id: "TEA",
    title: 'Tea, "loose"',
    options: "Green / 100 g",
    price: { amount_minor: 1_250, currency: "GBP" },
    url: "/tea",
    image: "https://pictures.example/tea.png",
  };
  await shop.stockUp([
    { sku: "tea", ...tea, price: "12.5", on_hand: 9 },
    { sku: "yen", price: "500", currency: "JPY", on_hand: 9 },
    { sku: "bare" },
  ]);
  const shown = ({ version, changed_at, ...rest }) => rest;
  const expected = { sku: "tea", ...tea, state: "in_stock" };
  assert.deepEqual(shown(await shop.snapshot("tea")), expected);
  const yen = await shop.snapshot("yen");
  assert.deepEqual(yen.price, { amount_minor: 500, currency: "JPY" });
  const bare = { sku: "bare", title: "bare", state: "out" };
  assert.deepEqual(shown(await shop.snapshot("bare")), bare);

  const report = await shop.stockUp([{ sku: "tea", title: "Tea" }]);
  assert.deepEqual(report, { ...NOTHING, rows: 1, updated: 1 });
  assert.deepEqual(shown(await shop.snapshot("tea")), { ...expected, title: "Tea" });
  // A cell that is there and empty empties what it names.
  await shop.stockUp([{ sku: "tea", price: "", url: "" }]);
  const { price, url, ...left } = { ...expected, title: "Tea" };
  assert.deepEqual(shown(await shop.snapshot("tea")), left);
});

test("counts=set books what a count corrects, in each place", async () => {
  const shop = await backroom.newShop();
  const at = (location, on_hand) => ({ sku: "a", location, on_hand });
  const first = await shop.stockUp([at("main", 5), at("attic", 7)]);
  assert.deepEqual(first, { ...NOTHING, rows: 2, created: 1, opened: 2 });
  const count = csv([at("main", 5), at("attic", 3), at("cellar", 2)]);
  const adjusted = { ...NOTHING, rows: 3, unchanged: 1, opened: 1, adjusted: 1 };
  assert.deepEqual((await shop.import(count, "?counts=set")).json, adjusted);
  const settled = { ...NOTHING, rows: 3, unchanged: 1 };
  assert.deepEqual((await shop.import(count, "?counts=set")).json, settled);
  assert.equal(await shop.onHand("a"), 10);
  const send = () => shop.import(count, "?counts=add");
  await assertRefused(shop, 400, "bad_parameter", send);
});

test("bad cells are named by row and column, and nothing of their file is taken", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp([{ sku: "a", title: "A", on_hand: 9 }]);
  const rows = [
    ["new", "1.00", "", "5", "", "", ""],
    ["a", "1.234", "", "-1", "", "", ""],
    ["b", "1,50", "gbp", "1.5", "2026-02-30", "", "javascript:alert(1)"],
    ["", "1", "", "1", "", "soon", "//evil.example"],
    ["c", "1", "", "1", "2026-12-10/2026-12-01", "range", "http://a.example/"],
    ["d\u0007", "1", "JPY", "one", "", "week", ""],
    ["e".repeat(129), "1.5", "JPY", "9999999999", "", "", ""],
    ["new", "1", "", "1", "", "", ""],
    ["f", "1"],
  ];
  const header = "sku,price,currency,on_hand,restock_date,precision,url";
  const file = [header, ...rows.map((row) => row.map((cell) => `"${cell}"`).join(","))].join("\n");
  const problem = await assertRefused(shop, 422, "bad_cells", () => shop.import(file));
  const named = problem.cells.map(({ row, column }) => `${row} ${column}`).sort();
  const expected = [
    ...["3 on_hand", "3 price"],
    ...["4 currency", "4 on_hand", "4 restock_date", "4 url"],
    ...["5 precision", "5 restock_date", "5 sku", "5 url"],
    ...["6 restock_date", "6 url"],
    ...["7 on_hand", "7 restock_date", "7 sku"],
    ...["8 on_hand", "8 price", "8 sku"],
    ...["9 sku", "10 "],
  ];
  assert.deepEqual(named, expected.sort());
  for (const cell of problem.cells) assert.ok(cell.fault, JSON.stringify(cell));
  assert.deepEqual((await shop.availability(["new", "a"])).json.items[0].problem, "unknown_sku");
});

test("a broken file is refused as what it is", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp([{ sku: "a", title: "A", on_hand: 9 }]);
  const long = 10_000_000;
  const broken = {
    "bad_columns 400": [
      "",
      "\n",
      "title,price\nA,1\n",
      "sku;title\na;A\n",
      "sku,SKU\na,A\n",
      "sku,sku\na,a\n",
      "sku,colour\na,red\n",
      "sku\ttitle\na\tA\n",
      Buffer.from("sku,title\na,A\n", "utf16le"),
      Buffer.from("PK\u0003\u0004 a spreadsheet"),
    ],
    "bad_cells 422": [
      Buffer.from("sku,title\na,caf\xe9\n", "latin1"),
      "sku,title\na,A,B\n",
      "sku,title\na\n",
      'sku,title\na,"A\nB"\n',
      `sku,title\na,${"x".repeat(501)}\n`,
    ],
    "row_too_long 413": [
      `sku,title\na,${"x".repeat(long)}\n`,
      `sku,title\n${"x".repeat(long)}`,
      `sku${",x".repeat(500)}\n`,
      `sku,title\na,"never closed\n${"b,B\n".repeat(10_000)}`,
    ],
    "body_too_large 413": [
      `sku,title\n${"a,A\n".repeat(17 * 1024 * 256)}`,
      `sku\n${Array.from({ length: 50_001 }, (_, at) => at).join("\n")}\n`,
    ],
  };
  for (const [problem, files] of Object.entries(broken)) {
    const [code, status] = problem.split(" ");
    for (const file of files) {
      await assertRefused(shop, Number(status), code, () => shop.import(file));
    }
  }
});

test("a body whose length nobody told is refused once it is too long", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 9 });
  // Empty lines are no rows, so nothing but their number is wrong.
  const megabyte = Buffer.alloc(1_024 * 1_024, "\n");
  async function* seventeen() {
    yield Buffer.from("sku,title\n");
    for (let sent = 0; sent < 17; sent += 1) yield megabyte;
  }
  const send = () => {
    const body = ReadableStream.from(seventeen());
    return shop.api("/v1/import", { method: "POST", body, duplex: "half" });
  };
  const problem = await assertRefused(shop, 413, "body_too_large", send);
  assert.match(problem.detail, /16777216/);
});

test("a SKU without a price is published without one", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp([{ sku: "a", price: "", currency: "GBP", on_hand: 1 }]);
  assert.equal("price" in (await shop.snapshot("a")), false);
});

test("hostile text comes out as it went in", async () => {
  const shop = await backroom.newShop();
  const rows = HOSTILE_TITLES.map((title, at) => ({
    sku: `hostile-${at}`,
    title,
    options: title,
    product_id: title,
    category: title,
  }));
  await shop.stockUp(rows);
  const { items } = (await shop.availability(rows.map((row) => row.sku))).json;
  const texts = ({ sku, title, options, product_id }) => [sku, title, options, product_id];
  assert.deepEqual(items.map(texts), rows.map(texts));
});

test("two files at once are both taken, and one file twice at once only once", async () => {
  const shop = await backroom.newShop();
  const file = (prefix) =>
    csv(Array.from({ length: 2_000 }, (_, at) => ({ sku: `${prefix}-${at}`, on_hand: at })));
  const [one, other] = await Promise.all([shop.import(file("one")), shop.import(file("other"))]);
  assert.deepEqual([one.json.created, other.json.created], [2_000, 2_000]);
  const both = await Promise.all([shop.import(file("both")), shop.import(file("both"))]);
  assert.equal(both[0].json.created + both[1].json.created, 2_000);
  assert.equal(both[0].json.opened + both[1].json.opened, 2_000);
  assert.equal(both[0].json.unchanged + both[1].json.unchanged, 2_000);
  assert.equal((await shop.stock()).length, 6_000);
  assert.equal(await shop.onHand("both-1999"), 1_999);
});

test("a kill midway leaves nothing of the file", async (t) => {
  const { own, shop, upload, staged } = await halfAnUpload(t);
  await own.kill9();
  upload.end();
  await assert.rejects(upload.answer);
  assert.ok(staged() > 1_000);
  t.diagnostic(`killed with ${staged()} rows staged`);

  await own.restart();
  assert.deepEqual((await shop.stock()).map((level) => level.sku), ["a"]);
  assert.equal(staged(), 0);
  assert.equal((await shop.availability("22423")).status, 404);
  const report = (await shop.import(GOODS)).json;
  assert.deepEqual(report, { ...NOTHING, rows: SKUS, created: SKUS, opened: SKUS });
});

test("an upload that its sender breaks off leaves nothing either", async (t) => {
  const { shop, upload, staged } = await halfAnUpload(t);
  upload.abort();
  await assert.rejects(upload.answer);
  await eventually(() => assert.equal(staged(), 0));
  assert.deepEqual((await shop.stock()).map((level) => level.sku), ["a"]);
});

/** A shop with the SKU `a`, and an import that is in the middle of its file, a thousand rows in. */
async function halfAnUpload(t) {
  const own = await start();
  t.after(() => own.stop());
  const shop = await own.newShop();
  await shop.stockUp({ a: 9 });

  const { promise: ended, resolve: end } = Promise.withResolvers();
  async function* half() {
    yield Buffer.from(GOODS.slice(0, GOODS.length / 2));
    await ended;
  }
  const breakOff = new AbortController();
  const { signal } = breakOff;
  const body = ReadableStream.from(half());
  const answer = shop.api("/v1/import", { method: "POST", body, duplex: "half", signal });
  // It fails before anybody awaits it.
  answer.catch(() => {});
  const abort = () => {
    breakOff.abort();
    end();
  };
  const staged = () => shopRows(own, "SELECT COUNT(*) AS rows FROM staging")[0].rows;
  await eventually(() => assert.ok(staged() > 1_000));
  return { own, shop, upload: { answer, end, abort }, staged };
}
