// What runs beside a Backroom in `cargo dev`, for tests: the inbox that one can look into and the demo
// shop's checkout, and addresses that are known before what is at them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL("../../crates/xtask/", import.meta.url));

/** Starts one of its programs (`inbox`, `checkout`), until after the test; gives its address. */
export async function beside(test, name, env = {}) {
  const node = spawn(process.execPath, [`${HERE}${name}/${name}.mjs`], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  test.after(() => node.kill());
  const [url] = await once(createInterface({ input: node.stdout }), "line");
  return url;
}

/** An address that others can be told of before there is anything at it. */
export class Front {
  /** Where requests go. */
  to;
  /** What becomes of a page on its way back, and headers that it gets. */
  change = (html) => html;
  headers = {};
  #server = createServer((request, response) => this.#answer(request, response));

  /** Opens one, and closes it after the test. */
  static async open(test) {
    const front = new Front();
    front.#server.listen(0, "127.0.0.1");
    await once(front.#server, "listening");
    front.url = `http://127.0.0.1:${front.#server.address().port}`;
    test.after(() => {
      front.#server.closeAllConnections();
      front.#server.close();
    });
    return front;
  }

  async #answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url } = request;
    const { "accept-encoding": _, connection, host, ...headers } = request.headers;
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    const answer = await fetch(this.to + url, { method, headers, body, redirect: "manual" });
    const isPage = answer.headers.get("content-type")?.startsWith("text/html");
    const bytes = Buffer.from(await answer.arrayBuffer());
    const sent = Object.fromEntries(answer.headers);
    delete sent["content-encoding"];
    delete sent["transfer-encoding"];
    if (isPage) {
      const html = Buffer.from(this.change(bytes.toString()));
      response.writeHead(answer.status, { ...sent, ...this.headers, "content-length": html.length });
      response.end(html);
    } else {
      response.writeHead(answer.status, { ...sent, "content-length": bytes.length });
      response.end(bytes);
    }
  }
}
