-- An Outreach object of schema version 4, made by the build that had it. Nobody edits this file.
BEGIN TRANSACTION;
CREATE TABLE _migrations (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
INSERT INTO "_migrations" VALUES(1,'0001_first',1795253400000);
INSERT INTO "_migrations" VALUES(2,'0002_order_contacts',1795253400000);
INSERT INTO "_migrations" VALUES(3,'0003_messages',1795253400000);
INSERT INTO "_migrations" VALUES(4,'0004_places',1795253400000);
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
INSERT INTO "messages" VALUES('ask jane of a','confirm','jane of a',2,X'6A616E65',X'7365616C6564','en','{}',1795253400000,1795253409000,'waiting',1795253400000,0,NULL);
INSERT INTO "messages" VALUES('jars.c','back','jane of c',2,X'6A616E65',X'7365616C6564','en','{"place":"jane of c","sku":"c","units":1,"kept":null}',1795253400007,1795253409000,'waiting',1795253400007,0,NULL);
CREATE TABLE order_contacts (
    order_id TEXT PRIMARY KEY,
    key INTEGER NOT NULL, -- under which version of the secret `hash` and `address` were made
    hash BLOB NOT NULL, -- of the address, keyed: how it is found
    address BLOB NOT NULL, -- encrypted
    lang TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL -- then the row goes
) WITHOUT ROWID;
INSERT INTO "order_contacts" VALUES('order 1',2,X'6A616E65',X'7365616C6564','de',1795253400000,1795253400100);
CREATE TABLE places (
    subscriber TEXT PRIMARY KEY, -- the place's id there
    shop TEXT NOT NULL, -- whose object that is
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    state TEXT NOT NULL, -- `joining`, `joined`, `told`, `leaving`, `waited_out`
    expires_at INTEGER -- of one that was told: then the row goes
) WITHOUT ROWID;
INSERT INTO "places" VALUES('jane of b','jars','b',1,'joined',NULL);
INSERT INTO "places" VALUES('jane of c','jars','c',1,'told',1795253409000);
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
INSERT INTO "proofs" VALUES('jane of b',2,X'6A616E65','b','en',1,1795253400000,0,1795253400005,NULL,1795253520005);
INSERT INTO "proofs" VALUES('jane of c',2,X'6A616E65','c','en',1,1795253400000,0,1795253400005,NULL,1795253520005);
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
    expires_at INTEGER NOT NULL, subscriber TEXT, asked_at INTEGER, confirmed_at INTEGER, -- then the row goes
    UNIQUE (hash, sku)
);
INSERT INTO "sign_ups" VALUES(1,X'6A616E65','a',2,X'7365616C6564',1,'en',1,1795253400000,0,1795253400000,'unconfirmed',1795253409000,'jane of a',1795253400000,NULL);
INSERT INTO "sign_ups" VALUES(2,X'6A616E65','b',2,X'7365616C6564',1,'en',1,1795253400000,0,1795253400000,'confirmed',1795253450005,'jane of b',1795253400000,1795253400005);
CREATE TABLE suppressed (
    hash BLOB PRIMARY KEY,
    reason TEXT NOT NULL, -- `bounced` or `complained`
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE takings (
    network BLOB PRIMARY KEY,
    since INTEGER NOT NULL,
    taken INTEGER NOT NULL CHECK (taken > 0)
) WITHOUT ROWID;
INSERT INTO "takings" VALUES(X'',1795253400000,3);
INSERT INTO "takings" VALUES(X'61776179',1795253400000,1);
INSERT INTO "takings" VALUES(X'686F6D65',1795253400000,2);
CREATE INDEX sign_ups_expiring ON sign_ups (expires_at);
CREATE INDEX takings_since ON takings (since);
CREATE INDEX order_contacts_expiring ON order_contacts (expires_at);
CREATE INDEX order_contacts_hash ON order_contacts (hash);
CREATE UNIQUE INDEX sign_ups_subscriber ON sign_ups (subscriber);
CREATE INDEX messages_due ON messages (due);
CREATE INDEX messages_of ON messages (subscriber);
CREATE INDEX proofs_expiring ON proofs (expires_at);
CREATE INDEX places_news ON places (subscriber) WHERE state IN ('joining', 'leaving', 'waited_out');
CREATE INDEX places_expiring ON places (expires_at) WHERE expires_at IS NOT NULL;
COMMIT;
