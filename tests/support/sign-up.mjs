// Sign-ups, as a page of the shop's sends them.

import { createDecipheriv, createHmac } from "node:crypto";
import { databases, rows } from "./database.mjs";
import { trusting } from "./page-api.mjs";

/** The secret's two versions. */
const KEYS = ["a1".repeat(32), "b2".repeat(32)];

/** The secret `CONTACT_KEYS` with its first versions. */
export const contactKeys = (versions) =>
  KEYS.slice(0, versions)
    .map((key, at) => `${at + 1}:${key}`)
    .join(",");

/** Variables of a Worker that takes sign-ups, and is told a client's address by the test. */
export const keeping = { ...trusting, CONTACT_KEYS: contactKeys(1) };

export const ORIGIN = "https://shop.example";

/** A SKU that no other shop has, for a database does not say whose it is. */
export const skuOf = (shop) => `${shop.id}/mug`;

/** A shop that has it. */
export async function opened(backroom, { url = "/mug?red", ...settings } = {}) {
  const shop = await backroom.newShop({ origins: [ORIGIN], ...settings });
  await shop.stockUp([{ sku: skuOf(shop), title: "Mug", url, on_hand: 0 }]);
  return shop;
}

/** The sign-ups that are stored of it, as they lie on the disk. */
export function stored(backroom, shop) {
  const all = databases(backroom, "Outreach").flatMap((file) =>
    rows(file, "SELECT * FROM sign_ups ORDER BY id"),
  );
  return all.filter(({ sku }) => sku.startsWith(shop.id));
}

/** A form with all that it needs; what is undefined is left out. */
export function form(shop, fields) {
  const all = { shop: shop.id, sku: skuOf(shop), email: "jane@example.com", consent: "yes", ...fields };
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Sends it, with the headers of a script on a page of the shop's; see `ask`. */
export function signUp(backroom, shop, fields, headers) {
  const all = { origin: ORIGIN, "x-client": "192.0.2.1", ...headers };
  const sent = Object.entries(all).filter(([, value]) => value !== undefined);
  const type = { "content-type": "application/x-www-form-urlencoded" };
  const body = form(shop, fields);
  return backroom.ask("/v1/notify", { body, headers: { ...type, ...Object.fromEntries(sent) } });
}

const hmac = (key, ...parts) => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

/** A key of a version of the secret, for one purpose. */
const derived = (version, info) =>
  hmac(Buffer.from(KEYS[version - 1], "hex"), info, Buffer.from([1]));

/** The address of a stored sign-up, as www/docs/storage.md says that it is read. */
export function addressOf({ key, address }, shop) {
  const bytes = Buffer.from(address);
  const cipher = createDecipheriv("aes-256-gcm", derived(key, "backroom address"), bytes.subarray(0, 12));
  cipher.setAAD(Buffer.from(shop.id));
  cipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]).toString();
}

/** By what an address is found. */
export const hashOf = (version, shop, address) =>
  hmac(derived(version, "backroom lookup"), `${shop.id}\n${address}`);

/** What a Limiter object knows an address by, and which of them that is: see www/docs/storage.md. */
export function limitedOf(version, mailbox) {
  const bits = hmac(derived(version, "backroom limiter"), `address\n${mailbox}`).readUIntBE(0, 3);
  return { limiter: bits >> 20, address: bits & 0xfffff };
}

/** What it knows a message by. */
export const limitedMessageOf = (version, id) =>
  hmac(derived(version, "backroom limiter"), `message\n${id}`).subarray(0, 16);
