// A storage that fails: `index.js` is the Worker that has to live with it. While holds or commands
// are under way, one statement in so many throws, in turn before it was run and after: as it would
// on a disk that is full, or when the answer of a statement that was carried out is lost.

import * as worker from "./index.js";

const EVERY = 37;

let writing = 0;
let statements = 0;
let failing = false;

/** Makes the storage's own method fail; it is the same for every object. */
const spoil = (storage) => {
  if (failing) return;
  failing = true;
  const sql = Object.getPrototypeOf(storage.sql);
  const { exec } = sql;
  sql.exec = function (...given) {
    if (writing > 0) statements += 1;
    if (writing === 0 || statements % EVERY !== 0) return exec.apply(this, given);
    const after = (statements / EVERY) % 2 === 0;
    // To its end: what is left half run would be in the way of the transaction that it undoes.
    if (after) exec.apply(this, given).toArray();
    throw new Error(`a fault, ${after ? "after" : "before"} the statement was run`);
  };
};

export class Shop extends worker.Shop {
  constructor(ctx, env) {
    spoil(ctx.storage);
    super(ctx, env);
  }

  async fetch(request) {
    const writes = request.method === "POST" && /^\/v1\/(holds|commands)/.test(new URL(request.url).pathname);
    writing += writes;
    try {
      return await super.fetch(request);
    } finally {
      writing -= writes;
    }
  }
}

export const Room = worker.Room;
export const Outreach = worker.Outreach;
export const Limiter = worker.Limiter;

export default worker.default;
