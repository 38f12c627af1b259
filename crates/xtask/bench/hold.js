// Holds as somebody would write them by hand in JavaScript: a Durable Object with SQLite that
// does for a hold and its commit what Backroom's does, and keeps the same promises: the key's
// hash is checked, the same id is answered as the first time, a decision and all that follows of
// it are written in one transaction, overdue holds expire by the alarm and before a decision, and
// what shoppers would see goes to KV by way of an outbox. `cargo xtask bench hold` measures
// Backroom beside it, and first compares what they answer: where they differ, this file is behind.
//
// What it lacks: locations, kits, limits, counts, retention, imports. That is to its advantage.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { DurableObject } from "cloudflare:workers";

const SCHEMA = `
  CREATE TABLE keys (hash BLOB PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE skus (sku TEXT PRIMARY KEY, title TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL DEFAULT 0, shown TEXT, shown_units INTEGER) WITHOUT ROWID;
  CREATE TABLE balances (sku TEXT NOT NULL, location TEXT NOT NULL,
    on_hand INTEGER NOT NULL CHECK (on_hand >= 0), held INTEGER NOT NULL CHECK (held >= 0),
    moves INTEGER NOT NULL, PRIMARY KEY (sku, location)) WITHOUT ROWID;
  CREATE TABLE movements (sku TEXT NOT NULL, location TEXT NOT NULL, n INTEGER NOT NULL,
    at INTEGER NOT NULL, kind TEXT NOT NULL, quantity INTEGER NOT NULL, net INTEGER NOT NULL,
    source TEXT NOT NULL, PRIMARY KEY (sku, location, n)) WITHOUT ROWID;
  CREATE TABLE commands (id TEXT PRIMARY KEY, at INTEGER NOT NULL, digest BLOB NOT NULL,
    status INTEGER NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE holds (open INTEGER NOT NULL, id TEXT NOT NULL, digest BLOB NOT NULL,
    state TEXT NOT NULL, made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    resolved_at INTEGER, resolution TEXT, buyer BLOB, lines TEXT NOT NULL,
    PRIMARY KEY (open, id)) WITHOUT ROWID;
  CREATE TABLE outbox (sku TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
`;

const LOCATION = "main";
const LOW_MARK = 5;
const SLOW_MS = 500;
const MAX_LINES = 100;
const MAX_UNITS = 1_000_000;
const MAX_SECONDS = 3_600;
const KV_WRITES_PER_ALARM = 100;
const EXPIRED_AT_ONCE = 200;

const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const same = (one, other) => timingSafeEqual(new Uint8Array(one), new Uint8Array(other));
const rfc3339 = (at) => new Date(at).toISOString();
const isText = (value) => typeof value === "string" && value.length >= 1 && value.length <= 128;

const isCount = (value, most) => Number.isSafeInteger(value) && value >= 1 && value <= most;

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** An answer as it is sent and kept. */
const ok = (body) => ({ status: 200, body: JSON.stringify(body) });
const problem = (status, code, detail) => ({
  status,
  body: JSON.stringify({ type: `/docs/problems.html#${code}`, code, title: code, status, detail, instance: "" }),
});
const sent = ({ status, body }, replayed = false) => {
  const headers = new Headers(HEADERS);
  headers.set("content-type", status < 300 ? "application/json" : "application/problem+json");
  if (replayed) headers.set("idempotent-replayed", "true");
  return new Response(body, { status, headers });
};

export class Shop extends DurableObject {
  #sql;
  #awake;
  #keys = [];
  #alarm = null;
  #nextExpiry = null;
  #news = true;

  constructor(ctx, env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#awake = this.#rows("SELECT 1 FROM sqlite_master WHERE name = 'keys'").length > 0;
    if (this.#awake) this.#wake();
  }

  #wake() {
    this.#keys = this.#rows("SELECT hash FROM keys").map(({ hash }) => hash);
    this.#nextExpiry = this.#rows("SELECT MIN(expires_at) AS at FROM holds WHERE open = 1")[0].at;
  }

