// Who may call what: every route of the OpenAPI document and every role is one row of a table.
// A route without its row fails.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { Page } from "./support/page-api.mjs";
import { linkIn, openInbox } from "./support/inbox.mjs";
import { eventually } from "./support/eventually.mjs";
import * as door from "./support/sign-up.mjs";

const document = JSON.parse(
  await readFile(new URL("../www/docs/openapi.json", import.meta.url), "utf8"),
);

const inbox = await openInbox({ after });
const backroom = await start({ vars: inbox.vars });
after(() => backroom.stop());

const ORIGIN = "https://shop.example";
const settings = { origins: [ORIGIN], browser_holds: true };
const shop = await backroom.newShop(settings);
const other = await backroom.newShop(settings);
const goods = [
  { sku: "a", product_id: "p", on_hand: 1_000 },
  { sku: "kit" },
];
for (const each of [shop, other]) await each.stockUp(goods);
const page = await Page.of(backroom, shop, { origin: ORIGIN, address: "192.0.2.1" });

/** A key of the shop's that was retired. */
const retired = (await shop.api("/v1/keys", { method: "POST" })).json.secret_key;
const prefix = (key) => key.split("_")[2].slice(0, 8);
assert.equal((await shop.api(`/v1/keys/${prefix(retired)}`, { method: "DELETE" })).status, 204);

/** Who calls: what is sent as `Authorization: Bearer`. */
const ROLES = {
  none: undefined,
  public_id: shop.id,
  // Another shop's digits under this shop's name. Its own key opens its own shop; see below.
  another_shops: `sk_${shop.id}_${other.key.split("_")[2]}`,
  revoked: retired,
  browser: page.token,
  owner: shop.key,
  operator: backroom.operator,
  mailer: inbox.vars.MAIL_EVENTS_SECRET,
};

const MISSING = "401 key_missing";
const WRONG = "401 key_wrong";

/** What each role hears at a route that is the owner's alone: `owner` is their status. */
const owners = (owner) => ({
  none: MISSING,
  public_id: WRONG,
  another_shops: WRONG,
  revoked: WRONG,
  browser: "403 forbidden",
  owner,
  operator: WRONG,
  mailer: WRONG,
});

/** What each role hears where the route is for whoever asks. */
const everybodys = (status) => Object.fromEntries(Object.keys(ROLES).map((role) => [role, status]));

let calls = 0;
/** An id that nothing had before, and that a page may choose. */
const fresh = () => `${page.prefix}${(calls += 1)}`;
const line = { sku: "a", quantity: 1 };
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const json = (method, body) => ({ method, body });

/** The path of a hold of the page's own, for which a role that may can do what the route does. */
async function held() {
  const id = fresh();
  const placed = await page.api("/v1/holds", { body: { id, lines: [line] } });
  assert.equal(placed.status, 200, placed.text);
  return `/v1/holds/${encodeURIComponent(id)}`;
}

/** The path of an order with which the owner can do what the route does. */
async function ordered() {
  const id = fresh();
  const contact = { email: "jane@example.com" };
  const placed = await shop.api("/v1/orders", { body: { id, lines: [line], contact } });
  assert.equal(placed.status, 200, placed.text);
  return `/v1/orders/${encodeURIComponent(id)}`;
}

/** What opens a buyer's own order. */
async function myToken() {
  const { json } = await shop.api(await ordered());
  return new URLSearchParams(json.link.split("?")[1]).get("token");
}

let people = 0;
/** What opens somebody's sign-up, by the mail that asks for it, at this page. */
async function linked(page) {
  const email = `person-${(people += 1)}@example.com`;
  const answer = await door.signUp(backroom, shop, { sku: "a", email }, { "x-client": `192.0.2.${people}` });
  assert.equal(answer.status, 202, answer.text);
  const [mail] = await eventually(() => {
    assert.equal(inbox.to(email).length, 1);
    return inbox.to(email);
  });
  return linkIn(mail, page);
}

