// What the widget costs a product page: the demo shop's page with it and without it, in real
// Chromium. The page is a merchant's, on an origin of its own; the widget comes from Backroom's.
// `cargo xtask bench page` starts it with one argument, a JSON object (see `Job` in
// src/bench_page.rs), and reads the samples, as JSON, from its standard output.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const { assets, backroom, chromium, packages, extras, pages, rounds } = JSON.parse(process.argv[2]);

/** A package of a `node_modules` that is not above this file. */
function load(folder, name) {
  return import(pathToFileURL(createRequire(join(folder, "_.js")).resolve(name)));
}
const { default: playwright } = await load(packages, "playwright-core");
const { default: lighthouse } = await load(extras, "lighthouse");

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
/** The phone that Lighthouse pretends to be. */
const PHONE = { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true };
const SLOWDOWN = 4;
const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};
/** What Lighthouse's score is made of: its other audits weigh nothing, and take their time. */
const METRICS = [
  ...["first-contentful-paint", "largest-contentful-paint", "speed-index"],
  ...["total-blocking-time", "cumulative-layout-shift"],
];
const WIDGET = "with";
const PLAIN = "without";
const SIDES = [WIDGET, PLAIN];

const SCRIPT = '<script async src="/backroom.js" data-shop="demo"></script>';
const ELEMENT = /<backroom-stock [^]*?<\/backroom-stock>/g;

/** The shop's page as its merchant would serve it. */
function dress(html, side) {
  if (!html.includes(SCRIPT) || html.search(ELEMENT) < 0) throw new Error("a page without the widget");
  if (side === PLAIN) return html.replace(SCRIPT, "").replace(ELEMENT, "");
  return html.replace(SCRIPT, SCRIPT.replace("/backroom.js", `${backroom}/backroom.js`));
}

