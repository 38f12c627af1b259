// What a page of a shop's may do by itself: hold units with a browser's token.

import assert from "node:assert/strict";

/** Variables of a Worker that gives out tokens, and is told a client's address by the test. */
export const trusting = { SIGNING_SECRET: "signed by a test", CLIENT_ADDRESS_HEADER: "x-client" };

export class Page {
  #backroom;
  #headers;

  constructor(backroom, headers, { token, prefix }) {
    this.#backroom = backroom;
    this.#headers = headers;
    this.token = token;
    this.prefix = prefix;
  }

  /** A page of this shop's that was given a token at this address. */
  static async of(backroom, shop, { origin, address }) {
    const headers = { origin, "x-client": address };
    const path = `/v1/browser-token?shop=${shop.id}`;
    const answer = await backroom.ask(path, { method: "POST", headers });
    assert.equal(answer.status, 200, answer.text);
    const lasts = Date.parse(answer.json.expires_at) - Date.now();
    assert.ok(lasts > 590_000 && lasts <= 600_000, `it lasts ${lasts} ms`);
    return new Page(backroom, headers, answer.json);
  }

  /** A request with the token; see `ask`. */
  api(path, { headers, ...request } = {}) {
    const all = { ...this.#headers, ...headers };
    return this.#backroom.ask(path, { key: this.token, headers: all, ...request });
  }

  /** Holds units by SKU, under an id that ends in this name. */
  hold(goods, name) {
    const lines = Object.entries(goods).map(([sku, quantity]) => ({ sku, quantity }));
    return this.api("/v1/holds", { body: { id: this.prefix + name, lines } });
  }

  read(name) {
    return this.api(`/v1/holds/${encodeURIComponent(this.prefix + name)}`);
  }

  release(name) {
    const body = { id: "left" };
    return this.api(`/v1/holds/${encodeURIComponent(this.prefix + name)}/release`, { body });
  }
}
