// The checkout of the demo shop, which sells by Backroom's API as a merchant's own backend would:
// the secret key stays here, and the order has an id of its page's, so that a second press of the
// button is the same order. It keeps nothing, and ends with its standard input.
//
//   BACKROOM_URL=http://… BACKROOM_KEY=sk_… node checkout.mjs [port]
//
//   GET /?sku=…&quantity=…            a page with a button
//   GET /?sku=…&quantity=…&hold=…     the same for what is kept: a claim's, say, or a cart's
//   POST /                            orders

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

const { BACKROOM_URL: BACKROOM, BACKROOM_KEY: KEY } = process.env;
const SHOP = KEY.split("_")[1];
/** Longest form: an id, a SKU, a hold and an address. */
const MAX_BYTES = 4096;
/** Units that somebody may order here. */
const MAX_UNITS = 1000;

const escaped = (text) =>
  String(text ?? "").replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const STYLE = `
  :root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif;
    --paper: light-dark(#fdf9f1, #1d1814); --card: light-dark(#fffdf9, #29221c);
    --ink: light-dark(#33271f, #f1e8dc); --line: light-dark(#8f7f6a, #85776a); --berry: #8f3630 }
  * { box-sizing: border-box }
  body { display: grid; place-content: center; min-height: 100svh; margin: 0; padding: 1rem;
    background: var(--paper); color: var(--ink) }
  main { width: min(30rem, calc(100vw - 2rem)); padding: 1.5rem clamp(1rem, 6vw, 2rem);
    border-radius: .75rem; background: var(--card); box-shadow: 0 .125rem 1rem #0002; overflow-wrap: anywhere }
  h1 { margin: 0 0 1rem; font: 500 1.5rem/1.2 Georgia, serif }
  .goods { display: flex; gap: 1rem; align-items: center; margin: 0 0 1rem }
  .goods p { margin: 0 }
  img { flex: none; border-radius: .375rem }
  label { display: grid; gap: .25rem; margin: 0 0 1rem }
  input { min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .375rem;
    background: none; color: inherit; font: inherit }
  button, .button { display: inline-block; min-height: 2.75rem; padding: .6rem 1.5rem; border: 0; border-radius: 2rem;
    background: var(--berry); color: #fffaf0; font: inherit; font-weight: 600; text-decoration: none; cursor: pointer }
  a { color: inherit; text-underline-offset: .2em }
  main > a:not(.button) { display: inline-block; padding-block: .5rem }
  small { display: block; margin-top: 1rem }
  :focus-visible { outline: 3px solid; outline-offset: 2px }
`;

const page = (title, body) =>
  `<!doctype html>\n<html lang="en-GB"><meta charset="utf-8">` +
  `<meta name="viewport" content="width=device-width"><title>${escaped(title)} · Pennywick</title>` +
  `<style>${STYLE}</style><main><h1>${escaped(title)}</h1>${body}</main></html>\n`;

/** An address of the shop's site, or none if it would lead elsewhere than a page or picture. */
function onSite(url) {
  const address = url && URL.parse(url, BACKROOM);
  return ["http:", "https:"].includes(address?.protocol) ? address.href : undefined;
}

/** What was chosen, as the address or the form says it; nothing if it says nothing sound. */
function chosen(fields) {
  const [sku, hold] = [fields.get("sku"), fields.get("hold")];
  const quantity = Number(fields.get("quantity") ?? 1);
  const isSound = sku && Number.isInteger(quantity) && quantity > 0 && quantity <= MAX_UNITS;
  return isSound ? { sku, quantity, hold } : undefined;
}

/** What Backroom shows of it: a title, a price, a picture; nothing if it shows nothing. */
async function shown(sku) {
  const query = new URLSearchParams({ shop: SHOP, sku });
  const answer = await fetch(`${BACKROOM}/v1/availability?${query}`);
  return answer.ok ? answer.json() : {};
}

