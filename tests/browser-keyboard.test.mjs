// A product's view with the keyboard alone, by ear, and while somebody types.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stocked } from "./support/browser-goods.mjs";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();

/** A product's page in one of the states that every Backroom has. */
function specimen(sku) {
  return merchant.page("product-view.html", { origin: backroom.url, shop: "states", sku });
}

/**
 * Where the keyboard is, what the browser draws around it, and whether it can be seen. Of what
 * stands in a strip that scrolls, Chromium leaves a part out of sight when 32 px are in sight.
 */
function focused({ page }) {
  return page.evaluate(() => {
    const element = document.activeElement.shadowRoot?.activeElement ?? document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const strip = element.closest("ul")?.getBoundingClientRect();
    const across = strip
      ? Math.min(box.right, strip.right) - Math.max(box.left, strip.left) >= 32
      : box.left >= 0 && box.right <= innerWidth;
    return {
      name: element.name || element.dataset.sku || element.textContent.trim(),
      outlined: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
      inSight: box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && across,
    };
  });
}

/** Presses the key until the page's own button, and gives what has had the focus. */
async function walk(shopper, key = "Tab") {
  const names = [];
  while (names.at(-1) !== "Add to basket" && names.length < 20) {
    await shopper.page.keyboard.press(key);
    const { name, ...seen } = await focused(shopper);
    // The ring of the page's own button is the page's matter.
    if (name !== "Add to basket") assert.deepEqual(seen, { outlined: true, inSight: true }, name);
    names.push(name);
  }
  return names;
}

/** Waits until the view can do what it offers. */
function dressed({ page }) {
  return page.locator("backroom-stock [part=order][action]").waitFor({ state: "attached" });
}

/** Answers the sign-ups of this page. */
function answer({ page }, status, body) {
  const reply = { status, contentType: "application/json", body: JSON.stringify(body) };
  return page.route("**/v1/notify", (route) => route.fulfill(reply));
}

const PHONE = { viewport: { width: 375, height: 667 } };
const SUMMARY = "Tell me when it is back";

test("Tab goes through a product that can be ordered as one reads it", async (t) => {
  const shopper = await visit(t, specimen("backorder"), PHONE);
  await dressed(shopper);
  assert.deepEqual(await walk(shopper), [
    ...["Edwardian Parasol", "quantity", "Back-order now"],
    ...["substitute-1", "substitute-2", "substitute-3", "Add to basket"],
  ]);
});

for (const key of ["Enter", "Space"]) {
  test(`${key} opens the sign-up, and Tab goes through it`, async (t) => {
    const shopper = await visit(t, specimen("out-day"), PHONE);
    await dressed(shopper);
    const { keyboard } = shopper.page;
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    assert.equal((await focused(shopper)).name, SUMMARY);
    await keyboard.press(key);
    assert.deepEqual(await walk(shopper), [
      ...["email", "quantity", "consent", "marketing", "Notify me"],
      ...["substitute-1", "substitute-2", "substitute-3", "Add to basket"],
    ]);
  });
}

/** Signs up without a mouse. */
async function signUp(shopper, address) {
  const { keyboard } = shopper.page;
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await keyboard.press("Tab");
  await keyboard.type(address);
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await keyboard.press("Space");
  await keyboard.press("Enter");
}

test("a refused address has the focus and says why; a mended one is thanked for", async (t) => {
  const shopper = await visit(t, specimen("out-day"), { ...PHONE, allowed: [/status of 422/] });
  await dressed(shopper);
  await answer(shopper, 422, { type: "https://b.example/bad_email", said: "Is that an address?" });
  await signUp(shopper, "shopper@exmple");
  const email = shopper.page.getByRole("textbox", { name: "E-mail address" });
  const invalid = shopper.page.locator("backroom-stock [aria-invalid=true]:focus");
  await invalid.waitFor();
  const described = await invalid.evaluate((field) =>
    field.getRootNode().getElementById(field.getAttribute("aria-describedby")).textContent,
  );
  assert.equal(described, "Is that an address?");
  assert.equal(await email.inputValue(), "shopper@exmple");
  assert.deepEqual(await focused(shopper), { name: "email", outlined: true, inSight: true });

  await answer(shopper, 202, { said: "Look into your mail." });
  await shopper.page.keyboard.type(".com");
  await shopper.page.keyboard.press("Enter");
  await shopper.says("Look into your mail.", "reply");
  const thanked = { name: "Look into your mail.", outlined: true, inSight: true };
  await eventually(async () => assert.deepEqual(await focused(shopper), thanked));
  assert.equal(await email.isVisible(), false);
  assert.equal(await shopper.page.locator("backroom-stock [aria-invalid]").count(), 0);
  // Whoever goes on is where they were, and not at the page's beginning.
  assert.equal((await walk(shopper))[0], "substitute-1");
});

