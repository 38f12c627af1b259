// Every shopper (WCAG 2.2 AA): every state as axe-core sees it, and what axe-core does not measure.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { setUp } from "./support/browser.mjs";
import { eventually } from "./support/eventually.mjs";

const { backroom, merchant, visit } = await setUp();

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Latin, Latin with long words, right to left, and a script without spaces. */
const LANGUAGES = ["en", "de", "ar", "ja"];
const THEMES = ["none", "night", "paper", "market"];

/** Other merchants' pages: a ground and the ink on it. */
const GROUNDS = [
  ["#fff", "#222"],
  ["#000", "#fff"],
  ["#ddd", "#222"],
  ["#0047ab", "#fff"],
  ["#fff8e7", "#33271f"],
];

/** WCAG 1.4.3 and 1.4.11, 2.5.8. */
const TEXT_CONTRAST = 4.5;
const SHAPE_CONTRAST = 3;
const TARGET_PX = 24;

/** The page of states, as somebody with these choices sees it. */
async function gallery(t, choices, context) {
  const query = new URLSearchParams({ view: "product", theme: "none", ...choices });
  const allowed = [/status of 422/];
  const shopper = await visit(t, `${backroom.url}/states/?${query}`, { allowed, ...context });
  await painted(shopper);
  return shopper;
}

/** Waits until every state is there, with what can be done in it. */
function painted({ page }) {
  return page.waitForFunction(() => {
    const hosts = [...document.querySelectorAll("backroom-stock")];
    const isPainted = ({ shadowRoot }) => {
      const order = shadowRoot?.querySelector("[part=order]");
      return shadowRoot?.querySelector("[data-state]") && (!order || order.hasAttribute("action"));
    };
    return hosts.length > 0 && hosts.every(isPainted);
  });
}

/** Wakes every element, and waits until each says what it shows. */
async function wake(shopper) {
  const hosts = shopper.page.locator("backroom-stock");
  for (const host of await hosts.all()) await host.dispatchEvent("pointerenter");
  const skus = await hosts.evaluateAll((hosts) => hosts.map((host) => host.getAttribute("sku")));
  await eventually(() => {
    const asleep = skus.filter((sku) => !shopper.watched.at(-1)?.includes(sku));
    assert.deepEqual(asleep, []);
  });
}

/** Opens each sign-up that is in sight, ticks all of it, and has it refused for its address. */
async function refuse({ page }) {
  const refused = { type: "https://b.example/bad_email", said: "Is that an address?" };
  await page.route("**/v1/notify", (route) =>
    route.fulfill({ status: 422, json: refused }),
  );
  const count = await page.evaluate(() => {
    // The page of states sends nothing; here it is not asked.
    addEventListener("backroom:notify", (event) => event.stopPropagation(), true);
    let count = 0;
    for (const { shadowRoot } of document.querySelectorAll("backroom-stock")) {
      const details = shadowRoot.querySelector("details");
      if (!details?.checkVisibility()) continue;
      const form = details.querySelector("form");
      details.open = true;
      form.elements.email.value = "shopper@example";
      for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = true;
      form.requestSubmit();
      count += 1;
    }
    return count;
  });
  assert.ok(count > 0);
  const invalid = page.locator("backroom-stock [aria-invalid=true]");
  await eventually(async () => assert.equal(await invalid.count(), count));
}

/**
 * What axe-core has against what is in the gallery, one line for each element; `looked` are the
 * shadow roots in which it has found something good. What it cannot decide of contrast counts too.
 */
async function faults({ page }, rules) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  return page.evaluate(async (rules) => {
    const all = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations, passes, incomplete } = await axe.run("#gallery", { runOnly: rules ?? all });
    const nodes = (rules) => rules.flatMap(({ id, nodes }) => nodes.map((node) => ({ id, ...node })));
    // It cannot tell what is scrolled out of sight; the first in a strip is as the others are.
    const undecided = nodes(incomplete).filter(
      ({ id, target }) => id === "color-contrast" && !/="substitute-[23]"/.test(target.flat().join()),
    );
    const found = [...nodes(violations), ...undecided];
    const inside = nodes(passes).map(({ target }) => target[0]).filter(Array.isArray);
    return {
      found: found.map(({ id, target, failureSummary }) => `${id}: ${target.flat().join(" ")}: ${failureSummary}`),
      looked: new Set(inside.map(([host]) => host)).size,
    };
  }, rules);
}

