// An origin that stands before Backroom, for pages to load it from: it passes on what it is asked,
// unless a test has told it to answer otherwise.

import { createServer } from "node:http";
import { connect } from "node:net";
import { after } from "node:test";

export class StandIn {
  #sockets = new Set();
  #server = createServer((request, response) => this.#answer(request, response));

  /**
   * `target` is where it passes things on to; null when nobody is there. `instead` is what a test
   * tells it: paths that match `pattern` are answered by `answer(request, response)`.
   */
  static async open(target) {
    const standIn = new StandIn();
    standIn.target = target;
    standIn.instead = null;
    standIn.#server.on("upgrade", (request, socket) => standIn.#upgrade(request, socket));
    await new Promise((listening) => standIn.#server.listen(0, "127.0.0.1", listening));
    standIn.url = `http://127.0.0.1:${standIn.#server.address().port}`;
    after(() => standIn.close());
    return standIn;
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #answer(request, response) {
    if (this.instead?.pattern.test(request.url)) return this.instead.answer(request, response);
    if (!this.target) return request.socket.destroy();
    const answer = await fetch(this.target + request.url);
    const body = Buffer.from(await answer.arrayBuffer());
    const headers = Object.fromEntries(answer.headers);
    // `fetch` has unpacked the body and knows its length no more.
    for (const name of ["content-encoding", "content-length", "transfer-encoding"]) {
      delete headers[name];
    }
    response.writeHead(answer.status, headers);
    response.end(body);
  }

  /** A WebSocket: the bytes of both sides, as they come. */
  #upgrade(request, socket) {
    if (!this.target) return socket.destroy();
    const { hostname, port } = new URL(this.target);
    const upstream = connect(port, hostname);
    const lines = request.rawHeaders.map((text, at) => text + (at % 2 ? "\r\n" : ": ")).join("");
    upstream.write(`GET ${request.url} HTTP/1.1\r\n${lines}\r\n`);
    upstream.pipe(socket).pipe(upstream);
    for (const end of [socket, upstream]) {
      this.#sockets.add(end);
      end.on("error", () => end.destroy());
      end.on("close", () => (end === socket ? upstream : socket).destroy());
    }
  }
}
