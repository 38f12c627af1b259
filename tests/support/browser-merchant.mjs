// A merchant's site: the pages of `tests/pages`, on an origin of its own.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const PAGES = fileURLToPath(new URL("../pages/", import.meta.url));

export class Merchant {
  #pages = new Map();
  #late = [];
  #server = createServer((request, response) => this.#answer(request, response));

  static async open() {
    const merchant = new Merchant();
    await new Promise((listening) => merchant.#server.listen(0, "127.0.0.1", listening));
    merchant.url = `http://127.0.0.1:${merchant.#server.address().port}`;
    return merchant;
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /**
   * Puts a page on the site and gives its address. `values` take the place of `{{name}}`;
   * `headers` are sent with it.
   */
  page(file, values, headers = {}) {
    const html = readFileSync(PAGES + file, "utf8").replace(/\{\{(\w+)\}\}/g, (_, name) => {
      if (!(name in values)) throw new Error(`${file} wants a value for ${name}`);
      return values[name];
    });
    const path = `/${this.#pages.size}/${file}`;
    this.#pages.set(path, { html, headers });
    return this.url + path;
  }

  #answer(request, response) {
    const page = this.#pages.get(request.url);
    if (page) {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...page.headers });
      response.end(page.html);
    } else if (request.url === "/theme.css") {
      response.writeHead(200, { "content-type": "text/css" });
      response.end(readFileSync(`${PAGES}theme.css`));
    } else if (request.url === "/late.js") {
      // A script that a page waits for, and that does not come until the page asks for `/release`.
      this.#late.push(response);
    } else if (request.url === "/release") {
      for (const late of this.#late.splice(0)) late.writeHead(204).end();
      response.writeHead(204).end();
    } else {
      // The browser asks for an icon by itself.
      response.writeHead(204);
      response.end();
    }
  }
}