test("an answer that is of no field has the focus itself", async (t) => {
  const shopper = await visit(t, specimen("out-day"), { ...PHONE, allowed: [/status of 429/] });
  await dressed(shopper);
  await answer(shopper, 429, { type: "https://b.example/too_many", said: "Later, please." });
  await signUp(shopper, "shopper@example.com");
  const said = { name: "Later, please.", outlined: true, inSight: true };
  await eventually(async () => assert.deepEqual(await focused(shopper), said));
  assert.equal(await shopper.page.locator("backroom-stock [aria-invalid]").count(), 0);
});

/** The widget's code comes to this page when `let` is called. */
async function holdWidget({ page }) {
  const { promise: allowed, resolve } = Promise.withResolvers();
  await page.route("**/w/*/widget_bg.wasm", async (route) => {
    await allowed;
    await route.continue();
  });
  return resolve;
}

/** A page of a product that sleeps, and how to wake it. */
async function asleep(t, sku) {
  const shop = await stocked(backroom);
  const shopper = await visit(t, "about:blank");
  const wake = await holdWidget(shopper);
  await shopper.page.goto(
    merchant.page("product-view.html", { origin: backroom.url, shop: shop.id, sku }),
  );
  await dressed(shopper);
  return { shop, shopper, wake };
}

test("there is one polite region, which is silent until something changes", async (t) => {
  const { shop, shopper, wake } = await asleep(t, "low");
  const regions = shopper.page.locator(
    "backroom-stock :is([aria-live], [role=status], [role=alert], [role=log], output)",
  );
  assert.equal(await regions.count(), 1);
  await shopper.says("", "status");
  const heard = await regions.evaluateHandle((region) => {
    const heard = [];
    const options = { childList: true, characterData: true, subtree: true };
    new MutationObserver(() => heard.push(region.textContent)).observe(region, options);
    return heard;
  });
  wake();
  await shopper.live();
  await shopper.quiet();
  assert.deepEqual(await heard.jsonValue(), []);
  for (const [type, units, text] of [
    ["sell", 3, "Out of stock, no date yet"],
    ["receive", 2, "Only 2 left"],
  ]) {
    await shop.command(type, { low: units });
    await shopper.says(text);
  }
  assert.deepEqual(await heard.jsonValue(), [
    "Ash chair: Out of stock, no date yet.",
    "Ash chair: Only 2 left.",
  ]);
  assert.equal(await regions.count(), 1);
});

/** Whoever is typing into `field` goes on, while the widget wakes and `changes` come. */
async function assertUndisturbed(shopper, { field, wake, changes, typing }) {
  const own = await field.elementHandle();
  const isThere = () => own.evaluate((own) => own.getRootNode().activeElement === own && own.checkVisibility());
  await typing("before");
  wake();
  await shopper.live();
  assert.ok(await isThere(), "lost as it woke");
  await typing("awake");
  for (const [change, text] of changes) {
    await change();
    await shopper.says(text);
    assert.ok(await isThere(), `lost at ${text}`);
    await typing(text);
  }
}

test("whoever types an address goes on through waking and a restock", async (t) => {
  const { shop, shopper, wake } = await asleep(t, "nodate");
  const { page } = shopper;
  await shopper.part("notify").locator("summary").press("Enter");
  const field = page.locator("backroom-stock [name=email]");
  await field.focus();
  await page.keyboard.type("@example.com");
  await page.keyboard.press("Home");
  let typed = "";
  await assertUndisturbed(shopper, {
    field,
    wake,
    changes: [
      [() => shop.command("receive", { nodate: 2 }), "Only 2 left"],
      [() => shop.command("sell", { nodate: 2 }), "Out of stock, no date yet"],
    ],
    // Before the rest, so that it shows where the caret is: of such a field it cannot be asked.
    async typing() {
      await page.keyboard.type("ab");
      typed += "ab";
      assert.equal(await field.inputValue(), `${typed}@example.com`);
    },
  });
  assert.equal(await shopper.part("notify").evaluate((details) => details.open), true);
});

test("whoever types a quantity goes on through waking, a stockout and a restock", async (t) => {
  const { shop, shopper, wake } = await asleep(t, "low");
  const { page } = shopper;
  const field = page.locator("backroom-stock [part=order] [name=quantity]");
  await field.focus();
  await page.keyboard.press("ControlOrMeta+a");
  let typed = "";
  await assertUndisturbed(shopper, {
    field,
    wake,
    changes: [
      [() => shop.command("sell", { low: 3 }), "Out of stock, no date yet"],
      [() => shop.command("receive", { low: 50 }), "In stock"],
    ],
    async typing() {
      await page.keyboard.type("1");
      typed += "1";
      assert.equal(await field.inputValue(), typed);
    },
  });
});
