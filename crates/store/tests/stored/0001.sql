-- A shop of schema version 1, made by the build that had it. Nobody edits this file.
BEGIN TRANSACTION;
CREATE TABLE _migrations (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
INSERT INTO "_migrations" VALUES(1,'0001_first',1795253400000);
CREATE TABLE balances (
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    on_hand INTEGER NOT NULL CHECK (on_hand >= 0),
    shortfall INTEGER NOT NULL CHECK (shortfall >= 0),
    PRIMARY KEY (sku, location),
    CHECK (on_hand = 0 OR shortfall = 0)
) WITHOUT ROWID;
INSERT INTO "balances" VALUES('low''s','main',2,0);
INSERT INTO "balances" VALUES('owed','main',0,2);
INSERT INTO "balances" VALUES('plenty','main',89,0);
INSERT INTO "balances" VALUES('plenty','shop',10,0);
CREATE TABLE commands (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    digest BLOB NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "commands" VALUES('order 1',1795253400000,X'646967657374206F66206F726465722031',200,'{"id":"order 1"}');
INSERT INTO "commands" VALUES('order 2',1795253400000,X'646967657374206F66206F726465722032',409,'{"id":"order 2"}');
INSERT INTO "commands" VALUES('order 3',1795253400000,X'646967657374206F66206F726465722033',200,'{"id":"order 3"}');
CREATE TABLE keys (
    prefix TEXT PRIMARY KEY,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "keys" VALUES('sk_1',X'686173682031',1795253400000);
INSERT INTO "keys" VALUES('sk_2',X'686173682032',1795253400000);
CREATE TABLE movements (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    source TEXT NOT NULL, -- the command's id, or the import's
    kind TEXT NOT NULL CHECK (kind IN ('opened', 'received', 'adjusted', 'sold', 'returned')),
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    reason TEXT
);
INSERT INTO "movements" VALUES(1,1795253400000,'import/1','opened','low''s','main',3,NULL);
INSERT INTO "movements" VALUES(2,1795253400000,'import/1','opened','owed','main',1,NULL);
INSERT INTO "movements" VALUES(3,1795253400000,'import/1','opened','plenty','main',90,NULL);
INSERT INTO "movements" VALUES(4,1795253400000,'import/1','opened','plenty','shop',10,NULL);
INSERT INTO "movements" VALUES(5,1795253400000,'order 1','sold','low''s','main',-1,'a test');
INSERT INTO "movements" VALUES(6,1795253400000,'order 1','sold','plenty','main',-1,'a test');
INSERT INTO "movements" VALUES(7,1795253400000,'order 3','sold','owed','main',-3,'a test');
CREATE TABLE outbox (
    receiver TEXT NOT NULL,
    sku TEXT NOT NULL,
    version INTEGER NOT NULL,
    since INTEGER NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (receiver, sku)
) WITHOUT ROWID;
INSERT INTO "outbox" VALUES('kv','low''s',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','owed',2,1795253400000,1795253402000,1);
INSERT INTO "outbox" VALUES('room/7','low''s',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','owed',2,1795253400000,1795253400000,0);
CREATE TABLE rooms (
    room INTEGER PRIMARY KEY,
    leased_until INTEGER NOT NULL
);
INSERT INTO "rooms" VALUES(7,1795253460000);
CREATE TABLE shop (
    id TEXT PRIMARY KEY,
    currency TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    locale TEXT NOT NULL,
    low_mark INTEGER NOT NULL CHECK (low_mark >= 0),
    mode TEXT NOT NULL CHECK (mode IN ('authority', 'mirror')),
    origins TEXT NOT NULL, -- one a line
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "shop" VALUES('jars','GBP','Europe/London','en-GB',5,'authority','https://a.example
https://b.example',1795253400000);
CREATE TABLE skus (
    sku TEXT PRIMARY KEY,
    product_id TEXT,
    title TEXT NOT NULL,
    category TEXT,
    options TEXT,
    price_minor INTEGER CHECK (price_minor >= 0),
    currency TEXT,
    url TEXT,
    image TEXT,
    restock_first TEXT,
    restock_last TEXT,
    restock_precision TEXT CHECK (restock_precision IN ('day', 'week', 'month', 'range')),
    version INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL DEFAULT 0,
    shown TEXT CHECK (shown IN ('in_stock', 'low', 'out', 'out_dated')),
    shown_units INTEGER,
    CHECK ((price_minor IS NULL) = (currency IS NULL)),
    CHECK ((restock_first IS NULL) = (restock_precision IS NULL)),
    CHECK ((restock_last IS NULL) = (restock_precision IS NULL)),
    CHECK ((shown = 'low') = (shown_units IS NOT NULL))
) WITHOUT ROWID;
INSERT INTO "skus" VALUES('85123A','jars','Jam Jar "Été" 🎁 <b>','Kitchen','Red / XL',1299,'GBP','/jars','https://shop.example/jar.webp','2026-12-01','2026-12-10','range',1,1795253400000,'out_dated',NULL);
INSERT INTO "skus" VALUES('85123a',NULL,'85123a',NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-30','2026-12-06','week',1,1795253400000,'out_dated',NULL);
INSERT INTO "skus" VALUES('day',NULL,'day',NULL,NULL,NULL,NULL,NULL,NULL,'2026-12-03','2026-12-03','day',1,1795253400000,'out_dated',NULL);
INSERT INTO "skus" VALUES('low''s',NULL,'low''s',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,1795253400000,'low',2);
INSERT INTO "skus" VALUES('owed',NULL,'owed',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,1795253400000,'out',NULL);
INSERT INTO "skus" VALUES('plenty',NULL,'plenty',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1795253400000,'in_stock',NULL);
INSERT INTO "skus" VALUES('🎁 a/b',NULL,'🎁 a/b',NULL,NULL,NULL,NULL,NULL,NULL,'2026-12-01','2026-12-31','month',1,1795253400000,'out_dated',NULL);
CREATE TABLE staging (
    import INTEGER NOT NULL,
    row INTEGER NOT NULL,
    sku TEXT NOT NULL,
    product_id TEXT,
    title TEXT,
    category TEXT,
    options TEXT,
    price_minor INTEGER,
    currency TEXT,
    url TEXT,
    image TEXT,
    location TEXT NOT NULL,
    on_hand INTEGER,
    restock_first TEXT,
    restock_last TEXT,
    restock_precision TEXT,
    PRIMARY KEY (import, sku, row)
) WITHOUT ROWID;
INSERT INTO "staging" VALUES(2,2,'unfinished',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'main',5,NULL,NULL,NULL);
CREATE INDEX skus_dated ON skus (restock_last) WHERE shown = 'out_dated';
COMMIT;