async function assertFaultless(shopper, rules) {
  const { found, looked } = await faults(shopper, rules);
  assert.deepEqual(found, []);
  assert.equal(looked, await shopper.page.locator("backroom-stock").count());
}

for (const lang of LANGUAGES) {
  test(`axe finds nothing in ${lang}, painted, awake and refused, nor in a list`, async (t) => {
    const shopper = await gallery(t, { lang });
    await assertFaultless(shopper);
    await wake(shopper);
    await refuse(shopper);
    await assertFaultless(shopper);
    await shopper.page.locator("select[name=view]").selectOption("");
    await painted(shopper);
    await assertFaultless(shopper);
  });
}

test("axe finds what is wrong inside of an element", async (t) => {
  const shopper = await gallery(t, { lang: "en" });
  await shopper.page.evaluate(() => {
    const root = document.querySelector("[sku=out]").shadowRoot;
    const picture = root.querySelector("img[src]");
    picture.removeAttribute("alt");
    picture.closest("a").replaceChildren(picture);
    root.querySelector("[part=price]").style.color = "#bbb";
  });
  const { found } = await faults(shopper);
  const ids = new Set(found.map((fault) => fault.split(":")[0]));
  assert.deepEqual([...ids].toSorted(), ["color-contrast", "image-alt", "link-name"]);
});

/**
 * The least contrast of each kind of shape with its ground, by what a browser would draw: of a
 * button or field its border or its face, of a state its dot. Texts are axe-core's.
 */
