// What product pages read: availability as JSON and as a fragment.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { HOSTILE_TITLES } from "./support/hostile.mjs";
import { assertProblem } from "./support/problem.mjs";

const backroom = await start();
after(() => backroom.stop());

const ODD_SKUS = [
  "with space",
  " space at both ends ",
  "a/b/../c",
  "/",
  "?x=1&sku=y#z",
  "100%",
  "%2F",
  "a+b",
  "R&D",
  `'single' "double"`,
  "<b>&amp;",
  "🎁🎀",
  "Größe Ü 日本",
  "..",
  "__proto__",
  "x".repeat(128),
  "ü".repeat(64),
];

test("one SKU is answered by its snapshot, an unknown one by a problem", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp([{ sku: "a", title: "A", price: "1.50", on_hand: 3 }]);
  const found = await shop.availability("a");
  assert.equal(found.status, 200);
  assert.equal(found.header("content-type"), "application/json");
  const { changed_at, ...rest } = found.json;
  assert.deepEqual(rest, {
    sku: "a",
    title: "A",
    state: "low",
    quantity: 3,
    price: { amount_minor: 150, currency: "GBP" },
    version: 1,
  });
  assert.match(changed_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  for (const sku of ["b", "A", "a "]) {
    assertProblem(await shop.availability(sku), 404, "unknown_sku");
  }
});

test("up to fifty SKUs are answered each for itself, in the order asked", async () => {
  const shop = await backroom.newShop();
  const known = Array.from({ length: 25 }, (_, at) => `sku-${at}`);
  await shop.stockUp(Object.fromEntries(known.map((sku, at) => [sku, at])));
  const asked = known.flatMap((sku) => [sku, `no-${sku}`]).reverse();
  const { items } = (await shop.availability(asked)).json;
  assert.deepEqual(items.map((item) => item.sku), asked);
  for (const item of items.filter((item) => item.sku.startsWith("no-"))) {
    assert.deepEqual(item, { sku: item.sku, problem: "unknown_sku" });
  }
  const views = wrappers((await shop.fragment(asked)).text);
  assert.deepEqual(views.map((view) => view.sku), asked);
  assert.equal(views.filter((view) => view.problem === "unknown_sku").length, 25);
  const twice = (await shop.availability(["sku-1", "sku-1"])).json.items;
  assert.deepEqual(twice[0], twice[1]);

  for (const skus of [[], [...asked, "one more"], [""], ["x".repeat(129)], ["a\nb"]]) {
    assertProblem(await shop.availability(skus), 400, "bad_parameter");
    assertProblem(await shop.fragment(skus), 400, "bad_parameter");
  }
});

test("a SKU may be any text", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp(ODD_SKUS.map((sku, at) => ({ sku, on_hand: at + 10 })));
  for (const sku of ODD_SKUS) {
    assert.equal((await shop.snapshot(sku)).sku, sku);
    const sold = await shop.command("sell", { [sku]: 1 });
    assert.equal(sold.json.stock?.[0].sku, sku, sold.text);
  }
  const items = (await shop.availability(ODD_SKUS)).json.items;
  assert.deepEqual(items.map((item) => item.sku), ODD_SKUS);
  const views = wrappers((await shop.fragment(ODD_SKUS)).text);
  assert.deepEqual(views.map((view) => view.sku), ODD_SKUS);
  assert.deepEqual(views.map((view) => view.version), items.map((item) => `${item.version}`));
});

test("a state is shown for what there is", async () => {
  const shop = await backroom.newShop({ low_mark: 2 });
  await shop.stockUp({ plenty: 3, low: 2, last: 1, out: 0, owed: 0 });
  await shop.command("sold", { owed: 4 });
  // Units of all places count together.
  await shop.command("receive", [{ sku: "last", location: "attic", quantity: 1 }]);
  await shop.published();
  const skus = ["plenty", "low", "last", "out", "owed"];
  const { items } = (await shop.availability(skus)).json;
  const states = items.map(({ state, quantity, restock }) => [state, quantity, restock]);
  assert.deepEqual(states, [
    ["in_stock", undefined, undefined],
    ["low", 2, undefined],
    ["low", 2, undefined],
    ["out", undefined, undefined],
    ["out", undefined, undefined],
  ]);
  const texts = wrappers((await shop.fragment(skus)).text).map((view) => view.text);
  for (const [at, wanted] of [/In stock/, /Only 2 left/, /Only 2 left/, /Out of stock/].entries()) {
    assert.match(texts[at], wanted);
  }
});

