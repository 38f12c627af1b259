// An object as it is at Cloudflare: elsewhere, and good for a few hundred writes a second. Here
// Worker and object share one thread, so that most of those too many wait in their sockets, where
// nobody knows of them; there the Worker takes them all in and waits for the object.
// `index.js` is the Worker that has to live with it.

import * as worker from "./index.js";

/** How long the object takes for each write, besides its own work. */
const MS = 2;

export class Shop extends worker.Shop {
  #last = Promise.resolve();

  async fetch(request) {
    if (request.method !== "POST") return super.fetch(request);
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers();
    this.#last = promise;
    await before;
    try {
      await scheduler.wait(MS);
      return await super.fetch(request);
    } finally {
      resolve();
    }
  }
}

export const Room = worker.Room;
export const Outreach = worker.Outreach;
export const Limiter = worker.Limiter;

export default worker.default;
