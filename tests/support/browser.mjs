// Real Chromium for one test file: pages of merchants, opened as shoppers open them.

import assert from "node:assert/strict";
import { after } from "node:test";
import { chromium } from "playwright-core";
import { start } from "./backroom.mjs";
import { Merchant } from "./browser-merchant.mjs";
import { eventually } from "./eventually.mjs";

const EXECUTABLE = process.env.CHROMIUM || "/usr/bin/chromium";
const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** What a busy machine may need for what takes a tenth of a second on an idle one. */
const PATIENCE_MS = 20_000;

/**
 * A Backroom (`start`'s options), a browser, and a merchant's server on another origin.
 * `visit(t, url, { allowed, ...context })` opens a page as a new shopper; see `Visit`.
 */
export async function setUp(options) {
  const [backroom, browser, merchant] = await Promise.all([
    start(options),
    // Playwright turns the back/forward cache off, since its `goBack` cannot wait for a page
    // that was never unloaded; these tests want it as shoppers have it.
    chromium.launch({
      executablePath: EXECUTABLE,
      args: FLAGS,
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    }),
    Merchant.open(),
  ]);
  after(async () => {
    await browser.close();
    merchant.close();
    await backroom.stop();
  });
  return { backroom, merchant, visit: (t, url, visit) => Visit.open(browser, t, url, visit) };
}

/** One shopper's page. When its test ends it must not have complained of anything. */
class Visit {
  /** Errors of the page and of the console, and dialogs. */
  complaints = [];
  /** Addresses of all requests. */
  requests = [];
  /** Playwright's WebSockets, open or closed. */
  sockets = [];
  /** What the page has said on its sockets that it watches: each time the SKUs, sorted. */
  watched = [];

  /** `allowed` are patterns of complaints that are the browser's own and to be expected. */
  static async open(browser, t, url, { allowed = [], ...options } = {}) {
    const visit = new Visit();
    visit.context = await browser.newContext(options);
    visit.page = await visit.context.newPage();
    visit.page.setDefaultTimeout(PATIENCE_MS);
    visit.#listen();
    await visit.page.addInitScript(observe);
    t.after(async () => {
      await visit.context.close();
      const ours = visit.complaints.filter((text) => !allowed.some((one) => one.test(text)));
      assert.deepEqual(ours, []);
    });
    await visit.page.goto(url);
    return visit;
  }

  #listen() {
    const { page, complaints } = this;
    page.on("pageerror", (error) => complaints.push(`page error: ${error.stack ?? error}`));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      complaints.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => this.requests.push(request.url()));
    page.on("websocket", (socket) => {
      this.sockets.push(socket);
      socket.on("framesent", ({ payload }) => {
        this.watched.push(JSON.parse(payload).skus.map(({ sku }) => sku).sort());
      });
    });
  }

  /** The requests whose address begins with this. */
  to(prefix) {
    return this.requests.filter((url) => url.startsWith(prefix));
  }

  /** A part of one element's view; `host` is a selector, `name` a `part` or `status`. */
  part(name, host = "backroom-stock") {
    const inner = name === "status" ? "[role=status]" : `[part=${name}]`;
    return this.page.locator(`${host} ${inner}`);
  }

  /** Waits until that part says exactly this. */
  says(text, name = "state", host = "backroom-stock") {
    const part = this.part(name, host);
    return eventually(async () => assert.equal((await part.textContent()).trim(), text));
  }

  /** Goes back in history, to a page that is there again as it was left. */
  async restored() {
    // The page answers before it goes: one that is put away in the middle of its answer may never
    // give it.
    await this.page.evaluate(() => void setTimeout(() => history.back()));
    // What is evaluated in a page that goes may be answered by nobody; this asks again.
    await this.page.waitForFunction(() => globalThis.seen?.restored !== undefined);
    const [restored, reasons] = await this.page.evaluate(() => [
      seen.restored,
      JSON.stringify(performance.getEntriesByType("navigation")[0].notRestoredReasons),
    ]);
    assert.equal(restored, true, `not restored: ${reasons}`);
  }

  /** Waits until the page does nothing more by itself. */
  async quiet() {
    await this.page.waitForLoadState("networkidle");
    await this.page.evaluate(async () => {
      for (let round = 0; round < 3; round += 1) {
        await new Promise((frame) => requestAnimationFrame(frame));
        await new Promise((idle) => requestIdleCallback(idle));
      }
    });
  }

  /** Waits until the page has said so many times what it watches: then it hears of changes. */
  live(times = 1) {
    return eventually(() => assert.ok(this.watched.length >= times, "no socket has been used"));
  }

  /** The sockets that are open now. */
  get open() {
    return this.sockets.filter((socket) => !socket.isClosed());
  }

  /** What `observe` has seen so far. */
  seen() {
    return this.page.evaluate(() => seen.report());
  }
}

/** Runs in the page before its own scripts: what a page measures about itself. */
function observe() {
  let shift = 0;
  const longTasks = [];
  const scripts = [];
  const takers = {
    "layout-shift": (entry) => (shift += entry.value),
    longtask: (entry) => longTasks.push(Math.round(entry.duration)),
    "long-animation-frame": (entry) => {
      for (const { sourceURL, duration } of entry.scripts) scripts.push({ sourceURL, duration });
    },
  };
  const observers = Object.entries(takers).map(([type, take]) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
    observer.observe({ type, buffered: true });
    return { observer, take };
  });
  const report = () => {
    for (const { observer, take } of observers) observer.takeRecords().forEach(take);
    return { shift, longTasks, scripts };
  };
  globalThis.seen = { report };
  // A page that is shown for the first time is no news.
  addEventListener("pageshow", ({ persisted }) => {
    const [{ type }] = performance.getEntriesByType("navigation");
    if (persisted || type === "back_forward") seen.restored = persisted;
  });
}
