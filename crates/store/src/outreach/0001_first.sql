-- Who asked to be told about a SKU: one row for each address and SKU. The only place with
-- addresses, and here they are encrypted: see crates/edge/src/contact.rs.
CREATE TABLE sign_ups (
    id INTEGER PRIMARY KEY, -- whoever came first has the lowest
    hash BLOB NOT NULL, -- of the address, keyed: how it is found
    sku TEXT NOT NULL,
    key INTEGER NOT NULL, -- under which version of the secret `hash` and `address` were made
    address BLOB NOT NULL, -- encrypted
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    lang TEXT NOT NULL,
    consent_text INTEGER NOT NULL, -- the version of the words that were agreed to, in `lang`
    consented_at INTEGER NOT NULL,
    marketing INTEGER NOT NULL CHECK (marketing IN (0, 1)),
    made_at INTEGER NOT NULL, -- the first time, however often it came since
    state TEXT NOT NULL, -- `unconfirmed`
    expires_at INTEGER NOT NULL, -- then the row goes
    UNIQUE (hash, sku)
);
CREATE INDEX sign_ups_expiring ON sign_ups (expires_at);

-- How many sign-ups were taken lately from each network, by a keyed hash of it, and in all: that is
-- the row of the empty one. They count whether or not they were new, so that nobody can tell.
CREATE TABLE takings (
    network BLOB PRIMARY KEY,
    since INTEGER NOT NULL,
    taken INTEGER NOT NULL CHECK (taken > 0)
) WITHOUT ROWID;
CREATE INDEX takings_since ON takings (since);
