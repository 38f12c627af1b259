// Mail by Cloudflare's own binding, as `wrangler` stands in for it: it writes what it was given into
// files, and says where.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { start } from "./support/backroom.mjs";
import { eventually } from "./support/eventually.mjs";
import * as door from "./support/sign-up.mjs";

const vars = {
  ...door.keeping,
  MAIL_FROM: "alerts@backroom.example",
  PUBLIC_URL: "https://backroom.example",
};
const backroom = await start({ email: true, vars });
after(() => backroom.stop());

test("a mail goes out by the binding, once, with all that it says", async () => {
  assert.equal((await backroom.ask("/v1/health")).json.mail, "on");
  const shop = await door.opened(backroom, { name: "Mugs & More", locale: "de" });
  assert.equal((await door.signUp(backroom, shop, { email: "jane@büro.example", lang: "de" })).status, 202);
  const file = (kind) => backroom.said(new RegExp(`^${kind}: /`)).map((line) => line.slice(kind.length + 2));
  await eventually(() => assert.equal(file("HTML").length, 1));
  const [[from], [to], [subject]] = ["From", "To", "Subject"].map((name) => backroom.said(new RegExp(`^${name}: `)));
  assert.match(from, /Mugs & More.*<alerts@backroom\.example>/);
  assert.match(to, /jane@xn--bro-hoa\.example/);
  assert.match(subject, /Mug/);
  const [text, html] = await Promise.all(
    [file("Text")[0], file("HTML")[0]].map((path) => readFile(path, "utf8")),
  );
  for (const said of [text, html]) {
    assert.match(said, /https:\/\/backroom\.example\/v1\/confirm\?token=ct_/);
  }
  assert.match(html, /<html[^>]* lang="de"/);
  // It was taken: nothing of it waits any more.
  await eventually(async () => {
    const { json } = await shop.api("/v1/subjects/export", { body: { email: "jane@büro.example" } });
    assert.deepEqual(json.messages, []);
  });
  assert.equal(file("HTML").length, 1);
});