function shapes({ page }) {
  return page.evaluate(() => {
    const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const drawn = (...colors) => {
      for (const color of colors) {
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
      }
      return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    };
    const luminance = (rgb) => {
      const linear = rgb.map((value) => value / 255).map((value) =>
        value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const contrast = (ground, color) => {
      const [dark, light] = [drawn(ground), drawn(ground, color)].map(luminance).sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const least = {};
    for (const section of document.querySelectorAll("#gallery section")) {
      const ground = getComputedStyle(section).backgroundColor;
      const { shadowRoot } = section.querySelector("backroom-stock");
      for (const shape of shadowRoot.querySelectorAll("[data-dot], [part=field], [part=button]")) {
        if (!shape.checkVisibility()) continue;
        const { borderTopColor, backgroundColor } = getComputedStyle(shape);
        const { state } = shape.closest("[data-state]").dataset;
        const name = shape.part.value || state;
        const own = Math.max(contrast(ground, borderTopColor), contrast(ground, backgroundColor));
        least[name] = Math.min(least[name] ?? Infinity, own);
      }
    }
    return least;
  });
}

async function assertSeen(shopper, what) {
  await assertFaultless(shopper, ["color-contrast"]);
  const least = await shapes(shopper);
  assert.ok("in_stock" in least && "field" in least, Object.keys(least).join());
  for (const [name, contrast] of Object.entries(least)) {
    assert.ok(contrast >= SHAPE_CONTRAST, `${what}: ${name} has a contrast of ${contrast}`);
  }
}

for (const colorScheme of ["light", "dark"]) {
  test(`every text and shape stands out in each theme, ${colorScheme}`, async (t) => {
    const shopper = await gallery(t, { lang: "en" }, { colorScheme });
    for (const theme of THEMES) {
      await shopper.page.locator("select[name=theme]").selectOption(theme);
      await painted(shopper);
      await refuse(shopper);
      await assertSeen(shopper, theme);
    }
  });
}

for (const colorScheme of ["light", "dark"]) {
  test(`what is kept for a shopper is read out, and stands out in each theme, ${colorScheme}`, async (t) => {
    const shopper = await gallery(t, { lang: "en" }, { colorScheme });
    const words = { said: "Kept for you", units: "2 × Chair", until: "Until noon", button: "Buy it" };
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const json = { sku: "all-held", quantity: 2, state: "kept", hold: "0f0f", expires_at, words };
    const { promise: asked, resolve: answer } = Promise.withResolvers();
    await shopper.page.route("**/v1/claim/state?*", async (route) => {
      await asked;
      return route.fulfill({ status: 200, json });
    });
    const panel = shopper.part("claim", "[sku=all-held]");
    // The region is there before its text is: so the text is read out when it comes.
    const region = panel.locator("[aria-live=polite][aria-atomic=true]");
    assert.equal(await region.count(), 0);
    await shopper.page.evaluate(() => (location.hash = "backroom-claim=wt_states_1_0f0f_ab"));
    await region.waitFor({ state: "attached" });
    assert.equal(await region.textContent(), "");
    answer();
    await region.getByText("Kept for you").waitFor();
    // Choosing a theme takes the claim out of the address, and makes each element anew.
    for (const theme of THEMES) {
      await shopper.page.locator("select[name=theme]").selectOption(theme);
      await painted(shopper);
      await region.getByText("Kept for you").waitFor();
      await assertFaultless(shopper);
      await assertSeen(shopper, theme);
      const { height } = await panel.getByRole("button", { name: "Buy it" }).boundingBox();
      assert.ok(height >= TARGET_PX, `${height} pixels high`);
    }
  });
}

test("every text and shape stands out on other merchants' grounds", async (t) => {
  const shopper = await gallery(t, { lang: "en" });
  await refuse(shopper);
  for (const [ground, ink] of GROUNDS) {
    const content = `#gallery :is(section, code) { background: ${ground}; color: ${ink} }`;
    await shopper.page.addStyleTag({ content });
    await assertSeen(shopper, ground);
  }
});

/**
 * What is drawn of this element: the greatest contrast of two of its pixels, and that of its edge
 * with what is around it. In forced colours no style says it.
 */
async function drawn({ page }, locator) {
  await locator.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await locator.boundingBox();
  const clip = { x: x - 4, y: y - 4, width: width + 8, height: height + 8 };
  const png = (await page.screenshot({ clip })).toString("base64");
  return page.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const { width, height } = image;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(image, 0, 0);
    const lights = (...area) => {
      const { data } = context.getImageData(...area);
      const linear = (at) => {
        const value = data[at] / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      };
      const pixels = [...Array(data.length / 4).keys()];
      return pixels.map((at) => 0.2126 * linear(at * 4) + 0.7152 * linear(at * 4 + 1) + 0.0722 * linear(at * 4 + 2));
    };
    const contrast = (lights) => (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
    return {
      inside: contrast(lights(8, 8, width - 16, height - 16)),
      edge: contrast(lights(0, Math.floor(height / 2), 8, 1)),
    };
  }, png);
}

for (const colorScheme of ["light", "dark"]) {
  test(`everything is drawn in forced colours, ${colorScheme}`, async (t) => {
    const shopper = await gallery(t, { lang: "en" }, { colorScheme, forcedColors: "active" });
    await refuse(shopper);
    const found = (inner) => shopper.page.locator(`backroom-stock ${inner}`).first();
    const texts = ["[part=title]", "[part=price]", "[part=state]", "label span", "h2", "[part=reply]"];
    for (const text of [...texts, "[part=notify] label", "time", "[part=substitute] b", "[part=reason]"]) {
      const { inside } = await drawn(shopper, found(`${text}:visible`));
      assert.ok(inside >= TEXT_CONTRAST, `${text} has a contrast of ${inside}`);
    }
    for (const shape of ["[part=order] button", "summary", "form[method] button", "[type=email]", "[part=substitute]"]) {
      const { inside, edge } = await drawn(shopper, found(`${shape}:visible`));
      assert.ok(inside >= TEXT_CONTRAST, `${shape} has a contrast of ${inside}`);
      assert.ok(edge >= SHAPE_CONTRAST, `the edge of ${shape} has a contrast of ${edge}`);
    }
    for (const shape of ["[data-dot]", "[type=number]", "[type=checkbox]"]) {
      const { edge } = await drawn(shopper, found(`${shape}:visible`));
      assert.ok(edge >= SHAPE_CONTRAST, `the edge of ${shape} has a contrast of ${edge}`);
    }
  });
}

test("nothing moves for those who want no motion", async (t) => {
  const moving = ({ page }) =>
    page.evaluate(() => {
      const roots = [...document.querySelectorAll("backroom-stock")].map((host) => host.shadowRoot);
      const all = roots.flatMap((root) => [...root.querySelectorAll("*")]).map(getComputedStyle);
      const moves = (style) => style.transitionDuration !== "0s" || style.animationName !== "none";
      return all.filter(moves).length;
    });
  assert.equal(await moving(await gallery(t, { lang: "en" }, { reducedMotion: "reduce" })), 0);
  assert.ok((await moving(await gallery(t, { lang: "en" }, { reducedMotion: "no-preference" }))) > 0);
});

for (const [width, size] of [[320, "16px"], [1280, "16px"], [320, "12px"], [1280, "12px"]]) {
  test(`every target is large enough, ${width} px wide, text of ${size}`, async (t) => {
    const shopper = await gallery(t, { lang: "en" }, { viewport: { width, height: 800 } });
    await shopper.page.addStyleTag({ content: `#gallery { font-size: ${size} }` });
    await refuse(shopper);
    const targets = await shopper.page.evaluate(() =>
      [...document.querySelectorAll("backroom-stock")].flatMap(({ shadowRoot }) =>
        [...shadowRoot.querySelectorAll("a[href], button, summary, input:not([type=hidden])")]
          .filter((target) => target.checkVisibility())
          .map((target) => {
            const { width, height } = target.getBoundingClientRect();
            return { name: target.name || target.part.value, least: Math.min(width, height) };
          }),
      ),
    );
    const names = [...new Set(targets.map(({ name }) => name))].toSorted();
    const all = ["button", "consent", "email", "marketing", "quantity", "substitute", "title"];
    assert.deepEqual(names, all);
    assert.deepEqual(targets.filter(({ least }) => least < TARGET_PX), []);
  });
}

/** Texts that stand out of their element's column, or are cut off and no link leads to the rest. */
function lost({ page }) {
  return page.evaluate(() =>
    [...document.querySelectorAll("backroom-stock")].flatMap((host) => {
      const column = host.getBoundingClientRect();
      const all = [...host.shadowRoot.querySelectorAll("[part=root] *:not([role=status])")];
      return all
        .filter((element) => element.checkVisibility() && !element.matches("[part=title], [part=substitute] b"))
        .filter((element) => {
          const { left, right } = element.getBoundingClientRect();
          const { overflowX } = getComputedStyle(element);
          const isOutside = left < column.left - 1 || right > column.right + 1;
          const isCut = overflowX !== "auto" && element.scrollWidth > element.clientWidth + 1;
          const isInStrip = element.closest("ul");
          return getComputedStyle(element).display !== "inline" && (isCut || (isOutside && !isInStrip));
        })
        .map((element) => `${host.getAttribute("sku")}: ${element.outerHTML.slice(0, 80)}`);
    }),
  );
}

const SPACING =
  "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }";

for (const lang of LANGUAGES) {
  // 400 % of a screen that is 1280 wide.
  test(`a column of 320 px shows all of it in ${lang}, text set wider too`, async (t) => {
    const narrow = { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 };
    const shopper = await gallery(t, { lang }, narrow);
    await refuse(shopper);
    const { page } = shopper;
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(await wide(), 320);
    assert.deepEqual(await lost(shopper), []);
    const one = await shopper.part("root", "[sku=out-day]").boundingBox();
    await page.evaluate((spacing) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(spacing);
      for (const { shadowRoot } of document.querySelectorAll("backroom-stock")) {
        shadowRoot.adoptedStyleSheets.push(sheet);
      }
    }, SPACING);
    const other = await shopper.part("root", "[sku=out-day]").boundingBox();
    assert.ok(other.height > one.height, "the text is set as before");
    assert.equal(await wide(), 320);
    assert.deepEqual(await lost(shopper), []);
  });
}

/** What the edge says of a product in one of the states that every Backroom has. */
async function wordsOf(sku) {
  const { text } = await backroom.ask(`/v1/fragment?shop=states&product=${sku}&lang=en`);
  return JSON.parse(/data-words="([^"]*)"/.exec(text)[1].replaceAll("&quot;", '"'));
}

