import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 25;

/**
 * What `attempt` gives once it no longer throws: for what happens by itself after a while. After
 * `within` milliseconds it fails as the last attempt did.
 */
export async function eventually(attempt, { within = 20_000 } = {}) {
  const last = performance.now() + within;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > last) throw error;
    }
    await pause(EVERY_MS);
  }
}