/** What opens somebody's claim: there is plenty, so whoever confirms is offered some at once. */
async function claimed() {
  const { token } = await linked("confirm");
  await backroom.ask("/v1/confirm", { body: new URLSearchParams({ token }), headers: FORM });
  const [, mail] = await eventually(() => {
    const mails = inbox.to(`person-${people}@example.com`);
    assert.equal(mails.length, 2);
    return mails;
  });
  return linkIn(mail, "claim");
}

/** A form with the token of a link to this page. */
const pressed = async (page) => {
  const { token } = await linked(page);
  return ["", { body: new URLSearchParams({ token }), headers: FORM }];
};

/** The same of a purchase order. */
async function purchased() {
  const id = fresh();
  const body = { id, supplier: "Acme", lines: [line] };
  assert.equal((await shop.api("/v1/purchase-orders", { body })).status, 200);
  return `/v1/purchase-orders/${encodeURIComponent(id)}`;
}

/** Each route: how it is asked, and what each role hears. */
const TABLE = {
  "GET /v1/availability": [() => [`?shop=${shop.id}&sku=a`], everybodys("200")],
  "GET /v1/fragment": [() => [`?shop=${shop.id}&sku=a`], everybodys("200")],
  "GET /v1/live": [() => [`?shop=${shop.id}`], everybodys("426 upgrade_required")],
  "POST /v1/browser-token": [
    () => [`?shop=${shop.id}`, { method: "POST", headers: { "x-client": "192.0.2.9" } }],
    everybodys("200"),
  ],
  "POST /v1/notify": [
    () => ["", { body: new URLSearchParams({ shop: shop.id, sku: "a", email: "a@b.example", consent: "yes" }), headers: FORM }],
    everybodys("202"),
  ],
  // This Worker asks for none; see challenge.test.mjs.
  "GET /v1/challenge": [() => [`/v1/challenge?shop=${shop.id}`], everybodys("403 notify_off")],
  "GET /v1/confirm": [async () => [(await linked("confirm")).path], everybodys("200")],
  "GET /v1/claim": [async () => [(await claimed()).path], everybodys("200")],
  "GET /v1/claim/state": [
    async () => [`?token=${(await claimed()).token}`],
    everybodys("200"),
  ],
  "POST /v1/claim": [
    async () => {
      const { token } = await claimed();
      return ["", { body: new URLSearchParams({ token, action: "pass" }), headers: FORM }];
    },
    everybodys("200"),
  ],
  "POST /v1/confirm": [() => pressed("confirm"), everybodys("200")],
  "GET /v1/unsubscribe": [async () => [(await linked("unsubscribe")).path], everybodys("200")],
  "POST /v1/unsubscribe": [() => pressed("unsubscribe"), everybodys("200")],
  "GET /v1/alerts": [async () => [(await linked("alerts")).path], everybodys("200")],
  "POST /v1/alerts": [() => pressed("alerts"), everybodys("200")],
  "POST /v1/holds": [
    () => ["", json("POST", { id: fresh(), lines: [line] })],
    { ...owners("200"), browser: "200" },
  ],
  "GET /v1/holds": [() => [""], owners("200")],
  "GET /v1/holds/{id}": [held, { ...owners("200"), browser: "200" }],
  "POST /v1/holds/{id}/commit": [held, owners("200"), () => json("POST", { id: fresh() })],
  "POST /v1/holds/{id}/release": [
    held,
    { ...owners("200"), browser: "200" },
    () => json("POST", { id: fresh() }),
  ],
  "POST /v1/orders": [() => ["", json("POST", { id: fresh(), lines: [line] })], owners("200")],
  "GET /v1/orders": [() => [""], owners("200")],
  "GET /v1/orders/{id}": [ordered, owners("200")],
  "GET /v1/waitlists": [() => [""], owners("200")],
  "GET /v1/orders/{id}/contact": [ordered, owners("200")],
  "POST /v1/orders/{id}/shipments": [
    ordered,
    owners("200"),
    () => json("POST", { id: fresh() }),
  ],
  "POST /v1/orders/{id}/cancellations": [
    ordered,
    owners("200"),
    () => json("POST", { id: fresh() }),
  ],
  "POST /v1/orders/{id}/returns": [
    ordered,
    owners("409 not_shipped"),
    () => json("POST", { id: fresh(), lines: [line], to: "stock" }),
  ],
  "GET /v1/my-order": [async () => [`?token=${await myToken()}`], everybodys("200")],
  "POST /v1/my-order": [
    async () => ["", { body: new URLSearchParams({ token: await myToken() }), headers: FORM }],
    everybodys("200"),
  ],
  "GET /v1/events": [() => [""], owners("200")],
  "POST /v1/purchase-orders": [
    () => ["", json("POST", { id: fresh(), supplier: "Acme", lines: [line] })],
    owners("200"),
  ],
  "GET /v1/purchase-orders": [() => [""], owners("200")],
  "GET /v1/purchase-orders/{id}": [purchased, owners("200")],
  "POST /v1/purchase-orders/{id}/changes": [
    purchased,
    owners("200"),
    () => json("POST", { id: fresh(), lines: [{ line: 1, expected: null }] }),
  ],
  "POST /v1/purchase-orders/{id}/receipts": [
    purchased,
    owners("200"),
    () => json("POST", { id: fresh(), lines: [{ line: 1, quantity: 1 }] }),
  ],
  "GET /v1/stockouts": [() => [""], owners("200")],
  "GET /v1/messages": [() => ["?state=dead"], owners("200")],
  "POST /v1/messages/{id}/retry": [
    () => ["/v1/messages/nothing/retry", json("POST")],
    owners("404 unknown_message"),
  ],
  "POST /v1/subjects/export": [
    () => ["", json("POST", { email: "a@b.example" })],
    owners("200"),
  ],
  "POST /v1/subjects/erase": [
    () => ["", json("POST", { email: "a@b.example" })],
    owners("204"),
  ],
  "GET /v1/desk": [() => [""], everybodys("200")],
  // The key is in the form.
  "POST /v1/desk": [
    () => ["", { body: new URLSearchParams({ key: shop.key }), headers: FORM }],
    everybodys("200"),
  ],
  "POST /v1/mail-events": [
    () => ["", json("POST", { type: "bounced", shop: shop.id, email: "a@b.example" })],
    { ...everybodys("401 mailer_wrong"), mailer: "204" },
  ],
  "POST /v1/commands": [
    () => ["", json("POST", { id: fresh(), type: "sell", lines: [line] })],
    owners("200"),
  ],
  "POST /v1/counts": [
    () => ["", json("POST", { id: fresh(), lines: [{ sku: "a", counted: 900, expected: null }] })],
    owners("200"),
  ],
  "GET /v1/stock": [() => [""], owners("200")],
  "GET /v1/drift": [() => [""], owners("200")],
  "GET /v1/explain": [() => ["?sku=a"], owners("200")],
  "POST /v1/import": [() => ["", { body: "sku,title\na,A\n" }], owners("200")],
  "PATCH /v1/skus/{sku}": [() => ["/v1/skus/a", json("PATCH", { hidden: false })], owners("200")],
  "PATCH /v1/products/{id}": [
    () => ["/v1/products/p", json("PATCH", { hidden: false })],
    owners("204"),
  ],
  "GET /v1/locations": [() => [""], owners("200")],
  "PUT /v1/locations/{name}": [() => ["/v1/locations/main", json("PUT", {})], owners("200")],
  "GET /v1/bundles": [() => [""], owners("200")],
  "PUT /v1/bundles/{sku}": [
    () => ["/v1/bundles/kit", json("PUT", { components: [line] })],
    owners("200"),
  ],
  "DELETE /v1/bundles/{sku}": [() => ["/v1/bundles/kit", json("DELETE")], owners("204")],
  "POST /v1/shops": [
    () => ["", json("POST", { settings: { currency: "GBP", time_zone: "Europe/London" } })],
    { ...everybodys("401 operator_wrong"), operator: "201" },
  ],
  "GET /v1/shop": [() => [""], owners("200")],
  "PATCH /v1/shop": [() => ["", json("PATCH", { low_mark: 5 })], owners("200")],
  "POST /v1/keys": [() => ["", json("POST")], owners("201")],
  "DELETE /v1/keys/{prefix}": [() => ["/v1/keys/00000000", json("DELETE")], owners("404 not_found")],
  "GET /v1/health": [() => [""], { ...owners("200"), none: "200", operator: "200" }],
};