for (const width of [320, 375, 768, 1280]) {
  test(`nothing on a page of ${width} px shifts, whatever comes`, async (t) => {
    // All states are in sight, so that all of them wake.
    const shopper = await visit(t, "about:blank", { viewport: { width, height: 6000 } });
    const { page } = shopper;
    let socket;
    await page.routeWebSocket("**/v1/live?*", (own) => {
      socket = own;
      own.connectToServer();
    });
    const { promise: allowed, resolve: letPaint } = Promise.withResolvers();
    await page.route("**/v1/fragment?*", async (route) => {
      await allowed;
      await route.fallback();
    });
    await page.goto(merchant.page("product-states.html", { origin: backroom.url }));
    // It has been drawn without us.
    await page.evaluate(async () => {
      for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    });
    letPaint();
    await painted(shopper);
    await shopper.quiet();
    await wake(shopper);
    await shopper.quiet();
    const out = { sku: "in-stock", state: "out", version: 2, words: await wordsOf("out-day") };
    socket.send(JSON.stringify({ type: "snapshots", items: [out] }));
    await shopper.says("Out of stock", "state", "[sku=in-stock]");
    assert.equal(await shopper.page.locator("[sku=in-stock] [part=substitute]:visible").count(), 3);
    await shopper.quiet();
    assert.equal((await shopper.seen()).shift, 0);
  });
}
