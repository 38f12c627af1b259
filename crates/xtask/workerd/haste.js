// A clock that goes `HASTE` times as fast, and goes on doing so over restarts, for a Worker whose
// waits are minutes: `index.js` is the Worker that lives by it. Its alarms come sooner by as much,
// and its timeouts, but for this machine's sake.

import { env } from "cloudflare:workers";
import * as worker from "./index.js";

const HASTE = Number(env.HASTE);
/** When both clocks showed the same. */
const FROM = Number(env.HASTE_FROM);

/** What is waited for takes this machine as long as ever: no timeout becomes shorter than this. */
const PATIENCE_MS = 500;

const Clock = Date;
const fast = () => FROM + (Clock.now() - FROM) * HASTE;

globalThis.Date = class extends Clock {
  constructor(...given) {
    super(...(given.length > 0 ? given : [fast()]));
  }

  static now() {
    return fast();
  }
};

const { setTimeout } = globalThis;
globalThis.setTimeout = (then, ms, ...given) =>
  setTimeout(then, Math.max(ms / HASTE, Math.min(ms, PATIENCE_MS)), ...given);

let hastened = false;

/** The storage's own method is the same for every object. */
const hasten = (storage) => {
  if (hastened) return;
  hastened = true;
  const own = Object.getPrototypeOf(storage);
  const { setAlarm } = own;
  own.setAlarm = function (at) {
    return setAlarm.call(this, Math.ceil(FROM + (at - FROM) / HASTE));
  };
};

const hasty = (Inside) =>
  class extends Inside {
    constructor(context, env) {
      hasten(context.storage);
      super(context, env);
    }
  };

export const Shop = hasty(worker.Shop);
export const Room = hasty(worker.Room);
export const Outreach = hasty(worker.Outreach);
export const Limiter = hasty(worker.Limiter);

export default worker.default;
