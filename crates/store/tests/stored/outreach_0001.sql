BEGIN TRANSACTION;
CREATE TABLE _migrations (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
INSERT INTO "_migrations" VALUES(1,'0001_first',1795253400000);
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
INSERT INTO "sign_ups" VALUES(1,X'6A616E652031','a',1,X'7365616C6564',2,'de',1,1795253400000,0,1795253400000,'unconfirmed',1797845400000);
INSERT INTO "sign_ups" VALUES(2,X'6A6F686E2031','🎁 a/b',1,X'7365616C6564',1,'en-US',1,1795253400009,1,1795253400005,'unconfirmed',1797845400009);
CREATE TABLE takings (
    network BLOB PRIMARY KEY,
    since INTEGER NOT NULL,
    taken INTEGER NOT NULL CHECK (taken > 0)
) WITHOUT ROWID;
INSERT INTO "takings" VALUES(X'',1795253400000,3);
INSERT INTO "takings" VALUES(X'686F6D65',1795253400000,3);
CREATE INDEX sign_ups_expiring ON sign_ups (expires_at);
CREATE INDEX takings_since ON takings (since);
COMMIT;
