-- A shop of schema version 5, made by the build that had it. Nobody edits this file.
BEGIN TRANSACTION;
CREATE TABLE _migrations (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
INSERT INTO "_migrations" VALUES(1,'0001_first',1795253400000);
INSERT INTO "_migrations" VALUES(2,'0002_ledger',1795253400000);
INSERT INTO "_migrations" VALUES(3,'0003_substitutes',1795253400000);
INSERT INTO "_migrations" VALUES(4,'0004_supply',1795253400000);
INSERT INTO "_migrations" VALUES(5,'0005_waitlists',1795253400000);
CREATE TABLE arrivals (
    sku TEXT NOT NULL,
    po TEXT NOT NULL,
    line INTEGER NOT NULL,
    location TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0),
    PRIMARY KEY (sku, po, line, location)
) WITHOUT ROWID;
CREATE TABLE balances (
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    on_hand INTEGER NOT NULL CHECK (on_hand >= 0),
    shortfall INTEGER NOT NULL CHECK (shortfall >= 0), held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0), safety_stock INTEGER NOT NULL DEFAULT 0 CHECK (safety_stock >= 0), moves INTEGER NOT NULL DEFAULT 0 CHECK (moves >= 0), committed INTEGER NOT NULL DEFAULT 0 CHECK (committed >= 0),
    PRIMARY KEY (sku, location),
    CHECK (on_hand = 0 OR shortfall = 0)
) WITHOUT ROWID;
INSERT INTO "balances" VALUES('a','main',5,0,0,0,2,5);
INSERT INTO "balances" VALUES('b','main',2,0,2,0,1,0);
INSERT INTO "balances" VALUES('c','main',0,0,0,0,1,0);
INSERT INTO "balances" VALUES('cup','main',5,0,0,1,1,0);
INSERT INTO "balances" VALUES('held','main',2,0,2,0,1,0);
INSERT INTO "balances" VALUES('low''s','main',2,0,0,0,2,0);
INSERT INTO "balances" VALUES('owed','main',0,2,0,0,2,0);
INSERT INTO "balances" VALUES('plenty','main',89,0,0,0,2,0);
INSERT INTO "balances" VALUES('plenty','shop',10,0,0,0,1,0);
INSERT INTO "balances" VALUES('saucer','shop',7,0,0,0,3,0);
INSERT INTO "balances" VALUES('set','main',0,0,0,0,1,0);
CREATE TABLE commands (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    digest BLOB NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "commands" VALUES('cart 2',1795253400002,X'646967657374206F6620636172742032',409,'false');
INSERT INTO "commands" VALUES('count 1',1795253400001,X'646967657374206F6620636F756E742031',200,'{}');
INSERT INTO "commands" VALUES('first',1795253400000,X'4E6F6E65205B282261222C2034295D',200,'Ok(PlacedOrder { order: Order { id: "first", number: 1, placed_at: 1795253400000, shipping: Split, lines: {Sku("a"): OrderLine { ordered: 4, kind: Some(Backorder), ready: {}, waiting: [Wait { on: Some(PoLineId { po: "po", line: 1 }), units: 4, promised: Some(Restock { first: 2026-12-01, last: 2026-12-01, precision: Day }) }], shipped: 0, cancelled: 0, returned: 0, quarantined: 0, written_off: 0 }} }, payment: Deposit })');
INSERT INTO "commands" VALUES('later',1795253400000,X'4368616E6765285B506F4368616E6765207B206C696E653A20312C206368616E67653A20457870656374656428536F6D6528526573746F636B207B2066697273743A20323032362D31322D30392C206C6173743A20323032362D31322D30392C20707265636973696F6E3A20446179207D2929207D5D29',200,'Ok((PlacedPo { po: PurchaseOrder { id: "po", lines: {1: PoLine { sku: Sku("a"), location: Location("main"), state: Open, ordered: 10, received: 5, missing: 0, expected: Some(Restock { first: 2026-12-09, last: 2026-12-09, precision: Day }), pegged: 2, loose: 0 }} }, supplier: "Acme", placed_at: 1795253400000 }, []))');
INSERT INTO "commands" VALUES('order 1',1795253400000,X'646967657374206F66206F726465722031',200,'{"id":"order 1"}');
INSERT INTO "commands" VALUES('order 2',1795253400000,X'646967657374206F66206F726465722032',409,'{"id":"order 2"}');
INSERT INTO "commands" VALUES('order 3',1795253400000,X'646967657374206F66206F726465722033',200,'{"id":"order 3"}');
INSERT INTO "commands" VALUES('po',1795253400000,X'506C616365207B20737570706C6965723A202241636D65222C206C696E65733A205B4E6577506F4C696E65207B20736B753A20536B7528226122292C206C6F636174696F6E3A204C6F636174696F6E28226D61696E22292C207175616E746974793A2031302C2065787065637465643A20536F6D6528526573746F636B207B2066697273743A20323032362D31322D30312C206C6173743A20323032362D31322D30312C20707265636973696F6E3A20446179207D29207D5D207D',200,'Ok((PlacedPo { po: PurchaseOrder { id: "po", lines: {1: PoLine { sku: Sku("a"), location: Location("main"), state: Open, ordered: 10, received: 0, missing: 0, expected: Some(Restock { first: 2026-12-01, last: 2026-12-01, precision: Day }), pegged: 0, loose: 0 }} }, supplier: "Acme", placed_at: 1795253400000 }, []))');
INSERT INTO "commands" VALUES('receipt',1795253400000,X'52656365697665285B506F52656365697074207B206C696E653A20312C207175616E746974793A20352C20636C6F73653A2066616C7365207D5D29',200,'Ok((PlacedPo { po: PurchaseOrder { id: "po", lines: {1: PoLine { sku: Sku("a"), location: Location("main"), state: Open, ordered: 10, received: 5, missing: 0, expected: Some(Restock { first: 2026-12-01, last: 2026-12-01, precision: Day }), pegged: 2, loose: 0 }} }, supplier: "Acme", placed_at: 1795253400000 }, [Arrived { line: 1, quantity: 5, missing: 0, discrepancies: [Early, Partial] }]))');
INSERT INTO "commands" VALUES('second',1795253400000,X'4E6F6E65205B282261222C2033295D',200,'Ok(PlacedOrder { order: Order { id: "second", number: 2, placed_at: 1795253400000, shipping: Split, lines: {Sku("a"): OrderLine { ordered: 3, kind: Some(Backorder), ready: {}, waiting: [Wait { on: Some(PoLineId { po: "po", line: 1 }), units: 3, promised: Some(Restock { first: 2026-12-01, last: 2026-12-01, precision: Day }) }], shipped: 0, cancelled: 0, returned: 0, quarantined: 0, written_off: 0 }} }, payment: Deposit })');
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
CREATE TABLE events (
    n INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('promise_moved', 'ready')),
    number INTEGER NOT NULL,
    sku TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0),
    was_first TEXT,
    was_last TEXT,
    was_precision TEXT,
    now_first TEXT,
    now_last TEXT,
    now_precision TEXT
);
INSERT INTO "events" VALUES(1,1795253400000,'ready',1,'a',4,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,1795253400000,'ready',2,'a',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "events" VALUES(3,1795253400000,'promise_moved',2,'a',2,'2026-12-01','2026-12-01','day','2026-12-09','2026-12-09','day');
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
    lines TEXT NOT NULL, claim TEXT, -- a line each: break, SKU, tab, location, tab, units, tab, shortfall
    PRIMARY KEY (open, id),
    CHECK ((open = 1) = (state = 'open')),
    CHECK ((open = 1) = (resolved_at IS NULL)),
    CHECK (open = 1 OR network IS NULL)
) WITHOUT ROWID;
INSERT INTO "holds" VALUES(0,'cart 3',X'646967657374206F6620636172742033','committed',1795253400002,1795254000002,1795253400003,'order 9',NULL,NULL,'
saucer	shop	1	0',NULL);
INSERT INTO "holds" VALUES(0,'cart 4',X'646967657374206F6620636172742034','released',1795253400002,1795254000002,1795253400003,'given up',NULL,NULL,'
saucer	shop	1	0',NULL);
INSERT INTO "holds" VALUES(1,'ann',X'','open',1795253400000,1795339800000,NULL,NULL,NULL,NULL,'
b	main	1	0','b');
INSERT INTO "holds" VALUES(1,'cart 1',X'646967657374206F6620636172742031','open',1795253400002,1795254000002,NULL,NULL,X'616E6E',NULL,'
held	main	2	0',NULL);
INSERT INTO "holds" VALUES(1,'cem',X'','open',1795253400000,1795339800000,NULL,NULL,NULL,NULL,'
b	main	1	0','b');
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
INSERT INTO "movements" VALUES('a','main',1,1795253400000,'opened',0,0,'import/1',NULL);
INSERT INTO "movements" VALUES('a','main',2,1795253400000,'received',5,5,'receipt','a test');
INSERT INTO "movements" VALUES('b','main',1,1795253400000,'opened',2,2,'import/1',NULL);
INSERT INTO "movements" VALUES('c','main',1,1795253400000,'opened',0,0,'import/1',NULL);
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
CREATE TABLE notices (
    n INTEGER PRIMARY KEY,
    place TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('claim', 'back')),
    sku TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0),
    at INTEGER NOT NULL,
    expires_at INTEGER, -- of a claim
    CHECK ((kind = 'claim') = (expires_at IS NOT NULL))
);
INSERT INTO "notices" VALUES(1,'ann','claim','b',1,1795253400000,1795339800000);
INSERT INTO "notices" VALUES(2,'cem','claim','b',1,1795253400000,1795339800000);
CREATE TABLE order_lines (
    number INTEGER NOT NULL,
    sku TEXT NOT NULL,
    kind TEXT CHECK (kind IN ('backorder', 'preorder')),
    ordered INTEGER NOT NULL CHECK (ordered > 0),
    shipped INTEGER NOT NULL DEFAULT 0 CHECK (shipped >= 0),
    cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
    returned INTEGER NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND shipped),
    quarantined INTEGER NOT NULL DEFAULT 0 CHECK (quarantined >= 0),
    written_off INTEGER NOT NULL DEFAULT 0
        CHECK (written_off BETWEEN 0 AND returned - quarantined),
    PRIMARY KEY (number, sku)
) WITHOUT ROWID;
INSERT INTO "order_lines" VALUES(1,'a','backorder',4,0,0,0,0,0);
INSERT INTO "order_lines" VALUES(2,'a','backorder',3,0,0,0,0,0);
CREATE TABLE orders (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    placed_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'shipped', 'cancelled')),
    shipping TEXT NOT NULL CHECK (shipping IN ('together', 'split')),
    payment TEXT NOT NULL CHECK (payment IN ('now', 'deposit', 'at_dispatch')),
    buyer BLOB -- a hash
);
INSERT INTO "orders" VALUES(1,'first',1795253400000,'ready','split','deposit',X'616E6E');
INSERT INTO "orders" VALUES(2,'second',1795253400000,'waiting','split','deposit',X'616E6E');
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
INSERT INTO "outbox" VALUES('kv','a',3,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','b',3,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','c',1,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','cup',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','held',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','low''s',3,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','owed',2,1795253400000,1795253402000,1);
INSERT INTO "outbox" VALUES('kv','plenty',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','saucer',1,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('kv','set',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','85123A',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','a',3,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','b',3,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','c',1,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','cup',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','held',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','low''s',3,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','owed',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','plenty',2,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','saucer',1,1795253400000,1795253400000,0);
INSERT INTO "outbox" VALUES('room/7','set',2,1795253400000,1795253400000,0);
CREATE TABLE places (
    n INTEGER PRIMARY KEY, -- whoever came first has the lowest
    id TEXT NOT NULL UNIQUE,
    sku TEXT NOT NULL,
    wanted INTEGER NOT NULL CHECK (wanted > 0),
    offered INTEGER CHECK (offered > 0), -- units
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'offered', 'taken', 'declined',
        'lapsed', 'told', 'left', 'waited_out')),
    joined_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
);
INSERT INTO "places" VALUES(1,'ann','b',1,1,'offered',1795253400000,1795253400000);
INSERT INTO "places" VALUES(2,'bob','b',9,NULL,'waiting',1795253400000,1795253400000);
INSERT INTO "places" VALUES(3,'cem','b',1,1,'offered',1795253400000,1795253400000);
INSERT INTO "places" VALUES(4,'dee','c',2,NULL,'left',1795253400000,1795253400000);
INSERT INTO "places" VALUES(5,'eve','c',1,NULL,'waiting',1795253400000,1795253400000);
CREATE TABLE po_lines (
    po TEXT NOT NULL,
    line INTEGER NOT NULL CHECK (line > 0),
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'received', 'short', 'cancelled')),
    ordered INTEGER NOT NULL CHECK (ordered > 0),
    received INTEGER NOT NULL DEFAULT 0 CHECK (received >= 0),
    missing INTEGER NOT NULL DEFAULT 0 CHECK (missing >= 0),
    expected_first TEXT,
    expected_last TEXT,
    expected_precision TEXT CHECK (expected_precision IN ('day', 'week', 'month', 'range')),
    pegged INTEGER NOT NULL DEFAULT 0 CHECK (pegged >= 0), -- promised to orders, and still to come
    loose INTEGER NOT NULL DEFAULT 0 CHECK (loose >= 0), -- promised, and not to come any more
    PRIMARY KEY (po, line),
    CHECK ((expected_first IS NULL) = (expected_precision IS NULL)),
    CHECK ((expected_last IS NULL) = (expected_precision IS NULL))
) WITHOUT ROWID;
INSERT INTO "po_lines" VALUES('po',1,'a','main','open',10,5,0,'2026-12-09','2026-12-09','day',2,0);
CREATE TABLE purchase_orders (
    id TEXT PRIMARY KEY,
    supplier TEXT NOT NULL,
    placed_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "purchase_orders" VALUES('po','Acme',1795253400000);
CREATE TABLE ready (
    number INTEGER NOT NULL,
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0),
    PRIMARY KEY (number, sku, location)
) WITHOUT ROWID;
INSERT INTO "ready" VALUES(1,'a','main',4);
INSERT INTO "ready" VALUES(2,'a','main',1);
CREATE TABLE receipts (
    sku TEXT NOT NULL,
    at INTEGER NOT NULL,
    po TEXT NOT NULL,
    line INTEGER NOT NULL,
    source TEXT NOT NULL, -- the command's id
    units INTEGER NOT NULL CHECK (units >= 0),
    missing INTEGER NOT NULL CHECK (missing >= 0),
    discrepancies TEXT NOT NULL, -- words, with a space between them
    reason TEXT,
    PRIMARY KEY (sku, at, po, line, source)
) WITHOUT ROWID;
INSERT INTO "receipts" VALUES('a',1795253400000,'po',1,'receipt',5,0,'early partial','a test');
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
    CHECK (browser_holds IN (0, 1)), max_held_per_buyer INTEGER CHECK (max_held_per_buyer > 0), version INTEGER NOT NULL DEFAULT 0, swept_at INTEGER NOT NULL DEFAULT 0, mixed TEXT NOT NULL DEFAULT 'split'
    CHECK (mixed IN ('split', 'together', 'refuse')), improve INTEGER NOT NULL DEFAULT 1 CHECK (improve IN (0, 1)), orders INTEGER NOT NULL DEFAULT 0 CHECK (orders >= 0), wave INTEGER NOT NULL DEFAULT 100 CHECK (wave > 0), window_ms INTEGER NOT NULL DEFAULT 86400000 CHECK (window_ms > 0), min_restock INTEGER NOT NULL DEFAULT 1 CHECK (min_restock > 0), shelf_percent INTEGER NOT NULL DEFAULT 0
    CHECK (shelf_percent BETWEEN 0 AND 100), smaller INTEGER NOT NULL DEFAULT 0 CHECK (smaller IN (0, 1))) WITHOUT ROWID;
