-- How the shop sells what is on its way: see `Shop` in shop.rs.
ALTER TABLE shop ADD COLUMN mixed TEXT NOT NULL DEFAULT 'split'
    CHECK (mixed IN ('split', 'together', 'refuse'));
ALTER TABLE shop ADD COLUMN improve INTEGER NOT NULL DEFAULT 1 CHECK (improve IN (0, 1));
-- The number of the last order: its place in the queue.
ALTER TABLE shop ADD COLUMN orders INTEGER NOT NULL DEFAULT 0 CHECK (orders >= 0);

-- Units that are there for orders.
ALTER TABLE balances ADD COLUMN committed INTEGER NOT NULL DEFAULT 0 CHECK (committed >= 0);

-- The catalogue anew, for SQLite cannot change what a column may hold: `shown` has more states, and
-- a date of its own.
CREATE TABLE skus_4 (
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
    was_precision TEXT CHECK (was_precision IN ('day', 'week', 'month', 'range')),
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
INSERT INTO skus_4 (sku, product_id, title, category, options, price_minor, currency, url, image,
    restock_first, restock_last, restock_precision, hidden, kit, in_kits, chosen, candidates,
    version, changed_at, shown, shown_units, shown_until, shown_first, shown_last, shown_precision)
SELECT sku, product_id, title, category, options, price_minor, currency, url, image,
    restock_first, restock_last, restock_precision, hidden, kit, in_kits, chosen, candidates,
    version, changed_at, shown, shown_units, shown_until,
    CASE shown WHEN 'out_dated' THEN restock_first END,
    CASE shown WHEN 'out_dated' THEN restock_last END,
    CASE shown WHEN 'out_dated' THEN restock_precision END
FROM skus;
DROP TABLE skus;
ALTER TABLE skus_4 RENAME TO skus;
-- Which shown dates pass next, and where promises are being made anew: a handful of rows each.
CREATE INDEX skus_dated ON skus (shown_last) WHERE shown_last IS NOT NULL;
CREATE INDEX skus_settling ON skus (sku) WHERE settling = 1;

-- What was ordered from suppliers.
CREATE TABLE purchase_orders (
    id TEXT PRIMARY KEY,
    supplier TEXT NOT NULL,
    placed_at INTEGER NOT NULL
) WITHOUT ROWID;

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
-- What matters to a decision: a line that has ended and that nobody counts on does not.
CREATE INDEX po_lines_of_sku ON po_lines (sku) WHERE state = 'open' OR loose > 0;

-- What came of purchase orders, and how that differed from what was ordered: append-only.
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

-- Orders, in the order of their queue.
CREATE TABLE orders (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    placed_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'shipped', 'cancelled')),
    shipping TEXT NOT NULL CHECK (shipping IN ('together', 'split')),
    payment TEXT NOT NULL CHECK (payment IN ('now', 'deposit', 'at_dispatch')),
    buyer BLOB -- a hash
);
CREATE INDEX orders_of_buyer ON orders (buyer) WHERE buyer IS NOT NULL AND state = 'waiting';

-- ordered = what is ready + what waits + shipped + cancelled.
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

-- Units that are there for an order.
CREATE TABLE ready (
    number INTEGER NOT NULL,
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0),
    PRIMARY KEY (number, sku, location)
) WITHOUT ROWID;

-- Units that an order waits for: together by SKU, in the order of the queue. A row on no line has
-- an empty `po`, and as `line` the days that the buyer was told last: see order_rows.rs.
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
CREATE INDEX waits_on_line ON waits (po, line, number) WHERE po <> '';

-- Stock that is there and kept for those that wait for a line, or for any with an empty `po`.
CREATE TABLE arrivals (
    sku TEXT NOT NULL,
    po TEXT NOT NULL,
    line INTEGER NOT NULL,
    location TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0),
    PRIMARY KEY (sku, po, line, location)
) WITHOUT ROWID;

-- What became of promises: each row is news to whoever waits. Append-only.
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

-- When a SKU had nothing to sell, and what led to it.
CREATE TABLE stockouts (
    sku TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    cause TEXT NOT NULL CHECK (cause IN
        ('demand', 'late_po', 'short_receipt', 'no_po', 'count_correction')),
    PRIMARY KEY (sku, began_at)
) WITHOUT ROWID;
