// The built Worker on a KV that does as it is told: the entry of the Worker where a test starts it
// with `{ faults: true }`. What is told holds for everything in this isolate, which in workerd is
// the Worker and all its objects; a restarted one does what KV does.
//
// `POST /v1/faults` takes any of
//   writes: "work" | "refuse" | "hang"  what hangs goes on when that ends: a write lands late
//   reads:  "work" | "refuse" | "hang"
//   shops:  "work" | "hang"  whether the shops' objects take what comes to them
//   limiters: "work" | "refuse" | "hang"  the same of those that limit mails
//   freeze: [key, …]  readers get the value that is there now, 120 s old, until `freeze: []`
// and answers { writes, reads, puts: [{ key, at }, …] }, the writes tried since the last call.

import worker, * as built from "./build/worker/index.js";

const OLD_MS = 120_000;

const kv = { writes: "work", reads: "work", shops: "work", limiters: "work", frozen: new Map(), puts: [] };

/** How often what hangs looks whether it may go on. */
const LOOK_MS = 20;

async function behave(what) {
  if (kv[what] === "refuse") throw new Error("503 Service Unavailable");
  // A timer of its own: no request may settle a promise of another's.
  while (kv[what] === "hang") await new Promise((looked) => setTimeout(looked, LOOK_MS));
}

class FaultyKv {
  #real;

  constructor(real) {
    this.#real = real;
  }

  async put(key, ...rest) {
    kv.puts.push({ key, at: Date.now() });
    await behave("writes");
    return this.#real.put(key, ...rest);
  }

  async getWithMetadata(keys, options) {
    await behave("reads");
    const found = await this.#real.getWithMetadata(keys, options);
    if (!Array.isArray(keys)) return kv.frozen.get(keys) ?? found;
    return new Map(keys.map((key) => [key, kv.frozen.get(key) ?? found.get(key)]));
  }
}

async function told(change, real) {
  const { freeze, ...how } = change;
  Object.assign(kv, how);
  if (freeze) {
    kv.frozen.clear();
    for (const key of freeze) {
      const { value, metadata } = await real.getWithMetadata(key, "text");
      kv.frozen.set(key, { value, metadata: { ...metadata, at: Date.now() - OLD_MS } });
    }
  }
  const { writes, reads, puts } = kv;
  kv.puts = [];
  return Response.json({ writes, reads, puts });
}

const faulty = (env) => ({ ...env, SNAPSHOTS: new FaultyKv(env.SNAPSHOTS) });

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === "/v1/faults") {
      return told(await request.json(), env.SNAPSHOTS);
    }
    return worker.fetch(request, faulty(env), context);
  },
  queue: worker.queue,
};

export class Shop extends built.Shop {
  constructor(state, env) {
    super(state, faulty(env));
  }

  async fetch(request) {
    await behave("shops");
    return super.fetch(request);
  }
}

export const { Outreach } = built;

export class Limiter extends built.Limiter {
  async fetch(request) {
    await behave("limiters");
    return super.fetch(request);
  }
}

export class Room extends built.Room {
  constructor(state, env) {
    super(state, faulty(env));
  }
}
