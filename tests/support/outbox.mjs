// What an Outreach object has still to send, as it lies on the disk.

import { change, databases, rows } from "./database.mjs";

/** The messages that a shop has still to send. */
export function outbox(backroom, shop) {
  const all = databases(backroom, "Outreach").flatMap((file) => rows(file, "SELECT * FROM messages"));
  return all.filter(({ id }) => id.startsWith(`${shop.id}.`));
}

/** As it is a minute later, and everything has died in between: what waits for more to say is due. */
export async function aMinuteLater(backroom, shop) {
  await backroom.kill9();
  for (const file of databases(backroom, "Outreach")) change(file, "UPDATE messages SET due = 1");
  await backroom.restart();
  // Whatever comes next wakes the object.
  await shop.api("/v1/messages?state=dead");
}
