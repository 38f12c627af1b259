// A queue, as far as Backroom uses one: what is sent is handed on a moment later, at most ten
// messages at a time and as many times at once as it takes. It has them in memory: what it has at a
// kill is lost, and the Worker has to live with that.

/** As `wrangler.toml` has it. */
const BATCH = 10;

const waiting = [];

async function handOn(env) {
  const messages = waiting.splice(0, BATCH);
  if (messages.length > 0) await env.CONSUMER.queue("backroom-mail", messages);
}

export default {
  async fetch(request, env, context) {
    const body = await request.text();
    waiting.push({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body });
    const full = waiting.length >= BATCH;
    context.waitUntil(scheduler.wait(full ? 0 : Number(env.QUEUE_WAIT_MS)).then(() => handOn(env)));
    return Response.json({ metadata: { metrics: { backlogCount: waiting.length, backlogBytes: 0, oldestMessageTimestamp: 0 } } });
  },
};
