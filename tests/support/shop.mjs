// A shop of a test's own, and what a test does with it.

import assert from "node:assert/strict";
import { eventually } from "./eventually.mjs";

let commands = 0;

export class Shop {
  #backroom;

  constructor(backroom, { id, secret_key, settings }) {
    this.#backroom = backroom;
    this.id = id;
    this.key = secret_key;
    this.settings = settings;
  }

  /** A request with the shop's key; see `ask`. */
  api(path, request) {
    return this.#backroom.ask(path, { key: this.key, ...request });
  }

  /** `POST /v1/import`; `query` is `?counts=set` or nothing. */
  import(file, query = "") {
    return this.api(`/v1/import${query}`, { body: file });
  }

  /** Imports goods: `{ sku: units }` or rows of cells by column. */
  async stockUp(goods) {
    const rows = Array.isArray(goods)
      ? goods
      : Object.entries(goods).map(([sku, on_hand]) => ({ sku, on_hand }));
    const answer = await this.import(csv(rows));
    assert.equal(answer.status, 200, answer.text);
    await this.published();
    return answer.json;
  }

  /** `POST /v1/commands`: units by SKU, or whole lines; an id of its own if none is given. */
  command(type, lines, { id = `test-${process.pid}-${(commands += 1)}`, ...rest } = {}) {
    return this.api("/v1/commands", { body: { id, type, lines: linesOf(lines), ...rest } });
  }

  /** `POST /v1/holds`: units by SKU, or whole lines; an id of its own if none is given. */
  hold(lines, { id = `hold-${process.pid}-${(commands += 1)}`, ...rest } = {}) {
    return this.api("/v1/holds", { body: { id, lines: linesOf(lines), ...rest } });
  }

  /** `POST /v1/holds/{id}/commit` or `…/release`; an id of its own if none is given. */
  resolve(hold, way, { id = `${way}-${process.pid}-${(commands += 1)}`, ...rest } = {}) {
    return this.api(`/v1/holds/${encodeURIComponent(hold)}/${way}`, { body: { id, ...rest } });
  }

  /** The truth: every level, by pages. */
  stock() {
    return this.list("/v1/stock", "stock");
  }

  /** Every entry of a list, by pages. */
  async list(path, name) {
    const entries = [];
    let cursor = "";
    do {
      const page = await this.api(`${path}?cursor=${cursor}`);
      assert.equal(page.status, 200, page.text);
      entries.push(...page.json[name]);
      cursor = page.json.next;
    } while (cursor !== undefined);
    return entries;
  }

  /** The levels of one SKU, by location, and what can be sold of it in all. */
  async levels(sku) {
    const page = await this.api(`/v1/stock?${new URLSearchParams({ sku })}`);
    assert.equal(page.status, 200, page.text);
    const { stock, available } = page.json;
    return { available, ...Object.fromEntries(stock.map((level) => [level.location, level])) };
  }

  /** The units on hand of one SKU, everywhere. */
  async onHand(sku) {
    const page = await this.api(`/v1/stock?${new URLSearchParams({ sku })}`);
    assert.equal(page.status, 200, page.text);
    return page.json.stock.reduce((sum, level) => sum + level.on_hand, 0);
  }

  /** How the outbox stands. */
  async outbox() {
    const health = await this.api("/v1/health");
    assert.equal(health.status, 200, health.text);
    return health.json.outbox;
  }

  /** Waits until everybody has been told everything. */
  published({ within = 30_000 } = {}) {
    const empty = { rows: 0, oldest_age_ms: 0 };
    return eventually(async () => assert.deepEqual(await this.outbox(), empty), { within });
  }

  /** `GET /v1/availability`, as a page asks: without a key. */
  availability(skus, request) {
    return this.#backroom.ask(`/v1/availability?${this.query(skus)}`, request);
  }

  /** `GET /v1/fragment`, as a page asks: without a key. */
  fragment(skus, request) {
    return this.#backroom.ask(`/v1/fragment?${this.query(skus)}`, request);
  }

  /** The query of a read of these SKUs. */
  query(skus) {
    const query = new URLSearchParams({ shop: this.id });
    for (const sku of [skus].flat()) query.append("sku", sku);
    return query;
  }

  /** What is published of one SKU. */
  async snapshot(sku) {
    const answer = await this.availability(sku);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  /** Everything that a refused request must leave as it was. */
  async picture() {
    await this.published();
    const stock = await this.stock();
    const skus = [...new Set(stock.map((level) => level.sku))].slice(0, 50);
    const snapshots = skus.length > 0 ? (await this.availability(skus)).json : [];
    const settings = (await this.api("/v1/shop")).json;
    const [holds, orders, purchase_orders, locations, bundles, counts] = [
      await this.list("/v1/holds", "holds"),
      await this.list("/v1/orders", "orders"),
      await this.list("/v1/purchase-orders", "purchase_orders"),
      await this.list("/v1/locations", "locations"),
      await this.list("/v1/bundles", "bundles"),
      await this.list("/v1/drift", "counts"),
    ];
    return { stock, snapshots, settings, holds, orders, purchase_orders, locations, bundles, counts };
  }
}

function linesOf(lines) {
  if (Array.isArray(lines)) return lines;
  return Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity }));
}

/** A level as it is answered, with everything at 0 that is not given; `available` is what is left. */
export function level(sku, { location = "main", on_hand = 0, shortfall = 0, held = 0, committed = 0, safety_stock = 0 } = {}) {
  const available = Math.max(0, on_hand - held - committed - safety_stock);
  return { sku, location, on_hand, shortfall, held, committed, safety_stock, available };
}

/** Rows of cells by column as a CSV file; a row has an empty cell where only others have one. */
export function csv(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(","));
  return `${columns.join(",")}\n${lines.join("\n")}\n`;
}

function cell(value = "") {
  return `"${String(value).replaceAll('"', '""')}"`;
}
