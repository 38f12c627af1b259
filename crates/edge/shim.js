// The Worker's entry. wasm-bindgen's glue answers a trap (a panic) by itself: the next call into
// the module starts a fresh instance of it. What is left to do here is to make the Durable
// Objects again, for those of the old instance are gone with its memory; their state is on disk.

import * as wasm from "./index.js";

// A Rust stack is deep.
Error.stackTraceLimit = 100;

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

    #current() {
      // This call is one into the module: if a reset is due, it happens here and changes the id.
      const { instanceId } = wasm.__worker_init_state();
      if (this.#instance !== instanceId) {
        this.#inside = new Inside(this.#ctx, this.#env);
        this.#instance = instanceId;
      }
      return this.#inside;
    }

    fetch(request) {
      return this.#current().fetch(request);
    }

    alarm() {
      return this.#current().alarm();
    }

    webSocketMessage(socket, message) {
      return this.#current().webSocketMessage(socket, message);
    }

    webSocketClose(socket, code, reason, wasClean) {
      return this.#current().webSocketClose(socket, code, reason, wasClean);
    }

    webSocketError(socket, error) {
      return this.#current().webSocketError(socket, error);
    }
  };

export const Shop = durable(wasm.Shop);
export const Room = durable(wasm.Room);

export default { fetch: wasm.fetch };