/** A server on a free port of this machine. */
async function serve(answer) {
  const server = createServer(answer);
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

async function freePort() {
  const server = await serve();
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** A merchant's site: the built demo shop, packed as servers pack it. */
async function merchant(side) {
  const packed = new Map();
  const pack = (path) => {
    const type = TYPES[extname(path)];
    let body = readFileSync(join(assets, path));
    if (extname(path) === ".html") body = dress(body.toString(), side);
    return { headers: { "content-type": type, "content-encoding": "gzip" }, body: gzipSync(body) };
  };
  const server = await serve(({ url }, response) => {
    if (!url.startsWith("/shop/")) return response.writeHead(404).end();
    if (!packed.has(url)) packed.set(url, pack(url));
    const { headers, body } = packed.get(url);
    response.writeHead(200, headers).end(body);
  });
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Runs in the page before its own scripts: what it sees of itself. */
function observe() {
  const seen = { shift: 0, longTasks: [], pointer: null, socket: null };
  const takers = {
    "layout-shift": (entry) => (seen.shift += entry.value),
    longtask: (entry) => seen.longTasks.push(entry.duration),
  };
  for (const [type, take] of Object.entries(takers)) {
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  }
  const near = ({ target }) => {
    if (target.localName === "backroom-stock") seen.pointer ??= performance.now();
  };
  addEventListener("pointerenter", near, true);
  // The widget opens its socket when it has taken an element over.
  globalThis.WebSocket = class extends WebSocket {
    constructor(...how) {
      seen.socket ??= performance.now();
      super(...how);
    }
  };
  globalThis.seen = seen;
}

/** Opens a page as a new shopper on a machine so many times slower than this one. */
async function open(browser, url, slowdown) {
  const context = await browser.newContext(PHONE);
  const page = await context.newPage();
  await page.addInitScript(observe);
  const devtools = await context.newCDPSession(page);
  const network = { requests: 0, bytes: 0 };
  devtools.on("Network.loadingFinished", ({ encodedDataLength }) => {
    network.requests += 1;
    network.bytes += encodedDataLength;
  });
  await devtools.send("Network.enable");
  await devtools.send("Performance.enable");
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await page.goto(url);
  await quiet(page);
  return { context, page, devtools, network };
}

/** Waits until the page does nothing more by itself. */
async function quiet(page) {
  await page.waitForLoadState("networkidle");
  await page.evaluate(async () => {
    for (let round = 0; round < 3; round += 1) {
      await new Promise((frame) => requestAnimationFrame(frame));
      await new Promise((idle) => requestIdleCallback(idle));
    }
  });
}

const longest = (tasks) => ({ long_tasks: tasks.length, longest_task: Math.max(0, ...tasks) });

/** One load of a page, until it is at rest. */
async function loaded(browser, url) {
  const { context, page, devtools, network } = await open(browser, url, SLOWDOWN);
  const { metrics } = await devtools.send("Performance.getMetrics");
  const ms = (name) => metrics.find((metric) => metric.name === name).value * 1000;
  const { shift, longTasks } = await page.evaluate(() => globalThis.seen);
  await context.close();
  const [main_thread, script] = [ms("TaskDuration"), ms("ScriptDuration")];
  return { main_thread, script, ...longest(longTasks), shift, ...network };
}

/** A pointer comes near a widget that sleeps. */
async function woken(browser, url, slowdown) {
  const { context, page } = await open(browser, url, slowdown);
  if (await page.evaluate(() => seen.socket)) throw new Error(`${url}: nothing sleeps there`);
  const before = await page.evaluate(() => seen.longTasks.length);
  await page.hover(".details > backroom-stock");
  await page.waitForFunction(() => seen.socket);
  await quiet(page);
  const { pointer, imported, socket, longTasks } = await page.evaluate(() => {
    const glue = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/widget.js"));
    return { ...seen, imported: glue.startTime };
  });
  await context.close();
  return {
    pointer_to_hydrated: socket - pointer,
    import_to_hydrated: socket - imported,
    ...longest(longTasks.slice(before)),
  };
}

/** Lighthouse's performance category, as it comes: a phone on slow 4G, simulated. */
async function judged(port, url) {
  const options = { port, logLevel: "silent", onlyAudits: METRICS, disableFullPageScreenshot: true };
  const { lhr } = await lighthouse(url, options);
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
  const audit = (name) => lhr.audits[name].numericValue;
  return {
    score: lhr.categories.performance.score * 100,
    first_paint: audit("first-contentful-paint"),
    largest_paint: audit("largest-contentful-paint"),
    blocking: audit("total-blocking-time"),
    shift: audit("cumulative-layout-shift"),
  };
}

const say = (what) => process.stderr.write(`backroom: ${what}\n`);

/** So many rounds of both sides in turn; a first one warms Worker and browser and is forgotten. */
async function pairs(what, sample) {
  const samples = { [WIDGET]: [], [PLAIN]: [] };
  for (let round = 0; round <= rounds; round += 1) {
    // What comes first in a pair takes turns too.
    for (const side of round % 2 ? SIDES : SIDES.toReversed()) {
      const taken = await sample(side);
      if (round) samples[side].push(taken);
    }
    say(round ? `${what}: ${round} of ${rounds}` : `${what}: warmed up`);
  }
  return samples;
}

const sites = Object.fromEntries(
  await Promise.all(SIDES.map(async (side) => [side, await merchant(side)])),
);
const port = await freePort();
const browser = await playwright.chromium.launch({
  executablePath: chromium,
  // Lighthouse drives it through this port.
  args: [...FLAGS, `--remote-debugging-port=${port}`],
});
const results = { pages: [], woken: [] };
try {
  for (const { path } of pages) {
    const url = (side) => sites[side].url + path;
    results.pages.push({
      loaded: await pairs(`loading ${path}`, (side) => loaded(browser, url(side))),
      judged: await pairs(`Lighthouse on ${path}`, (side) => judged(port, url(side))),
    });
  }
  // One after the other: each is compared with the other speed, not with a page without.
  const sleeping = sites[WIDGET].url + pages[0].path;
  for (const slowdown of [1, SLOWDOWN]) {
    const samples = [];
    for (let round = 0; round <= rounds; round += 1) {
      const taken = await woken(browser, sleeping, slowdown);
      if (round) samples.push(taken);
    }
    results.woken.push({ slowdown, samples });
    say(`waking at ${slowdown}x: ${rounds} times`);
  }
} finally {
  await browser.close();
  for (const site of Object.values(sites)) site.close();
}
process.stdout.write(JSON.stringify(results));
