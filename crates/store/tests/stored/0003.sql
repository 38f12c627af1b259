-- A shop of schema version 3, made by the build that had it. Nobody edits this file.
BEGIN TRANSACTION;
CREATE TABLE _migrations (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
INSERT INTO "_migrations" VALUES(1,'0001_first',1795253400000);
INSERT INTO "_migrations" VALUES(2,'0002_ledger',1795253400000);
INSERT INTO "_migrations" VALUES(3,'0003_substitutes',1795253400000);
CREATE TABLE balances (
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    on_hand INTEGER NOT NULL CHECK (on_hand >= 0),
    shortfall INTEGER NOT NULL CHECK (shortfall >= 0), held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0), safety_stock INTEGER NOT NULL DEFAULT 0 CHECK (safety_stock >= 0), moves INTEGER NOT NULL DEFAULT 0 CHECK (moves >= 0),
    PRIMARY KEY (sku, location),
    CHECK (on_hand = 0 OR shortfall = 0)
) WITHOUT ROWID;
INSERT INTO "balances" VALUES('cup','main',5,0,0,1,1);
INSERT INTO "balances" VALUES('held','main',2,0,2,0,1);
INSERT INTO "balances" VALUES('low''s','main',2,0,0,0,2);
INSERT INTO "balances" VALUES('owed','main',0,2,0,0,2);
INSERT INTO "balances" VALUES('plenty','main',89,0,0,0,2);
INSERT INTO "balances" VALUES('plenty','shop',10,0,0,0,1);
INSERT INTO "balances" VALUES('saucer','shop',7,0,0,0,3);
INSERT INTO "balances" VALUES('set','main',0,0,0,0,1);
CREATE TABLE commands (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    digest BLOB NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "commands" VALUES('cart 2',1795253400002,X'646967657374206F6620636172742032',409,'false');
INSERT INTO "commands" VALUES('count 1',1795253400001,X'646967657374206F6620636F756E742031',200,'{}');
INSERT INTO "commands" VALUES('order 1',1795253400000,X'646967657374206F66206F726465722031',200,'{"id":"order 1"}');
INSERT INTO "commands" VALUES('order 2',1795253400000,X'646967657374206F66206F726465722032',409,'{"id":"order 2"}');
INSERT INTO "commands" VALUES('order 3',1795253400000,X'646967657374206F66206F726465722033',200,'{"id":"order 3"}');
CREATE TABLE components (
    kit TEXT NOT NULL,
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (kit, sku)
) WITHOUT ROWID;
INSERT INTO "components" VALUES('set','cup',2);
INSERT INTO "components" VALUES('set','saucer',1);
CREATE TABLE counts (
    at INTEGER NOT NULL,
    source TEXT NOT NULL,
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    counted INTEGER NOT NULL,
    difference INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (at, source, sku, location)
) WITHOUT ROWID;
INSERT INTO "counts" VALUES(1795253400001,'count 1','saucer','shop',8,-1,'stock-take');
CREATE TABLE holds (
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    id TEXT NOT NULL,
    digest BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'committed', 'released', 'expired')),
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    resolved_at INTEGER,
    resolution TEXT,
    buyer BLOB, -- a hash
    network BLOB, -- a hash, while it is open and a browser's own
    lines TEXT NOT NULL, -- a line each: break, SKU, tab, location, tab, units, tab, shortfall
    PRIMARY KEY (open, id),
    CHECK ((open = 1) = (state = 'open')),
    CHECK ((open = 1) = (resolved_at IS NULL)),
    CHECK (open = 1 OR network IS NULL)
) WITHOUT ROWID;
INSERT INTO "holds" VALUES(0,'cart 3',X'646967657374206F6620636172742033','committed',1795253400002,1795254000002,1795253400003,'order 9',NULL,NULL,'
saucer	shop	1	0');
INSERT INTO "holds" VALUES(0,'cart 4',X'646967657374206F6620636172742034','released',1795253400002,1795254000002,1795253400003,'given up',NULL,NULL,'
saucer	shop	1	0');
INSERT INTO "holds" VALUES(1,'cart 1',X'646967657374206F6620636172742031','open',1795253400002,1795254000002,NULL,NULL,X'616E6E',NULL,'
held	main	2	0');
CREATE TABLE keys (
    prefix TEXT PRIMARY KEY,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL
, made_by TEXT) WITHOUT ROWID;
INSERT INTO "keys" VALUES('sk_1',X'686173682031',1795253400000,NULL);
INSERT INTO "keys" VALUES('sk_2',X'686173682032',1795253400000,NULL);
CREATE TABLE locations (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL DEFAULT 'warehouse' CHECK (kind IN ('warehouse', 'store', 'supplier')),
    priority INTEGER NOT NULL DEFAULT 100 CHECK (priority >= 0), -- lower goes first
    region TEXT,
    cut_off TEXT -- HH:MM in the shop's zone
) WITHOUT ROWID;
INSERT INTO "locations" VALUES('main','warehouse',100,NULL,NULL);
INSERT INTO "locations" VALUES('shop','store',7,'GB','16:30');
CREATE TABLE "movements" (
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    n INTEGER NOT NULL CHECK (n > 0),
    at INTEGER NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('opened', 'received', 'adjusted', 'counted', 'sold', 'returned')),
    quantity INTEGER NOT NULL,
    net INTEGER NOT NULL,
    source TEXT NOT NULL, -- the command's id, the import's, or that of a hold's commit
    reason TEXT,
    PRIMARY KEY (sku, location, n)
) WITHOUT ROWID;
INSERT INTO "movements" VALUES('cup','main',1,1795253400000,'opened',5,5,'import/9',NULL);
INSERT INTO "movements" VALUES('held','main',1,1795253400000,'opened',2,2,'import/9',NULL);
INSERT INTO "movements" VALUES('low''s','main',1,1795253400000,'opened',3,3,'import/1',NULL);
INSERT INTO "movements" VALUES('low''s','main',2,1795253400000,'sold',-1,2,'order 1','a test');
INSERT INTO "movements" VALUES('owed','main',1,1795253400000,'opened',1,1,'import/1',NULL);
INSERT INTO "movements" VALUES('owed','main',2,1795253400000,'sold',-3,-2,'order 3','a test');
INSERT INTO "movements" VALUES('plenty','main',1,1795253400000,'opened',90,90,'import/1',NULL);
INSERT INTO "movements" VALUES('plenty','main',2,1795253400000,'sold',-1,89,'order 1','a test');
INSERT INTO "movements" VALUES('plenty','shop',1,1795253400000,'opened',10,10,'import/1',NULL);
INSERT INTO "movements" VALUES('saucer','shop',1,1795253400000,'opened',9,9,'import/9',NULL);
INSERT INTO "movements" VALUES('saucer','shop',2,1795253400001,'counted',-1,8,'count 1','stock-take');
INSERT INTO "movements" VALUES('saucer','shop',3,1795253400003,'sold',-1,7,'order 9',NULL);
INSERT INTO "movements" VALUES('set','main',1,1795253400000,'opened',0,0,'import/9',NULL);
CREATE TABLE outbox (
    receiver TEXT NOT NULL,
    sku TEXT NOT NULL,
    version INTEGER NOT NULL,
    since INTEGER NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (receiver, sku)
) WITHOUT ROWID;
INSERT INTO "outbox" VALUES('kv','',1795253400000,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','85123A',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','cup',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','held',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','low''s',3,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','owed',2,1795253400000,1795253402000,1);
INSERT INTO "outbox" VALUES('kv','plenty',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','saucer',1,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','set',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','85123A',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','cup',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','held',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','low''s',3,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','owed',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','plenty',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','saucer',1,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','set',2,1795253400000,1795253400000,0);
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
, strategy TEXT NOT NULL DEFAULT 'priority'
    CHECK (strategy IN ('priority', 'fewest_parcels', 'nearest', 'spread')), hide_undated INTEGER NOT NULL DEFAULT 0
    CHECK (hide_undated IN (0, 1)), browser_holds INTEGER NOT NULL DEFAULT 0
    CHECK (browser_holds IN (0, 1)), max_held_per_buyer INTEGER CHECK (max_held_per_buyer > 0), version INTEGER NOT NULL DEFAULT 0, swept_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
INSERT INTO "shop" VALUES('jars','GBP','Europe/London','en-GB',5,'authority','https://a.example
https://b.example',1795253400000,'nearest',0,1,9,1795253400000,0);
CREATE TABLE "skus" (
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
    hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
    kit INTEGER NOT NULL DEFAULT 0 CHECK (kit IN (0, 1)), -- it has rows as `kit` in components
    in_kits INTEGER NOT NULL DEFAULT 0 CHECK (in_kits IN (0, 1)), -- and here, as `sku`
    version INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL DEFAULT 0,
    shown TEXT CHECK (shown IN ('in_stock', 'low', 'all_held', 'out', 'out_dated', 'hidden')),
    shown_units INTEGER,
    shown_until INTEGER, chosen TEXT, candidates TEXT,
    CHECK ((price_minor IS NULL) = (currency IS NULL)),
    CHECK ((restock_first IS NULL) = (restock_precision IS NULL)),
    CHECK ((restock_last IS NULL) = (restock_precision IS NULL)),
    CHECK ((shown = 'low') = (shown_units IS NOT NULL)),
    CHECK ((shown = 'all_held') = (shown_until IS NOT NULL))
) WITHOUT ROWID;
INSERT INTO "skus" VALUES('85123A','jars','Jam Jar "Été" 🎁 <b>','Kitchen','Red / XL',1299,'GBP','/jars','https://shop.example/jar.webp','2026-12-01','2026-12-10','range',0,0,0,2,1795253400000,'out_dated',NULL,NULL,NULL,'low''s
plenty');
INSERT INTO "skus" VALUES('85123a',NULL,'85123a',NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-30','2026-12-06','week',0,0,0,1,1795253400000,'out_dated',NULL,NULL,NULL,'');
INSERT INTO "skus" VALUES('cup',NULL,'cup',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,0,1,2,1795253400000,'hidden',NULL,NULL,NULL,'');
INSERT INTO "skus" VALUES('day',NULL,'day',NULL,NULL,NULL,NULL,NULL,NULL,'2026-12-03','2026-12-03','day',0,0,0,1,1795253400000,'out_dated',NULL,NULL,NULL,'');
INSERT INTO "skus" VALUES('held',NULL,'held',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,2,1795253400002,'all_held',NULL,1795254000002,NULL,'');
INSERT INTO "skus" VALUES('low''s','jars','Jam jar, blue',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,3,1795253400000,'low',2,NULL,NULL,'85123A
plenty');
INSERT INTO "skus" VALUES('owed',NULL,'owed',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,2,1795253400000,'out',NULL,NULL,NULL,'');
INSERT INTO "skus" VALUES('plenty','jars','Jam jar',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,2,1795253400000,'in_stock',NULL,NULL,'gone
🎁 a/b','🎁 a/b
85123A
low''s');
INSERT INTO "skus" VALUES('saucer',NULL,'saucer',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,1,1,1795253400000,'in_stock',NULL,NULL,NULL,'');
INSERT INTO "skus" VALUES('set',NULL,'set',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,2,1795253400000,'low',2,NULL,NULL,'');
INSERT INTO "skus" VALUES('🎁 a/b',NULL,'🎁 a/b',NULL,NULL,NULL,NULL,NULL,NULL,'2026-12-01','2026-12-31','month',0,0,0,1,1795253400000,'out_dated',NULL,NULL,NULL,'');
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
    restock_precision TEXT, chosen TEXT,
    PRIMARY KEY (import, sku, row)
) WITHOUT ROWID;
INSERT INTO "staging" VALUES(2,2,'unfinished',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'main',5,NULL,NULL,NULL,NULL);
INSERT INTO "staging" VALUES(11,2,'unfinished',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'main',NULL,NULL,NULL,NULL,'a|b
plenty');
CREATE INDEX skus_dated ON skus (restock_last) WHERE shown = 'out_dated';
CREATE INDEX components_by_sku ON components (sku);
COMMIT;
