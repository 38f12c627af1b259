// The two reads as somebody would write them by hand in JavaScript, in English alone: the same
// checks, the same bytes, no framework. `cargo xtask bench read` measures Backroom beside it, and first compares
// their answers: where they differ, this file is behind.

import STYLE from "widget.css";

const SHOP_ID = /^[a-z0-9-]{3,32}$/;
const MAX_SKUS = 50;
const MAX_SKU_BYTES = 128;
const KV_OPTIONS = { type: "text", cacheTtl: 30 };
const BASE_HEADERS = new Headers({
  "cache-control": "public, max-age=5, stale-while-revalidate=25",
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "etag, backroom-age, backroom-source",
  "timing-allow-origin": "*",
  "x-content-type-options": "nosniff",
  "backroom-source": "kv",
});
const MONTHS = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September",
  "October", "November", "December",
];
const SIGNS = { GBP: "£", EUR: "€", USD: "US$" };

const problem = (status, detail) =>
  Response.json({ status, detail }, { status, headers: BASE_HEADERS });

const bytes = (text) => new TextEncoder().encode(text).length;

const read = async (url, env) => {
  const shop = url.searchParams.get("shop") ?? "";
  const skus = url.searchParams.getAll("sku");
  if (!SHOP_ID.test(shop)) return problem(400, "`shop` is the shop's public id.");
  if (skus.length === 0 || skus.length > MAX_SKUS) return problem(400, "Ask for 1 to 50 SKUs.");
  if (skus.some((sku) => sku === "" || bytes(sku) > MAX_SKU_BYTES)) {
    return problem(400, "A SKU is 1 to 128 bytes.");
  }
  const keys = skus.map((sku) => `s/${shop}/${sku}`);
  if (keys.length === 1) return { skus, found: [await env.SNAPSHOTS.getWithMetadata(keys[0], KV_OPTIONS)] };
  const found = await env.SNAPSHOTS.getWithMetadata(keys, KV_OPTIONS);
  return { skus, found: keys.map((key) => found.get(key)) };
};

const answer = (request, found, prefix, type, body) => {
  const versions = found.map((entry) => (entry?.value == null ? "x" : entry.metadata.version));
  const etag = `"${prefix}${versions.join(".")}"`;
  const headers = new Headers(BASE_HEADERS);
  headers.set("content-type", type);
  headers.set("etag", etag);
  const written = found.filter((entry) => entry?.value != null).map((entry) => entry.metadata.at);
  if (written.length > 0) {
    const age = Math.max(0, Math.round((Date.now() - Math.min(...written)) / 1000));
    headers.set("backroom-age", String(age));
  }
  if (request.headers.get("if-none-match") === etag) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(body(), { headers });
};

const availability = ({ skus, found }) => {
  if (found.length === 1) return found[0].value;
  const items = found.map(
    (entry, at) => entry?.value ?? JSON.stringify({ sku: skus[at], problem: "unknown_sku" }),
  );
  return `{"items":[${items.join(",")}]}`;
};

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const attribute = (text) => text.replace(/[&<>"]/g, (char) => ESCAPES[char]);
const printable = (text) => text.replace(/\p{Cc}/gu, " ");
// Leptos writes a space for an empty text, so that the browser finds a text node there.
const text = (value) => (value === "" ? " " : value.replace(/[&<>]/g, (char) => ESCAPES[char]));

const safe = (url) =>
  url !== undefined && !/[\\\p{Cc}]/u.test(url) && /^(https:\/\/|\/(?!\/))/i.test(url);

const money = ({ amount_minor, currency }) => {
  const sign = SIGNS[currency] ?? `${currency}\u00a0`;
  const amount = (amount_minor / 100).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return `${sign}${amount}`;
};

const price = (snapshot) =>
  [printable(snapshot.options ?? ""), snapshot.price ? money(snapshot.price) : ""]
    .filter((part) => part !== "")
    .join(" · ");

const STATES = {
  in_stock: "In stock",
  all_held: "All in other shoppers’ carts",
  backorder: "On back-order",
  preorder: "Pre-order",
  out: "Out of stock",
  discontinued: "Discontinued",
  hidden: "",
};

const ORDERS = {
  in_stock: "Add to basket",
  low: "Add to basket",
  backorder: "Back-order now",
  preorder: "Pre-order now",
};

const state = (snapshot) => {
  if (snapshot.state === "low") return `Only ${snapshot.quantity} left`;
  if (snapshot.state === "out" && !snapshot.restock) return "Out of stock, no date yet";
  return STATES[snapshot.state];
};

const detail = ({ state, restock }) => {
  if (state === "all_held") return "Some may be free again soon";
  if (!restock) return "";
  const verb = state === "out" ? "Back" : "Ships";
  const [year, month, day] = restock.date.split("-").map(Number);
  if (restock.precision === "month") return `${verb} in ${MONTHS[month - 1]} ${year}`;
  return `${verb} on ${day} ${MONTHS[month - 1]} ${year}`;
};

const datetime = ({ restock }) => {
  if (!restock) return undefined;
  return restock.precision === "month" ? restock.date.slice(0, 7) : restock.date;
};

// What says nothing is left out.
const words = (snapshot) => {
  const said = {
    title: printable(snapshot.title),
    href: safe(snapshot.url) ? snapshot.url : "",
    price: price(snapshot),
    state: state(snapshot),
    detail: detail(snapshot),
    datetime: datetime(snapshot),
    order: ORDERS[snapshot.state],
    most: snapshot.state === "low" && snapshot.quantity ? String(snapshot.quantity) : "",
  };
  for (const name of Object.keys(said)) if (!said[name]) delete said[name];
  return said;
};

const item = (json, build) => {
  const snapshot = JSON.parse(json);
  const said = words(snapshot);
  const href = said.href ? ` href="${attribute(said.href)}"` : "";
  const date = said.datetime ? ` datetime="${said.datetime}"` : "";
  const part = (name) => text(said[name] ?? "");
  return `<div class="backroom" data-sku="${attribute(snapshot.sku)}" data-view="sku" data-version="${snapshot.version}" data-state="${snapshot.state}" data-lang="en" data-dir="ltr" data-build="${build}" data-words="${attribute(JSON.stringify(said))}"><div part="root" data-state="${snapshot.state}"><a part="title" dir="auto"${href}>${part("title")}</a><div lang="en" dir="ltr"><p part="price">${part("price")}</p><p part="state"><span data-dot="" aria-hidden="true"></span>${part("state")}</p><p part="detail"><time${date}>${part("detail")}</time> <span part="moved"> </span><span part="countdown" role="timer"> </span></p><!><p role="status" aria-atomic="true"> </p></div></div></div>\n`;
};

const fragment = ({ skus, found }, build) => {
  const items = found.map((entry, at) =>
    entry?.value != null
      ? item(entry.value, build)
      : `<div class="backroom" data-sku="${attribute(skus[at])}" data-problem="unknown_sku"></div>\n`,
  );
  return `<style>${STYLE}</style>\n${items.join("")}`;
};

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const wantsJson = url.pathname === "/v1/availability";
    if (!wantsJson && url.pathname !== "/v1/fragment") return problem(404, "There is nothing here.");
    const asked = await read(url, env);
    if (asked instanceof Response) return asked;
    if (!wantsJson) {
      const type = "text/html; charset=utf-8";
      return answer(request, asked.found, `${env.BUILD}-en-`, type, () => fragment(asked, env.BUILD));
    }
    if (asked.found.length === 1 && asked.found[0].value == null) return problem(404, "No such SKU.");
    return answer(request, asked.found, "", "application/json", () => availability(asked));
  },
};
