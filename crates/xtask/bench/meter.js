// Counts what a Durable Object is billed for: `index.js` is the Worker that is metered, and stays
// as it is. GET /meter tells the counts since the last time, and begins anew.

import * as worker from "./index.js";

let cursors = [];
const none = () => ({
  alarms_set: 0,
  alarms_run: 0,
  kv_writes: 0,
  kv_reads: 0,
  object_requests: 0,
  queue_messages: 0,
  queue_batches: 0,
});
let counted = none();
let watching = false;

/** Makes the platform's own methods count; they are the same for every object. */
const watch = (storage, { SNAPSHOTS: kv, MAIL: queue }) => {
  if (watching) return;
  watching = true;
  const sql = Object.getPrototypeOf(storage.sql);
  const { exec } = sql;
  sql.exec = function (...given) {
    const cursor = exec.apply(this, given);
    cursors.push(cursor);
    return cursor;
  };
  const own = Object.getPrototypeOf(storage);
  const { setAlarm } = own;
  own.setAlarm = function (...given) {
    counted.alarms_set += 1;
    return setAlarm.apply(this, given);
  };
  const snapshots = Object.getPrototypeOf(kv);
  const { put } = snapshots;
  snapshots.put = function (...given) {
    counted.kv_writes += 1;
    return put.apply(this, given);
  };
  const { getWithMetadata } = snapshots;
  snapshots.getWithMetadata = function (keys, ...given) {
    counted.kv_reads += Array.isArray(keys) ? keys.length : 1;
    return getWithMetadata.call(this, keys, ...given);
  };
  if (!queue) return;
  const queues = Object.getPrototypeOf(queue);
  const { send } = queues;
  queues.send = function (...given) {
    counted.queue_messages += 1;
    return send.apply(this, given);
  };
};

const metered = (Inside) =>
  class extends Inside {
    constructor(ctx, env) {
      watch(ctx.storage, env);
      super(ctx, env);
    }

    fetch(...given) {
      counted.object_requests += 1;
      return super.fetch(...given);
    }

    alarm(...given) {
      counted.alarms_run += 1;
      return super.alarm(...given);
    }
  };

const sum = (name) => cursors.reduce((sum, cursor) => sum + cursor[name], 0);

export const Shop = metered(worker.Shop);
// The rival has neither.
export const Room = worker.Room ?? class {};
export const Outreach = worker.Outreach ? metered(worker.Outreach) : class {};
export const Limiter = worker.Limiter ? metered(worker.Limiter) : class {};

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/meter") return worker.default.fetch(request, env, context);
    const counts = { rows_written: sum("rowsWritten"), rows_read: sum("rowsRead"), ...counted };
    cursors = [];
    counted = none();
    return Response.json(counts);
  },

  queue(...given) {
    counted.queue_batches += 1;
    return worker.default.queue(...given);
  },
};
