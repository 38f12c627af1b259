// A shop's past days as commands.

import assert from "node:assert/strict";

/** Most lines of one command. */
const MOST_LINES = 100;

/** The lines of a file of `invoice,sku,quantity,unit_price`, none of which needs quotes. */
export function tradingDay(file) {
  const [header, ...rows] = file.trimEnd().split("\n");
  assert.equal(header, "invoice,sku,quantity,unit_price");
  return rows.map((row) => {
    const [invoice, sku, quantity] = row.split(",");
    return { invoice, sku, quantity: Number(quantity) };
  });
}

/**
 * Sends the lines in their order: an invoice's positive ones as `type`, its negative ones as
 * `returned`, at most a hundred a command, each with an id that is the same another time. Gives the
 * number of commands. With `again` each must be answered as a repetition.
 */
export async function replay(shop, lines, type, { again = false } = {}) {
  let sent = 0;
  for (const { id, kind, part } of commands(lines, type)) {
    const answer = await shop.command(kind, part, { id });
    assert.equal(answer.status, 200, `${id}: ${answer.text}`);
    assert.equal(answer.header("idempotent-replayed"), again ? "true" : null, id);
    sent += 1;
  }
  return sent;
}

function* commands(lines, type) {
  for (let at = 0; at < lines.length; ) {
    const { invoice, quantity } = lines[at];
    const isSale = quantity > 0;
    const first = at;
    const part = [];
    while (
      at < lines.length &&
      lines[at].invoice === invoice &&
      lines[at].quantity > 0 === isSale &&
      part.length < MOST_LINES
    ) {
      part.push({ sku: lines[at].sku, quantity: Math.abs(lines[at].quantity) });
      at += 1;
    }
    yield { id: `${invoice}/${first}`, kind: isSale ? type : "returned", part };
  }
}