  #rows(statement, ...bind) {
    return this.#sql.exec(statement, ...bind).toArray();
  }

  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const started = Date.now();
    let response;
    try {
      response = await this.#route(request, pathname, searchParams);
      await this.#arm();
    } catch (error) {
      response = sent(problem(500, "internal", String(error)));
    }
    const ms = Date.now() - started;
    if (response.status >= 400 || ms >= SLOW_MS) {
      const what = `${request.method} ${pathname}`;
      console.log(JSON.stringify({ request: randomBytes(8).toString("hex"), what, status: response.status, ms }));
    }
    return response;
  }

  async #route(request, path, query) {
    if (path === "/v1/shops") return this.#create(await request.json());
    const given = request.headers.get("authorization")?.replace(/^Bearer /i, "") ?? "";
    const hash = sha256(given);
    if (!this.#keys.some((key) => same(key, hash))) {
      return sent(problem(401, "key_wrong", "No shop has this key."));
    }
    if (path === "/v1/stock") return this.#stock(query.get("sku"));
    if (path === "/v1/health") return this.#health();
    if (request.method !== "POST") return sent(problem(404, "not_found", "There is nothing here."));
    const text = await request.text();
    if (path === "/v1/import") return this.#import(text);
    let body;
    try {
      body = JSON.parse(text);
    } catch {
      return sent(problem(400, "bad_json", "The body is not JSON."));
    }
    if (!isText(body.id)) return sent(problem(422, "bad_value", "`id` is 1 to 128 bytes."));
    const now = Date.now();
    if (path === "/v1/holds") return this.#hold(body, sha256(text), now);
    if (path === "/v1/commands") return this.#receive(body, sha256(text), now);
    const [, hold, way] = /^\/v1\/holds\/([^/]+)\/(commit|release)$/.exec(path) ?? [];
    if (hold) return this.#resolve(decodeURIComponent(hold), body.id, way, now);
    return sent(problem(404, "not_found", "There is nothing here."));
  }

  #create({ id }) {
    if (this.#awake) return sent(problem(409, "shop_exists", "There is a shop with this id."));
    const key = `sk_${id}_${randomBytes(20).toString("hex")}`;
    this.#sql.exec(SCHEMA);
    this.#sql.exec("INSERT INTO keys VALUES (?)", sha256(key));
    this.#awake = true;
    this.#wake();
    const settings = { currency: "GBP", time_zone: "Europe/London" };
    return sent({ status: 201, body: JSON.stringify({ id, secret_key: key, settings }) });
  }

  /** A file of SKUs and titles, without quotes. */
  #import(csv) {
    const rows = csv.trim().split("\n").slice(1).map((row) => row.split(","));
    this.ctx.storage.transactionSync(() => {
      for (const [sku, title] of rows) {
        this.#sql.exec("INSERT INTO skus (sku, title) VALUES (?, ?) ON CONFLICT DO NOTHING", sku, title);
      }
    });
    const zeros = { updated: 0, unchanged: 0, opened: 0, adjusted: 0 };
    return sent(ok({ rows: rows.length, created: rows.length, ...zeros }));
  }

  #health() {
    const [{ rows }] = this.#rows("SELECT COUNT(*) AS rows FROM outbox");
    return sent(ok({ build: "", outbox: { rows, oldest_age_ms: 0 } }));
  }

  #stock(sku) {
    const stock = this.#rows("SELECT * FROM balances WHERE sku = ? ORDER BY location", sku).map(
      ({ sku, location, on_hand, held }) => ({
        ...{ sku, location, on_hand, shortfall: 0, held, safety_stock: 0 },
        available: Math.max(0, on_hand - held),
      }),
    );
    return sent(ok({ stock }));
  }

  /** Units came in: how the bench stocks up. */
  #receive({ id, lines }, digest, now) {
    const [{ sku, quantity }] = lines;
    const known = this.#load(sku);
    const answer = ok({ id, stock: [this.#level(known, quantity, 0)] });
    this.ctx.storage.transactionSync(() => {
      this.#remember(id, digest, answer, now);
      this.#book(known, quantity, 0, "received", id, now);
    });
    return sent(answer);
  }

  #hold({ id, lines, seconds = 600, buyer }, digest, now) {
    if (
      !Array.isArray(lines) || lines.length < 1 || lines.length > MAX_LINES ||
      lines.some(({ sku, quantity }) => !isText(sku) || !isCount(quantity, MAX_UNITS))
    ) {
      return sent(problem(422, "bad_value", "`lines` are 1 to 100, each of 1 to a million units."));
    }
    if (!isCount(seconds, MAX_SECONDS)) {
      return sent(problem(422, "bad_value", "`seconds` is 1 to 3600."));
    }
    this.#expireDue(now);
    const again = this.#kept(id);
    if (again) {
      if (!same(again.digest, digest)) return sent(problem(422, "id_reused", "Another cart had this id."));
      return sent(ok(made(again)), true);
    }
    const [refused] = this.#rows("SELECT digest, status, answer FROM commands WHERE id = ?", id);
    if (refused) {
      if (!same(refused.digest, digest)) return sent(problem(422, "id_reused", "Another cart had this id."));
      return sent({ status: refused.status, body: refused.answer }, true);
    }
    const wanted = new Map();
    for (const { sku, quantity } of lines) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
    const held = [];
    for (const [sku, quantity] of wanted) {
      const known = this.#load(sku);
      const short = !known || known.on_hand - known.held < quantity;
      if (short) {
        const answer = known
          ? problem(409, "insufficient_stock", `${sku} has ${known.on_hand - known.held} to sell.`)
          : problem(404, "unknown_sku", `There is no ${sku}.`);
        this.#remember(id, digest, answer, now);
        return sent(answer);
      }
      held.push({ known, quantity });
    }
    const kept = held.map(({ known, quantity }) => ({ sku: known.sku, location: LOCATION, quantity }));
    const hold = { id, state: "open", expires_at: now + seconds * 1_000, lines: JSON.stringify(kept) };
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec(
        `INSERT INTO holds (open, id, digest, state, made_at, expires_at, buyer, lines)
         VALUES (1, ?, ?, 'open', ?, ?, ?, ?)`,
        id, digest, now, hold.expires_at, buyer === undefined ? null : sha256(buyer), hold.lines,
      );
      for (const { known, quantity } of held) this.#book(known, 0, quantity, "sold", id, now);
    });
    this.#nextExpiry = Math.min(this.#nextExpiry ?? Infinity, hold.expires_at);
    return sent(ok(made(hold)));
  }

  #resolve(id, resolution, way, now) {
    this.#expireDue(now);
    const hold = this.#kept(id);
    if (!hold) return sent(problem(404, "unknown_hold", "There is no such hold."));
    const state = way === "commit" ? "committed" : "released";
    if (hold.resolution === resolution && hold.state === state) return sent(ok(ended(hold)), true);
    if (hold.state !== "open") {
      const code = hold.state === "expired" ? "expired" : `already_${hold.state}`;
      return sent(problem(409, code, "The hold has ended."));
    }
    Object.assign(hold, { state, resolution, resolved_at: now });
    this.ctx.storage.transactionSync(() => this.#end(hold, way === "commit", now));
    return sent(ok(ended(hold)));
  }

  /** Ends a hold; call it in a transaction. */
  #end(hold, sold, now) {
    this.#sql.exec(
      `UPDATE holds SET open = 0, state = ?, resolved_at = ?, resolution = ?, buyer = NULL
       WHERE open = 1 AND id = ?`,
      hold.state, hold.resolved_at, hold.resolution, hold.id,
    );
    for (const { sku, quantity } of JSON.parse(hold.lines)) {
      this.#book(this.#load(sku), sold ? -quantity : 0, -quantity, "sold", hold.resolution, now);
    }
  }

  #expireDue(now) {
    if (this.#nextExpiry === null || this.#nextExpiry > now) return;
    const due = this.#rows(
      "SELECT * FROM holds WHERE open = 1 AND expires_at <= ? ORDER BY expires_at, id LIMIT ?",
      now, EXPIRED_AT_ONCE,
    );
    this.ctx.storage.transactionSync(() => {
      for (const hold of due) {
        this.#end({ ...hold, state: "expired", resolved_at: now, resolution: null }, false, now);
      }
    });
    this.#nextExpiry = this.#rows("SELECT MIN(expires_at) AS at FROM holds WHERE open = 1")[0].at;
  }

  #kept(id) {
    return this.#rows("SELECT * FROM holds WHERE open IN (0, 1) AND id = ?", id)[0];
  }

  /** A SKU with its balance and what shoppers were last shown. */
  #load(sku) {
    const [known] = this.#rows(
      `SELECT skus.sku, version, shown, shown_units, on_hand, held, moves
       FROM skus LEFT JOIN balances ON balances.sku = skus.sku WHERE skus.sku = ?`,
      sku,
    );
    if (!known) return undefined;
    const { on_hand, held, moves } = known;
    return { ...known, on_hand: on_hand ?? 0, held: held ?? 0, moves: moves ?? 0 };
  }

  #level({ sku, on_hand, held }, units, kept) {
    const after = { on_hand: on_hand + units, held: held + kept };
    return { sku, location: LOCATION, shortfall: 0, safety_stock: 0, ...after, available: after.on_hand - after.held };
  }

  /** Books units that come or go and units that are held or not; call it in a transaction. */
  #book(known, units, kept, kind, source, now) {
    const { on_hand, held } = this.#level(known, units, kept);
    const moves = known.moves + (units === 0 ? 0 : 1);
    if (units !== 0) {
      this.#sql.exec(
        "INSERT INTO movements VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        known.sku, LOCATION, moves, now, kind, units, on_hand, source,
      );
    }
    this.#sql.exec(
      `INSERT INTO balances VALUES (?, ?, ?, ?, ?) ON CONFLICT (sku, location) DO UPDATE SET
         on_hand = excluded.on_hand, held = excluded.held, moves = excluded.moves`,
      known.sku, LOCATION, on_hand, held, moves,
    );
    const available = on_hand - held;
    const shown = available > LOW_MARK ? "in_stock" : available > 0 ? "low" : held > 0 ? "all_held" : "out";
    const shownUnits = shown === "low" ? available : null;
    if (shown === known.shown && shownUnits === known.shown_units) return;
    this.#sql.exec(
      "UPDATE skus SET shown = ?, shown_units = ?, version = ?, changed_at = ? WHERE sku = ?",
      shown, shownUnits, known.version + 1, now, known.sku,
    );
    this.#sql.exec(
      "INSERT INTO outbox VALUES (?, ?) ON CONFLICT (sku) DO UPDATE SET version = excluded.version",
      known.sku, known.version + 1,
    );
    this.#news = true;
  }

  #remember(id, digest, { status, body }, now) {
    this.#sql.exec("INSERT INTO commands VALUES (?, ?, ?, ?, ?)", id, now, digest, status, body);
  }

  /** Sets the alarm for the earliest thing due, if that is sooner than it is set for. */
  async #arm() {
    const now = Date.now();
    if (this.#alarm !== null && this.#alarm <= now) return;
    const told = this.#news && this.#awake && this.#rows("SELECT 1 FROM outbox LIMIT 1").length > 0;
    this.#news = told;
    const due = Math.min(told ? now : Infinity, this.#nextExpiry ?? Infinity);
    if (due === Infinity || (this.#alarm !== null && this.#alarm <= due)) return;
    this.#alarm = due;
    await this.ctx.storage.setAlarm(due);
  }

  async alarm() {
    this.#alarm = null;
    this.#expireDue(Date.now());
    for (const { sku, version } of this.#rows("SELECT * FROM outbox LIMIT ?", KV_WRITES_PER_ALARM)) {
      const [{ title, shown, shown_units, changed_at }] = this.#rows("SELECT * FROM skus WHERE sku = ?", sku);
      const snapshot = { sku, title, state: shown, quantity: shown_units ?? undefined, version, changed_at: rfc3339(changed_at) };
      const metadata = { version, at: Date.now() };
      await this.env.SNAPSHOTS.put(`hold/${sku}`, JSON.stringify(snapshot), { metadata });
      this.#sql.exec("DELETE FROM outbox WHERE sku = ? AND version = ?", sku, version);
    }
    this.#news = true;
    await this.#arm();
  }
}

const made = ({ id, expires_at, lines }) => ({
  id, state: "open", expires_at: rfc3339(expires_at), lines: JSON.parse(lines),
});

const ended = ({ id, resolution, state, resolved_at, lines }) => ({
  id: resolution, hold: id, state, at: rfc3339(resolved_at), lines: JSON.parse(lines),
});

const SHOP_OF_KEY = /^Bearer sk_([a-z0-9-]{3,32})_[0-9a-f]{40}$/i;

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const authorization = request.headers.get("authorization") ?? "";
    let shop = SHOP_OF_KEY.exec(authorization)?.[1];
    if (pathname === "/v1/shops") {
      const given = sha256(authorization.replace(/^Bearer /i, ""));
      if (!same(given, sha256(env.OPERATOR_SECRET))) {
        return sent(problem(401, "operator_wrong", "The operator's secret is needed."));
      }
      shop = (await request.clone().json()).id;
    }
    if (!shop) return sent(problem(401, "key_wrong", "A secret key looks like sk_SHOP_ and 40 hex digits."));
    const response = await env.SHOP.get(env.SHOP.idFromName(`shop/${shop}`)).fetch(request);
    const answered = new Response(response.body, response);
    answered.headers.set("access-control-allow-origin", "*");
    answered.headers.set("access-control-expose-headers", "retry-after, idempotent-replayed");
    return answered;
  },
};
