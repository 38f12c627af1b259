// Pages whose merchant forbids much: what can be shown still is, and nothing breaks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";

const { backroom, merchant, visit } = await setUp();
const shop = await stocked(backroom);
const live = backroom.url.replace("http", "ws");

/** The browser's own words about what the policy has refused. */
const REFUSED = /Content Security Policy|TrustedHTML|TrustedScriptURL/i;

function product(policy, sku = "low") {
  const headers = { "content-security-policy": policy };
  return merchant.page("product.html", { origin: backroom.url, shop: shop.id, sku }, headers);
}

async function assertStyled(shopper) {
  const dot = await shopper.page.locator("[data-dot]").evaluate((dot) => {
    const { borderRadius, borderTopStyle, width } = getComputedStyle(dot);
    return { borderRadius, borderTopStyle, isThere: Number.parseFloat(width) > 5 };
  });
  assert.deepEqual(dot, { borderRadius: "50%", borderTopStyle: "solid", isThere: true });
}

test("without WebAssembly the fragment reads, is styled, and its link leads on", async (t) => {
  const policy = [
    ...["default-src 'none'", "style-src 'self'"],
    ...[`script-src ${backroom.url}`, `connect-src ${backroom.url}`],
  ].join("; ");
  const shopper = await visit(t, product(policy), { allowed: [REFUSED] });
  await shopper.says("Only 3 left");
  await shopper.says("Ash chair", "title");
  await assertStyled(shopper);
  await shopper.page.hover("backroom-stock");
  await shopper.quiet();
  await shopper.says("Only 3 left");
  assert.equal(shopper.sockets.length, 0);
  const opened = shopper.page.waitForRequest(`${merchant.url}/goods/low`);
  await shopper.part("title").click();
  await opened;
});

test("with 'wasm-unsafe-eval' everything works under a strict policy", async (t) => {
  const policy = [
    ...["default-src 'none'", "style-src 'self'"],
    `script-src ${backroom.url} 'wasm-unsafe-eval'`,
    `connect-src ${backroom.url} ${live}`,
  ].join("; ");
  const strict = await stocked(backroom);
  const here = { origin: backroom.url, shop: strict.id, sku: "low" };
  const headers = { "content-security-policy": policy };
  // Not one complaint: an inert <style> or an inline style would be one.
  const shopper = await visit(t, merchant.page("product.html", here, headers));
  await shopper.live();
  await assertStyled(shopper);
  await strict.command("sell", { low: 1 });
  await shopper.says("Only 2 left");
  await shopper.says("Ash chair: Only 2 left.", "status");
});

test("where the socket is refused, what was painted stays", async (t) => {
  const policy = `script-src ${backroom.url} 'wasm-unsafe-eval'; connect-src ${backroom.url}`;
  const shopper = await visit(t, product(policy), { allowed: [REFUSED] });
  await shopper.says("Only 3 left");
  await shopper.quiet();
  await shopper.says("Only 3 left");
  assert.equal(shopper.open.length, 0);
});

test("where the fragment is refused, the page's own words stay", async (t) => {
  const policy = `script-src ${backroom.url}; connect-src 'self'`;
  const shopper = await visit(t, product(policy), { allowed: [REFUSED] });
  await shopper.quiet();
  assert.ok(await shopper.page.getByText("Ask us about stock").isVisible());
});

for (const list of ["", "; trusted-types backroom"]) {
  test(`Trusted Types${list && " with our policy listed"}: all works`, async (t) => {
    const policy = `require-trusted-types-for 'script'${list}`;
    const shopper = await visit(t, product(policy));
    await shopper.says("Only 3 left");
    await shopper.live();
    await assertStyled(shopper);
  });
}

test("Trusted Types without our policy in the list: the page's own words stay", async (t) => {
  const policy = "require-trusted-types-for 'script'; trusted-types theirs";
  const shopper = await visit(t, product(policy), { allowed: [REFUSED] });
  await shopper.quiet();
  assert.ok(await shopper.page.getByText("Ask us about stock").isVisible());
  assert.equal(shopper.sockets.length, 0);
});

test("a sandboxed page without an origin shows stock too", async (t) => {
  const shopper = await visit(t, product("sandbox allow-scripts"));
  await shopper.says("Only 3 left");
  await shopper.live();
});
