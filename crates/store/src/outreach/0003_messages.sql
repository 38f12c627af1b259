-- A sign-up's opaque name, which stands in its links and leaves this database: random, for its `id`
-- may be another's later. Null in rows of before, to which nothing was sent.
ALTER TABLE sign_ups ADD COLUMN subscriber TEXT;
-- When its address was last asked whether it is theirs.
ALTER TABLE sign_ups ADD COLUMN asked_at INTEGER;
-- Null as long as `state` is `unconfirmed`; then that is `confirmed`.
ALTER TABLE sign_ups ADD COLUMN confirmed_at INTEGER;
CREATE UNIQUE INDEX sign_ups_subscriber ON sign_ups (subscriber);

-- What is to be sent: a row goes when the provider has taken the message, and never before.
CREATE TABLE messages (
    id TEXT PRIMARY KEY, -- random, and the provider's idempotency key
    kind TEXT NOT NULL, -- what it says: `confirm`, `claim` or `back`
    subscriber TEXT, -- whose sign-up it is about, and with which it goes
    key INTEGER NOT NULL, -- as in `sign_ups`, as are the next two
    hash BLOB NOT NULL,
    address BLOB NOT NULL,
    lang TEXT NOT NULL,
    payload TEXT NOT NULL, -- JSON, by `kind`
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, -- then nobody wants it any more
    state TEXT NOT NULL, -- `waiting`, `handed` to the queue, `leased` to who sends it, `dead`
    due INTEGER NOT NULL, -- when the alarm looks at it again: a dead one goes then
    attempts INTEGER NOT NULL, -- leases so far
    error TEXT -- why the last of them failed, by name
) WITHOUT ROWID;
CREATE INDEX messages_due ON messages (due);
CREATE INDEX messages_of ON messages (subscriber);

-- Whom nothing is sent to.
CREATE TABLE suppressed (
    hash BLOB PRIMARY KEY,
    reason TEXT NOT NULL, -- `bounced` or `complained`
    at INTEGER NOT NULL
) WITHOUT ROWID;

-- What was agreed to and confirmed: it stays when the sign-up has gone, without the address.
CREATE TABLE proofs (
    subscriber TEXT PRIMARY KEY,
    key INTEGER NOT NULL,
    hash BLOB NOT NULL,
    sku TEXT NOT NULL,
    lang TEXT NOT NULL,
    consent_text INTEGER NOT NULL,
    consented_at INTEGER NOT NULL,
    marketing INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,
    ended_at INTEGER, -- by the shopper
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX proofs_expiring ON proofs (expires_at);
