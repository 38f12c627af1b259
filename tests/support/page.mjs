// What an awake page does with its socket, without the page.

import { once } from "node:events";

/** Opens the socket of a page of this shop; it closes when the test ends. */
export async function openPage(t, backroom, shop) {
  const address = `${backroom.url.replace(/^http/, "ws")}/v1/live?shop=${shop.id}`;
  const socket = new WebSocket(address);
  const page = new Page(socket);
  t.after(() => socket.close());
  const { promise: refused, reject } = Promise.withResolvers();
  socket.addEventListener("error", () => reject(new Error(`${address} did not open`)));
  await Promise.race([once(socket, "open"), refused]);
  return page;
}

class Page {
  #socket;
  #waiting = [];
  #pongs = [];

  constructor(socket) {
    this.#socket = socket;
    /** What came in and was not read by `next`: the items of each message. */
    this.unread = [];
    /** The close event, when there is one. */
    this.closed = once(socket, "close").then(([event]) => event);
    socket.addEventListener("message", ({ data }) => this.#take(data));
  }

  #take(data) {
    if (data === "pong") return this.#pongs.shift()(data);
    const { type, items } = JSON.parse(data);
    if (type !== "snapshots") throw new Error(`a page understands no ${type}`);
    const waiting = this.#waiting.shift();
    if (waiting) waiting(items);
    else this.unread.push(items);
  }

  /** Sends a text or bytes. */
  send(data) {
    this.#socket.send(data);
  }

  /** Says which version of each SKU the page shows. */
  watch(versions) {
    const skus = Object.entries(versions).map(([sku, version]) => ({ sku, version }));
    this.send(JSON.stringify({ type: "watch", skus }));
  }

  /** The items of the next message. */
  next() {
    if (this.unread.length > 0) return Promise.resolve(this.unread.shift());
    const { promise, resolve } = Promise.withResolvers();
    this.#waiting.push(resolve);
    return Promise.race([promise, this.closed.then(fail)]);
  }

  /** Sends `ping`; the answer. */
  ping() {
    const { promise, resolve } = Promise.withResolvers();
    this.#pongs.push(resolve);
    this.send("ping");
    return promise;
  }

  /** Watches these SKUs and waits until the Room knows: it answers with what is newer than 0. */
  async watching(...skus) {
    this.watch(Object.fromEntries(skus.map((sku) => [sku, 0])));
    return this.next();
  }
}

function fail({ code, reason }) {
  throw new Error(`the socket closed with ${code} ${reason}`);
}
