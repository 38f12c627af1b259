// A cache may hold what an earlier build rendered: today's loader paints it, and since that
// build's widget is gone, it sleeps on.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { StandIn } from "./support/browser-stand-in.mjs";
import { setUp } from "./support/browser.mjs";

const STORED = new URL("stored/", import.meta.url);

const { backroom, merchant, visit } = await setUp();
const shop = await stocked(backroom);
const standIn = await StandIn.open(backroom.url);

for (const name of readdirSync(STORED).filter((name) => name.endsWith(".html"))) {
  test(`the fragment ${name} is painted, and wakes nothing`, async (t) => {
    const stored = readFileSync(new URL(name, STORED), "utf8");
    standIn.instead = {
      pattern: /^\/v1\/fragment/,
      answer(_, response) {
        const type = "text/html; charset=utf-8";
        response.writeHead(200, { "content-type": type, "access-control-allow-origin": "*" });
        response.end(stored);
      },
    };
    const here = { origin: standIn.url, shop: shop.id, sku: "MUG-RED" };
    const url = merchant.page("product.html", here);
    const shopper = await visit(t, url, { allowed: [/Failed to load resource/] });
    await shopper.says("Out of stock");
    await shopper.page.hover("backroom-stock");
    await shopper.quiet();
    await shopper.says("Out of stock");
    assert.equal(shopper.sockets.length, 0);
    assert.equal((await shopper.seen()).shift, 0);
  });
}
