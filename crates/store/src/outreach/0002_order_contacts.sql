-- Where to write to about an order. The only place with addresses, as in `sign_ups`.
CREATE TABLE order_contacts (
    order_id TEXT PRIMARY KEY,
    key INTEGER NOT NULL, -- under which version of the secret `hash` and `address` were made
    hash BLOB NOT NULL, -- of the address, keyed: how it is found
    address BLOB NOT NULL, -- encrypted
    lang TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL -- then the row goes
) WITHOUT ROWID;
CREATE INDEX order_contacts_expiring ON order_contacts (expires_at);
CREATE INDEX order_contacts_hash ON order_contacts (hash);