test("a restock date is told as finely as it is known, and only while it is out", async () => {
  const shop = await backroom.newShop();
  const dated = [
    ["day", "2099-12-03", { date: "2099-12-03", precision: "day" }, /3 Dec/],
    ["week", "2099-12-03", { date: "2099-11-30", precision: "week" }, /week.*30 Nov/i],
    ["month", "2099-12", { date: "2099-12-01", precision: "month" }, /Dec/],
    [
      "range",
      "2099-12-01/2099-12-10",
      { date: "2099-12-01", until: "2099-12-10", precision: "range" },
      /1.*10 Dec/,
    ],
  ];
  const rows = dated.map(([precision, restock_date]) => ({
    sku: precision,
    restock_date,
    precision,
    on_hand: 0,
  }));
  await shop.stockUp([
    ...rows,
    { sku: "passed", restock_date: "2001-01-01", precision: "day", on_hand: 0 },
    { sku: "there", restock_date: "2099-12-03", precision: "day", on_hand: 9 },
  ]);
  const skus = [...dated.map(([precision]) => precision), "passed", "there"];
  const { items } = (await shop.availability(skus)).json;
  const views = wrappers((await shop.fragment(skus)).text);
  for (const [at, [precision, , restock, text]] of dated.entries()) {
    assert.deepEqual(items[at].restock, restock);
    assert.match(views[at].text, text, precision);
    assert.match(views[at].words.detail, text, precision);
  }
  assert.deepEqual(items.slice(-2).map((item) => item.restock), [undefined, undefined]);
  for (const view of views.slice(-2)) assert.doesNotMatch(view.text, /Dec|2001|2099/);
});

test("a date at the calendar's end is a date like any other", async () => {
  const shop = await backroom.newShop();
  const restock_date = "9999-12-31";
  await shop.stockUp([{ sku: "a", title: "A", on_hand: 0, restock_date, precision: "day" }]);
  assert.deepEqual((await shop.snapshot("a")).restock, { date: restock_date, precision: "day" });
  assert.equal((await shop.command("receive", { a: 1 })).status, 200);
});

test("what has not changed is not sent again", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 4, b: 9 });
  for (const read of [
    (request) => shop.availability("a", request),
    (request) => shop.availability(["a", "b", "c"], request),
    (request) => shop.fragment("a", request),
    (request) => shop.fragment(["a", "b", "c"], request),
  ]) {
    const first = await read();
    const etag = first.header("etag");
    assert.match(etag, /^"[^"]+"$/);
    const ask = (tag) => read({ headers: { "if-none-match": tag } });
    // A cache between may have made it weak, and may have several.
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const same = await ask(tag);
      assert.equal(same.status, 304, tag);
      assert.equal(same.text, "");
      assert.equal(same.header("etag"), etag);
      assert.equal(same.header("cache-control"), first.header("cache-control"));
    }
    assert.equal((await ask('"other"')).status, 200);
    await shop.command("sell", { a: 1 });
    await shop.published();
    const changed = await ask(etag);
    assert.equal(changed.status, 200);
    assert.notEqual(changed.header("etag"), etag);
    assert.notEqual(changed.text, first.text);
  }
});

test("a reader is told how old an answer is and how long it may be kept", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 9, b: 9 });
  const types = { "application/json": "availability", "text/html; charset=utf-8": "fragment" };
  for (const [type, read] of Object.entries(types)) {
    for (const skus of ["a", ["a", "b"]]) {
      const answer = await shop[read](skus);
      assert.equal(answer.header("content-type"), type);
      assert.equal(answer.header("cache-control"), "public, max-age=5, stale-while-revalidate=25");
      assert.equal(answer.header("x-content-type-options"), "nosniff");
      assert.equal(answer.header("backroom-source"), "kv");
      const age = Number(answer.header("backroom-age"));
      assert.ok(Number.isInteger(age) && age >= 0 && age <= 60, `${age} s old`);
      assert.equal(answer.header("set-cookie"), null);
    }
  }
  assert.equal((await shop.availability("c")).header("cache-control"), "no-store");
});

test("HEAD is GET without the body", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 9 });
  for (const read of ["availability", "fragment"]) {
    const [get, head] = [await shop[read]("a"), await shop[read]("a", { method: "HEAD" })];
    assert.equal(head.status, 200);
    assert.equal(head.text, "");
    for (const name of ["etag", "content-type", "cache-control"]) {
      assert.equal(head.header(name), get.header(name));
    }
    assert.equal((await shop[read]([], { method: "HEAD" })).status, 400);
  }
});

test("plenty stays plenty, and at the low mark every unit counts", async () => {
  const shop = await backroom.newShop({ low_mark: 3 });
  await shop.stockUp({ a: 50 });
  for (let sale = 0; sale < 46; sale += 1) await shop.command("sell", { a: 1 });
  await shop.published();
  const plenty = await shop.snapshot("a");
  assert.deepEqual([plenty.state, plenty.quantity, plenty.version], ["in_stock", undefined, 1]);
  const seen = [];
  for (let sale = 0; sale < 4; sale += 1) {
    await shop.command("sell", { a: 1 });
    await shop.published();
    const { state, quantity, version } = await shop.snapshot("a");
    seen.push([state, quantity, version]);
  }
  assert.deepEqual(seen, [
    ["low", 3, 2],
    ["low", 2, 3],
    ["low", 1, 4],
    ["out", undefined, 5],
  ]);
});

