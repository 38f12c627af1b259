// What an Outreach object has still to send, as it lies on the disk.

import { change, databases, rows } from "./database.mjs";

/** The messages that a shop has still to send. */
export function outbox(backroom, shop) {
  const all = databases(backroom, "Outreach").flatMap((file) => rows(file, "SELECT * FROM messages"));
  return all.filter(({ id }) => id.startsWith(`${shop.id}.`));
}

/**
 * As it is so much later, and everything has died in between: what was permitted is as much older,
 * and what waits is due.
 */
export async function later(backroom, ms, shops) {
  // Nobody is told what readers cannot see.
  await Promise.all(shops.map((shop) => shop.published()));
  await backroom.kill9();
  for (const file of databases(backroom, "Limiter")) change(file, `UPDATE permits SET at = at - ${ms}`);
  for (const file of databases(backroom, "Outreach")) change(file, "UPDATE messages SET due = 1");
  await backroom.restart();
  await wake(shops);
}

/** The same a minute later: what waits for more to say is due. */
export const aMinuteLater = (backroom, shop) => later(backroom, 60_000, [shop]);

/** Wakes the shops' objects, as whatever comes next would. */
export const wake = (shops) => Promise.all(shops.map((shop) => shop.api("/v1/messages?state=dead")));
