// The types that a merchant's TypeScript gets: what is right compiles, and what is wrong does not.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const TSC = fileURLToPath(new URL("node_modules/typescript/bin/tsc", import.meta.url));
const TYPES = fileURLToPath(new URL("../www/loader/backroom.d.ts", import.meta.url));

/** What the compiler says of a script that knows the types: nothing, if all is right. */
async function compile(t, script) {
  const folder = await mkdtemp(join(tmpdir(), "backroom-types-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "page.ts");
  await writeFile(file, `/// <reference path="${TYPES}" />\nexport {};\n${script}`);
  const options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom", "--types", ""];
  return new Promise((done) => {
    execFile(process.execPath, [TSC, ...options, file], { cwd: folder }, (_, said) => done(said));
  });
}

const RIGHT = `
  document.addEventListener("backroom:order", (event) => {
    const { sku, quantity, kind } = event.detail;
    const known: "buy" | "preorder" | "backorder" | "claim" = kind;
    if (sku === "A" && quantity > 2 && known === "buy") event.preventDefault();
  });
  document.addEventListener("backroom:ready", ({ detail }) => detail.version.trim() + detail.lang);
  const element = document.querySelector("backroom-stock");
  element?.setAttribute("sku", "B");
  element?.addEventListener("backroom:state", ({ detail }) => {
    if (detail.state === "low") console.log(detail.quantity, detail.restock?.date, detail.price?.amount_minor);
  });
  window.backroom?.("on", "order", (event) => event.detail.kind);
  window.backroom?.("on", "notified", ({ detail }) => (detail.ok ? detail.quantity : 0));
  window.backroom?.("on", "substitute", ({ detail }) => detail.substitute.length + detail.sku.length);
  window.backroom?.("on", "notify", (event) => event.preventDefault());
  window.backroom?.("cart", (order) => fetch("/cart", { method: "POST", body: JSON.stringify(order) }));
  window.backroom?.("cart", async ({ sku }) => console.log(sku));
  window.backroom?.("claim", ({ state, hold, words }) => (state === "kept" ? hold?.trim() : words.said));
  window.backroom?.("cart", ({ kind, hold }) => console.log(kind === "claim" ? hold : undefined));
  window.backroom?.("refresh");
`;

test("a page's script that is right compiles", async (t) => {
  assert.equal(await compile(t, RIGHT), "");
});

/** Each is wrong in one way. */
const WRONG = {
  "an event that there is not": 'window.backroom?.("on", "ordered", () => {});',
  "an event by its long name": 'window.backroom?.("on", "backroom:order", () => {});',
  "a command that there is not": 'window.backroom?.("reload");',
  "a detail that there is not": 'document.addEventListener("backroom:notify", ({ detail }) => detail.email);',
  "a state that there is not":
    'document.addEventListener("backroom:state", ({ detail }) => detail.state === "sold_out");',
  "another event's detail": 'window.backroom?.("on", "ready", ({ detail }) => detail.kind);',
  "a kind that there is not": 'window.backroom?.("cart", ({ kind }) => { if (kind === "gift") return; });',
  "a claim that surely has its hold": 'window.backroom?.("claim", ({ hold }) => hold.trim());',
  "commands where there may be none": 'window.backroom("refresh");',
};

for (const [what, script] of Object.entries(WRONG)) {
  test(`${what} does not compile`, async (t) => {
    assert.match(await compile(t, script), /^page\.ts\(3,\d+\): error TS\d+/);
  });
}