test("the fragment has a price as the shop's people write it, and a link to the page", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp([
    { sku: "pounds", title: "Tea", price: "1234.5", url: "/tea?a=1&b=2", on_hand: 9 },
    { sku: "yen", price: "500", currency: "JPY", on_hand: 9 },
    { sku: "unpriced", on_hand: 9 },
  ]);
  const [pounds, yen, unpriced] = wrappers(
    (await shop.fragment(["pounds", "yen", "unpriced"])).text,
  );
  assert.match(pounds.text, /£1,?234\.50/);
  assert.match(pounds.html, /href="\/tea\?a=1&amp;b=2"/);
  assert.match(yen.text, /¥500|JP¥500|JPY\s?500/);
  assert.doesNotMatch(unpriced.text, /£|GBP|0\.00/);
});

test("the fragment speaks the page's language, or the shop's, or English", async () => {
  const swedish = await backroom.newShop({ locale: "sv-SE" });
  const klingon = await backroom.newShop({ locale: "tlh" });
  for (const shop of [swedish, klingon]) await shop.stockUp({ a: 9 });
  for (const [shop, asked, lang, says] of [
    [swedish, "de", "de", "Auf Lager"],
    [swedish, "de-AT", "de", "Auf Lager"],
    [swedish, "ar", "ar", "متوفر"],
    [swedish, undefined, "sv", "I lager"],
    [swedish, "", "sv", "I lager"],
    [swedish, "tlh", "sv", "I lager"],
    [klingon, "tlh", "en", "In stock"],
    [klingon, "<b>", "en", "In stock"],
  ]) {
    const query = asked === undefined ? "" : `&lang=${encodeURIComponent(asked)}`;
    const answer = await backroom.ask(`/v1/fragment?shop=${shop.id}&sku=a${query}`);
    const [view] = wrappers(answer.text);
    assert.deepEqual([view.lang, view.words.state], [lang, says], `asked for ${asked}`);
    assert.equal(view.dir, lang === "ar" ? "rtl" : "ltr");
    assert.ok(view.html.includes(` lang="${lang}" dir="${view.dir}"`), view.html);
    // Of two languages neither is the other's answer.
    const tag = { "if-none-match": answer.header("etag") };
    const path = (lang) => `/v1/fragment?shop=${shop.id}&sku=a&lang=${lang}`;
    assert.equal((await backroom.ask(path(lang), { headers: tag })).status, 304);
    assert.equal((await backroom.ask(path("ja"), { headers: tag })).status, 200);
  }
});

test("strangers' text is text in the fragment", async () => {
  const shop = await backroom.newShop();
  const rows = HOSTILE_TITLES.map((title, at) => ({
    sku: `hostile-${at}`,
    ...{ title, options: title, product_id: title, on_hand: 9 },
  }));
  await shop.stockUp([
    { sku: "plain", title: "plain", options: "plain", product_id: "plain", on_hand: 9 },
    ...rows,
  ]);
  const [plain] = wrappers((await shop.fragment("plain")).text);
  for (const row of rows) {
    const [view, ...more] = wrappers((await shop.fragment(row.sku)).text);
    assert.equal(more.length, 0);
    // No tag and no attribute more than with a plain title: all of it is text.
    assert.equal(skeleton(view.html), skeleton(plain.html), row.title);
    // Characters that turn the text round are shown as spaces, lest they turn a price.
    const title = row.title.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, " ");
    assert.ok(view.text.includes(title), `${row.title} became ${view.text}`);
    assert.ok(view.text.includes(view.words.title.trim()), row.title);
  }
});

test("a fragment carries the build whose files wake it, and they are there", async () => {
  const shop = await backroom.newShop();
  await shop.stockUp({ a: 9 });
  const [view] = wrappers((await shop.fragment("a")).text);
  const { build } = (await backroom.ask("/v1/health")).json;
  assert.equal(view.build, build);
  for (const file of ["widget.js", "widget_bg.wasm"]) {
    assert.equal((await backroom.ask(`/w/${build}/${file}`)).status, 200);
  }
  assert.equal((await backroom.ask("/backroom.js")).status, 200);
});

/** The wrappers of a fragment: what each says of itself, its markup and its text. */
function wrappers(fragment) {
  const [style, ...parts] = fragment.split(/\n(?=<div class="backroom")/);
  assert.match(style, /^<style>[^<]*<\/style>$/);
  return parts.map((html) => {
    const [opening] = /^<div(?: [a-z-]+="[^"<>]*")*>/.exec(html);
    const own = (name) => {
      const value = new RegExp(` data-${name}="([^"]*)"`).exec(opening)?.[1];
      return value && unescape(value);
    };
    const words = own("words");
    return {
      html,
      text: unescape(html.slice(opening.length).replaceAll(/<[^>]*>/g, " ")),
      sku: own("sku"),
      problem: own("problem"),
      version: own("version"),
      lang: own("lang"),
      dir: own("dir"),
      build: own("build"),
      words: words && JSON.parse(words),
    };
  });
}

/** Markup without its texts and its attributes' values. */
function skeleton(html) {
  const tags = html.match(/<(?:[^<>"]|"[^"]*")*>/g);
  return tags.map((tag) => tag.replaceAll(/"[^"]*"/g, '""')).join("");
}

function unescape(html) {
  const named = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return html.replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (_, decimal, hex, name) =>
    name ? named[name] : String.fromCodePoint(decimal ? Number(decimal) : parseInt(hex, 16)),
  );
}