const ROUTES = Object.entries(document.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, route]) => [`${method.toUpperCase()} ${path}`, route]),
);

test("every route has its row", () => {
  assert.deepEqual(Object.keys(TABLE).toSorted(), ROUTES.map(([name]) => name).toSorted());
});

test("the document says the same of each route", () => {
  for (const [name, { security, responses }] of ROUTES) {
    const roles = security.map((role) => Object.keys(role)[0] ?? "none");
    for (const role of ["none", "browser", "owner", "operator", "mailer"]) {
      const [status, code] = TABLE[name][1][role].split(" ");
      const isAsked = !["401", "403"].includes(status) || roles.includes("none");
      if (role !== "none") {
        assert.equal(isAsked, roles.includes(role) || roles.includes("none"), `${name} ${role}`);
      }
      assert.ok(responses[status], `${name} does not say that it answers ${status}`);
      if (code) assert.match(responses[status].description, new RegExp(`\`${code}\``), name);
    }
  }
});

for (const [name, [prepare, heard, request]] of Object.entries(TABLE)) {
  test(`${name}: each role hears what the table says`, async () => {
    const [method, path] = name.split(" ");
    for (const [role, key] of Object.entries(ROLES)) {
      const prepared = await prepare();
      const [at, sent = {}] = Array.isArray(prepared) ? prepared : [prepared, request?.()];
      const suffix = path.split("}")[1] ?? "";
      const url = at.startsWith("/") ? at + (Array.isArray(prepared) ? "" : suffix) : path + at;
      const headers = { origin: ORIGIN, "x-client": "192.0.2.1", ...sent.headers };
      const answer = await backroom.ask(url, { method, ...sent, key, headers });
      const code = answer.status >= 400 ? ` ${answer.json.code}` : "";
      assert.equal(`${answer.status}${code}`, heard[role], `${role}: ${answer.text}`);
      // A page has three holds at most, so what it holds is let go.
      if (name === "POST /v1/holds" && answer.status === 200) await release(answer.json.id);
      if (!Array.isArray(prepared)) await release(decodeURIComponent(at.split("/").pop()));
      if (name === "POST /v1/keys" && answer.status === 201) {
        await shop.api(`/v1/keys/${prefix(answer.json.secret_key)}`, { method: "DELETE" });
      }
      if (name === "DELETE /v1/bundles/{sku}" && role === "owner") {
        const body = { components: [line] };
        await shop.api("/v1/bundles/kit", { method: "PUT", body });
      }
    }
  });
}

function release(id) {
  return shop.resolve(id, "release");
}

test("another shop's key changes another shop", async () => {
  const before = await shop.picture();
  assert.equal((await other.command("sell", { a: 1 })).status, 200);
  assert.equal((await other.hold({ a: 1 }, { id: "theirs" })).status, 200);
  assert.equal((await other.api("/v1/skus/a", json("PATCH", { hidden: true }))).status, 200);
  assert.deepEqual(await shop.picture(), before);
});