function goods({ sku, quantity }, { title, options, price, image, url }) {
  const money = ({ amount_minor, currency }) => {
    const format = new Intl.NumberFormat("en-GB", { style: "currency", currency });
    return format.format((amount_minor * quantity) / 10 ** format.resolvedOptions().maximumFractionDigits);
  };
  const [picture, product] = [onSite(image), onSite(url)];
  const name = `<bdi>${escaped(title || sku)}</bdi>${options ? `, ${escaped(options)}` : ""}`;
  return (
    `<div class="goods">${picture ? `<img src="${escaped(picture)}" alt="" width="96" height="96">` : ""}` +
    `<div><p>${quantity} × ${product ? `<a href="${escaped(product)}">${name}</a>` : name}</p>` +
    `${price ? `<p>${escaped(money(price))}</p>` : ""}</div></div>`
  );
}

const hidden = (name, value) => `<input type="hidden" name="${name}" value="${escaped(value)}">`;

/** A number for an order that nobody had before. */
const fresh = () => `PW-${randomBytes(6).toString("hex")}`;

/** The page with the button; `id` is the order that it makes. */
function form(order, snapshot, { id = fresh(), email = "", wrong } = {}) {
  return page(
    order.hold ? "Kept for you: check out" : "Check out",
    `${wrong ? `<p role="alert"><strong>${escaped(wrong)}</strong></p>` : ""}${goods(order, snapshot)}` +
      `<form method="post" action="/">${hidden("id", id)}${hidden("sku", order.sku)}` +
      `${hidden("quantity", order.quantity)}${order.hold ? hidden("hold", order.hold) : ""}` +
      `<label>E-mail, if we may write to you about this order` +
      `<input type="email" name="email" autocomplete="email" maxlength="254" value="${escaped(email)}"></label>` +
      `<button>Place the order</button></form>` +
      `<small>A demonstration: nothing is paid and nothing is sent. The stock is Backroom’s.</small>`,
  );
}

/** Orders, and gives what is said of it and with which status. */
async function order(fields) {
  const wanted = chosen(fields);
  const [id, email] = [fields.get("id"), fields.get("email")?.trim()];
  if (!wanted || !id) return nothing();
  const { sku, quantity, hold } = wanted;
  const answer = await fetch(`${BACKROOM}/v1/orders`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}` },
    body: JSON.stringify({
      id,
      // What is kept is ordered as it is kept.
      ...(hold ? { hold } : { lines: [{ sku, quantity }] }),
      ...(email && { contact: { email } }),
    }),
  });
  const said = await answer.json();
  const snapshot = await shown(sku);
  if (answer.ok) return [200, thanks(wanted, snapshot, said)];
  const wrong = `${said.title}.`;
  // What can be mended is asked again: the order was not made, so it may still have this id.
  if (said.code === "bad_email") return [422, form(wanted, snapshot, { id, email, wrong })];
  const back = onSite(snapshot.url) ?? BACKROOM;
  const body = `<p>${escaped(wrong)}</p><a class="button" href="${escaped(back)}">Back to the shop</a>`;
  return [409, page("This could not be ordered", goods(wanted, snapshot) + body)];
}

function thanks(wanted, snapshot, { id, link }) {
  const own = onSite(link);
  return page(
    "Thank you for your order",
    `${goods(wanted, snapshot)}<p>Your order is <code>${escaped(id)}</code>.</p>` +
      `${own ? `<p><a class="button" href="${escaped(own)}">Your order</a></p>` : ""}` +
      `<a href="${escaped(onSite(snapshot.url) ?? BACKROOM)}">Back to the shop</a>`,
  );
}

const nothing = () => [
  404,
  page("There is nothing here to buy", `<a class="button" href="${escaped(BACKROOM)}">Back to the shop</a>`),
];

async function body(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BYTES) return new URLSearchParams();
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

async function answer(request) {
  const url = new URL(request.url, "http://checkout");
  if (url.pathname !== "/") return nothing();
  if (request.method === "POST") return order(await body(request));
  const wanted = chosen(url.searchParams);
  return wanted ? [200, form(wanted, await shown(wanted.sku))] : nothing();
}

const server = createServer(async (request, response) => {
  const said = answer(request).catch(() => [502, page("Please try again", "<p>The shop does not answer just now.</p>")]);
  const [status, html] = await said;
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    // Whoever comes back to the page comes back to its order.
    "cache-control": "private, max-age=0",
  });
  response.end(html);
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
process.stdin.on("end", () => process.exit()).resume();
