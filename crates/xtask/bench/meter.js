// Counts what a Durable Object is billed for: `index.js` is the Worker that is metered, and stays
// as it is. GET /meter tells the counts since the last time, and begins anew.

import * as worker from "./index.js";

let cursors = [];
let counted = { alarms_set: 0, alarms_run: 0, kv_writes: 0 };
let watching = false;

/** Makes the platform's own methods count; they are the same for every object. */
const watch = (storage, kv) => {
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
};

const metered = (Inside) =>
  class extends Inside {
    constructor(ctx, env) {
      watch(ctx.storage, env.SNAPSHOTS);
      super(ctx, env);
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
export const Outreach = worker.Outreach ?? class {};
export const Limiter = worker.Limiter ?? class {};

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/meter") return worker.default.fetch(request, env, context);
    const counts = { rows_written: sum("rowsWritten"), rows_read: sum("rowsRead"), ...counted };
    cursors = [];
    counted = { alarms_set: 0, alarms_run: 0, kv_writes: 0 };
    return Response.json(counts);
  },
};
