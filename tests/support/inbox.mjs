// A mail provider of a test's own, in the shape of Resend's API: it knows an `Idempotency-Key`
// again, and answers as the test says.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { keeping } from "./sign-up.mjs";

const KEY = "a provider's key";
/** The Worker's address as links have it; none is followed there. */
const ORIGIN = "https://backroom.example";

/** Opens one, and closes it after the test, or after the file's last. */
export async function openInbox(test) {
  const inbox = new Inbox();
  await inbox.open();
  test.after(() => inbox.close());
  return inbox;
}

export class Inbox {
  /** What was delivered, each once, by its key: `{ key, to, from, subject, html, text, headers }`. */
  mails = [];
  /** The keys of all requests, in the order in which they came. */
  tries = [];
  /**
   * How a request is answered, by what comes in: `take`, `refuse` (422), `fail` (500), `deny` (401);
   * `cut` takes the mail and breaks off without a word; `hang` takes it and never says so; `ignore`
   * neither takes it nor answers.
   */
  answer = () => "take";

  #server = createServer((request, response) => this.#take(request, response));

  async open() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Variables of a Worker that sends by it, and takes sign-ups. */
  get vars() {
    return {
      ...keeping,
      MAIL_API_URL: `http://127.0.0.1:${this.#server.address().port}/emails`,
      MAIL_API_KEY: KEY,
      MAIL_FROM: "alerts@backroom.example",
      PUBLIC_URL: ORIGIN,
      MAIL_EVENTS_SECRET: "a mailer's secret",
    };
  }

  /** Those that were delivered to this address. */
  to(address) {
    return this.mails.filter((mail) => mail.to === address);
  }

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { from, to, ...mail } = JSON.parse(Buffer.concat(chunks));
    assert.equal(request.headers.authorization, `Bearer ${KEY}`);
    assert.equal(to.length, 1);
    const key = request.headers["idempotency-key"];
    this.tries.push(key);
    const how = this.answer({ key, to: to[0], ...mail });
    if (["take", "cut", "hang"].includes(how) && !this.mails.some((known) => known.key === key)) {
      this.mails.push({ key, from, to: to[0], ...mail });
    }
    const say = (status, body) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    // What it says has the address in it, as providers' messages do.
    const message = `It cannot be sent to ${to[0]}.`;
    if (how === "take") say(200, { id: key });
    if (how === "refuse") say(422, { name: "validation_error", message });
    if (how === "fail") say(500, { name: "internal_server_error", message });
    if (how === "deny") say(401, { name: "invalid_api_key", message });
    if (how === "cut") response.destroy();
  }
}

/** The path of the link in a mail that leads to this page, and the token in it. */
export function linkIn(mail, page) {
  const found = new RegExp(`${ORIGIN}(/v1/${page}\\?token=([a-z0-9_-]+))`).exec(mail.text);
  assert.ok(found, `no link to ${page} in ${mail.text}`);
  return { path: found[1], token: found[2] };
}