INSERT INTO "shop" VALUES('jars','GBP','Europe/London','en-GB',5,'authority','https://a.example
https://b.example',1795253400000,'nearest',0,1,9,1795253400000,0,'split',1,2,100,86400000,1,0,0);
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
    kit INTEGER NOT NULL DEFAULT 0 CHECK (kit IN (0, 1)),
    in_kits INTEGER NOT NULL DEFAULT 0 CHECK (in_kits IN (0, 1)),
    chosen TEXT,
    candidates TEXT,
    -- May it be ordered that is not there, and how much of it?
    ahead TEXT CHECK (ahead IN ('backorder', 'preorder')),
    ahead_limit INTEGER CHECK (ahead_limit >= 0),
    ahead_per_buyer INTEGER CHECK (ahead_per_buyer >= 0),
    -- It has rows in po_lines, waits or arrivals: without them nobody looks there.
    supplied INTEGER NOT NULL DEFAULT 0 CHECK (supplied IN (0, 1)),
    -- Units that orders wait for, and those of them that no line promises.
    waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    unpegged INTEGER NOT NULL DEFAULT 0 CHECK (unpegged >= 0),
    -- Promises are being made anew, and have come so far in the queue.
    settling INTEGER NOT NULL DEFAULT 0 CHECK (settling IN (0, 1)),
    settled_to INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL DEFAULT 0,
    shown TEXT CHECK (shown IN
        ('in_stock', 'low', 'all_held', 'backorder', 'preorder', 'out', 'out_dated', 'hidden')),
    shown_units INTEGER,
    shown_until INTEGER,
    shown_first TEXT,
    shown_last TEXT,
    shown_precision TEXT CHECK (shown_precision IN ('day', 'week', 'month', 'range')),
    -- The date that was shown before, while the one that is came later.
    was_first TEXT,
    was_last TEXT,
    was_precision TEXT CHECK (was_precision IN ('day', 'week', 'month', 'range')), waited_for INTEGER NOT NULL DEFAULT 0 CHECK (waited_for IN (0, 1)),
    CHECK ((price_minor IS NULL) = (currency IS NULL)),
    CHECK ((restock_first IS NULL) = (restock_precision IS NULL)),
    CHECK ((restock_last IS NULL) = (restock_precision IS NULL)),
    CHECK ((shown = 'low') = (shown_units IS NOT NULL)),
    CHECK ((shown = 'all_held') = (shown_until IS NOT NULL)),
    CHECK ((shown IN ('backorder', 'preorder', 'out_dated')) = (shown_precision IS NOT NULL)),
    CHECK ((shown_first IS NULL) = (shown_precision IS NULL)),
    CHECK ((shown_last IS NULL) = (shown_precision IS NULL)),
    CHECK (was_precision IS NULL OR shown_precision IS NOT NULL),
    CHECK (unpegged <= waiting)
) WITHOUT ROWID;
INSERT INTO "skus" VALUES('85123A','jars','Jam Jar "Été" 🎁 <b>','Kitchen','Red / XL',1299,'GBP','/jars','https://shop.example/jar.webp','2026-12-01','2026-12-10','range',0,0,0,NULL,'low''s
plenty',NULL,NULL,NULL,0,0,0,0,0,2,1795253400000,'out_dated',NULL,NULL,'2026-12-01','2026-12-10','range',NULL,NULL,NULL,0);
INSERT INTO "skus" VALUES('85123a',NULL,'85123a',NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-30','2026-12-06','week',0,0,0,NULL,'',NULL,NULL,NULL,0,0,0,0,0,1,1795253400000,'out_dated',NULL,NULL,'2026-11-30','2026-12-06','week',NULL,NULL,NULL,0);
INSERT INTO "skus" VALUES('a',NULL,'a',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,'','backorder',8,100,1,2,0,0,0,3,1795253400000,'backorder',NULL,NULL,'2026-12-09','2026-12-09','day','2026-12-01','2026-12-01','day',0);
INSERT INTO "skus" VALUES('b',NULL,'b',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,'',NULL,NULL,NULL,0,0,0,0,0,3,1795253400000,'all_held',NULL,1795339800000,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "skus" VALUES('c',NULL,'c',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,'',NULL,NULL,NULL,0,0,0,0,0,1,1795253400000,'out',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "skus" VALUES('cup',NULL,'cup',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,0,1,NULL,'',NULL,NULL,NULL,0,0,0,0,0,2,1795253400000,'hidden',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "skus" VALUES('day',NULL,'day',NULL,NULL,NULL,NULL,NULL,NULL,'2026-12-03','2026-12-03','day',0,0,0,NULL,'',NULL,NULL,NULL,0,0,0,0,0,1,1795253400000,'out_dated',NULL,NULL,'2026-12-03','2026-12-03','day',NULL,NULL,NULL,0);
INSERT INTO "skus" VALUES('held',NULL,'held',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,'',NULL,NULL,NULL,0,0,0,0,0,2,1795253400002,'all_held',NULL,1795254000002,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "skus" VALUES('low''s','jars','Jam jar, blue',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,'85123A
plenty',NULL,NULL,NULL,0,0,0,0,0,3,1795253400000,'low',2,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "skus" VALUES('owed',NULL,'owed',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,'',NULL,NULL,NULL,0,0,0,0,0,2,1795253400000,'out',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "skus" VALUES('plenty','jars','Jam jar',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,'gone
🎁 a/b','🎁 a/b
85123A
low''s',NULL,NULL,NULL,0,0,0,0,0,2,1795253400000,'in_stock',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "skus" VALUES('saucer',NULL,'saucer',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,1,NULL,'',NULL,NULL,NULL,0,0,0,0,0,1,1795253400000,'in_stock',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "skus" VALUES('set',NULL,'set',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0,NULL,'',NULL,NULL,NULL,0,0,0,0,0,2,1795253400000,'low',2,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "skus" VALUES('🎁 a/b',NULL,'🎁 a/b',NULL,NULL,NULL,NULL,NULL,NULL,'2026-12-01','2026-12-31','month',0,0,0,NULL,'',NULL,NULL,NULL,0,0,0,0,0,1,1795253400000,'out_dated',NULL,NULL,'2026-12-01','2026-12-31','month',NULL,NULL,NULL,0);
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
CREATE TABLE stockouts (
    sku TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    cause TEXT NOT NULL CHECK (cause IN
        ('demand', 'late_po', 'short_receipt', 'no_po', 'count_correction')),
    PRIMARY KEY (sku, began_at)
) WITHOUT ROWID;
CREATE TABLE waitlists (
    sku TEXT PRIMARY KEY,
    places INTEGER NOT NULL DEFAULT 0 CHECK (places >= 0),
    claims INTEGER NOT NULL DEFAULT 0 CHECK (claims >= 0),
    claimed INTEGER NOT NULL DEFAULT 0 CHECK (claimed >= 0),
    shelf INTEGER NOT NULL DEFAULT 0 CHECK (shelf >= 0),
    seen INTEGER NOT NULL DEFAULT 0,
    offering INTEGER NOT NULL DEFAULT 0 CHECK (offering IN (0, 1)),
    due INTEGER NOT NULL DEFAULT 0 CHECK (due IN (0, 1)) -- somebody may be offered something
) WITHOUT ROWID;
INSERT INTO "waitlists" VALUES('b',1,2,2,0,2,1,0);
INSERT INTO "waitlists" VALUES('c',1,0,0,0,0,0,0);
CREATE TABLE waits (
    sku TEXT NOT NULL,
    number INTEGER NOT NULL,
    po TEXT NOT NULL,
    line INTEGER NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0),
    promised_first TEXT,
    promised_last TEXT,
    promised_precision TEXT CHECK (promised_precision IN ('day', 'week', 'month', 'range')),
    PRIMARY KEY (sku, number, po, line)
) WITHOUT ROWID;
INSERT INTO "waits" VALUES('a',2,'po',1,2,'2026-12-09','2026-12-09','day');
CREATE INDEX components_by_sku ON components (sku);
CREATE INDEX skus_dated ON skus (shown_last) WHERE shown_last IS NOT NULL;
CREATE INDEX skus_settling ON skus (sku) WHERE settling = 1;
CREATE INDEX po_lines_of_sku ON po_lines (sku) WHERE state = 'open' OR loose > 0;
CREATE INDEX orders_of_buyer ON orders (buyer) WHERE buyer IS NOT NULL AND state = 'waiting';
CREATE INDEX waits_on_line ON waits (po, line, number) WHERE po <> '';
CREATE INDEX waitlists_due ON waitlists (sku) WHERE due = 1;
CREATE INDEX places_of ON places (sku, state, n);
COMMIT;
