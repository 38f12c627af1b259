// What a merchant's page pays: nothing moves, and nothing stands in the way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";

const { backroom, merchant, visit } = await setUp();

async function states(file, settings) {
  const shop = await stocked(backroom, settings);
  return { shop, url: merchant.page(file, { origin: backroom.url, shop: shop.id }) };
}

for (const viewport of [{ width: 1280, height: 1400 }, { width: 320, height: 1600 }]) {
  test(`with the documented line of style nothing moves at ${viewport.width} pixels`, async (t) => {
    const { shop, url } = await states("states.html");
    const shopper = await visit(t, url, { viewport });
    await shopper.live();
    await shop.command("sell", { low: 3, plenty: 38 });
    await shop.command("receive", { day: 1, week: 2, month: 3, range: 60, nodate: 5 });
    await shopper.says("Out of stock, no date yet", "state", "#low");
    await shopper.says("Only 5 left", "state", "#nodate");
    await shopper.quiet();
    assert.equal((await shopper.seen()).shift, 0);
  });
}

/** Under this a page's Cumulative Layout Shift is good (Core Web Vitals). */
const GOOD_SHIFT = 0.1;

test("without it the page moves a little, once, in its first moment", async (t) => {
  const { url } = await states("states-unreserved.html");
  const viewport = { width: 1280, height: 1400 };
  const shopper = await visit(t, url, { viewport });
  await shopper.live();
  await shopper.quiet();
  const { shift } = await shopper.seen();
  t.diagnostic(`layout shift with the line 0, without it ${shift.toFixed(4)}`);
  assert.ok(shift < GOOD_SHIFT, `${shift}`);
});

const SLOWDOWN = 4;

/** It reports and judges nothing: how long a task takes is the machine's affair too. */
test("what a slow phone spends on it", async (t) => {
  const { url } = await states("states.html");
  const viewport = { width: 400, height: 1600 };
  const shopper = await visit(t, "about:blank", { viewport });
  const devtools = await shopper.context.newCDPSession(shopper.page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
  await shopper.page.goto(url);
  await shopper.live();
  await shopper.quiet();
  const { longTasks, scripts } = await shopper.seen();
  const of = (file) =>
    scripts
      .filter(({ sourceURL }) => sourceURL.endsWith(file))
      .map(({ duration }) => Math.round(duration));
  t.diagnostic(
    `at ${SLOWDOWN}x, ms: loader ${of("/backroom.js")}; widget ${of("/widget.js")}; ` +
      `the page's long tasks ${longTasks}`,
  );
});
