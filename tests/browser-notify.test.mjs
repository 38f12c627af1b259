// Asking to be told by a form alone, where no script runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./support/browser.mjs";
import { keeping, opened, skuOf, stored } from "./support/sign-up.mjs";

const vars = { ...keeping, CLIENT_ADDRESS_HEADER: "cf-connecting-ip" };
const { backroom, merchant, visit } = await setUp({ vars });

test("a form without scripts signs up, and its answer leads back", async (t) => {
  const shop = await opened(backroom, { url: "/0/notify.html", origins: [merchant.url] });
  const values = { origin: backroom.url, shop: shop.id, sku: skuOf(shop), lang: "ar" };
  const product = merchant.page("notify.html", values);
  // The browser says so of any answer that is no success.
  const allowed = [/status of 422/];
  const { page } = await visit(t, product, { javaScriptEnabled: false, allowed });
  await page.fill("[name=email]", "jane@büro.example");
  await page.click("button");
  await page.getByText("يُرجى تحديد المربع الذي يسمح لنا بمراسلتك بشأن هذا المنتج.").waitFor();
  assert.ok(page.url().startsWith(backroom.url));
  assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
  assert.deepEqual(stored(backroom, shop), []);
  await page.click("a");
  await page.waitForURL(product);
  await page.fill("[name=email]", "jane@büro.example");
  await page.check("[name=consent]");
  await page.click("button");
  await page.getByText("يُرجى التحقق من بريدك والتأكيد هناك: بعدها سنراسلك عندما يتوفر المنتج مجددًا.").waitFor();
  const border = await page.locator("main").evaluate((main) => getComputedStyle(main).borderTopColor);
  assert.equal(border, "rgb(26, 127, 55)", "its policy takes its style");
  assert.equal(stored(backroom, shop).length, 1);
  await page.click("a");
  await page.waitForURL(product);
});
