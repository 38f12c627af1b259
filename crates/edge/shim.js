// The Worker's entry. wasm-bindgen's glue answers a trap (a panic) by itself: the next call into
// the module starts a fresh instance of it. What is left to do here is to make the Durable
// Objects again, for those of the old instance are gone with its memory; their state is on disk.

import * as wasm from "./index.js";

// A Rust stack is deep.
Error.stackTraceLimit = 100;

/** What rejects each call into a Durable Object that is under way. */
const underWay = new Set();

// Nothing that the old instance awaited will ever go on, and an object's caller would wait for
// ever: it gets the error instead.
addEventListener("error", ({ error }) => {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  for (const reject of underWay) reject(error);
  underWay.clear();
});

/** A Durable Object whose inside is a class that Rust exports. */
const durable = (Inside) =>
  class {
    #ctx;
    #env;
    #inside;
    #instance;

    constructor(ctx, env) {
      this.#ctx = ctx;
      this.#env = env;
      this.#current();
    }

    fetch(request) {
      return this.#call("fetch", request);
    }

    alarm() {
      return this.#call("alarm");
    }

    webSocketMessage(socket, message) {
      return this.#call("webSocketMessage", socket, message);
    }

    webSocketClose(socket, code, reason, wasClean) {
      return this.#call("webSocketClose", socket, code, reason, wasClean);
    }

    webSocketError(socket, error) {
      return this.#call("webSocketError", socket, error);
    }

    async #call(method, ...given) {
      const { promise, resolve, reject } = Promise.withResolvers();
      underWay.add(reject);
      try {
        this.#current()[method](...given).then(resolve, reject);
        return await promise;
      } finally {
        underWay.delete(reject);
      }
    }

    #current() {
      // This call is one into the module: if a reset is due, it happens here and changes the id.
      const { instanceId } = wasm.__worker_init_state();
      if (this.#instance !== instanceId) {
        this.#inside = new Inside(this.#ctx, this.#env);
        this.#instance = instanceId;
      }
      return this.#inside;
    }
  };

export const Shop = durable(wasm.Shop);
export const Room = durable(wasm.Room);
export const Outreach = durable(wasm.Outreach);
export const Limiter = durable(wasm.Limiter);

export default { fetch: wasm.fetch, queue: wasm.queue };
