-- How the shop sells: see `Shop` in shop.rs.
ALTER TABLE shop ADD COLUMN strategy TEXT NOT NULL DEFAULT 'priority'
    CHECK (strategy IN ('priority', 'fewest_parcels', 'nearest', 'spread'));
ALTER TABLE shop ADD COLUMN hide_undated INTEGER NOT NULL DEFAULT 0
    CHECK (hide_undated IN (0, 1));
ALTER TABLE shop ADD COLUMN browser_holds INTEGER NOT NULL DEFAULT 0
    CHECK (browser_holds IN (0, 1));
ALTER TABLE shop ADD COLUMN max_held_per_buyer INTEGER CHECK (max_held_per_buyer > 0);
-- Of its own record, as it is published.
ALTER TABLE shop ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
UPDATE shop SET version = COALESCE((SELECT version FROM outbox WHERE sku = ''), created_at);
-- When what is old enough to go was last looked for.
ALTER TABLE shop ADD COLUMN swept_at INTEGER NOT NULL DEFAULT 0;

-- By whose id a key was asked for: the same id again means that its answer was lost.
ALTER TABLE keys ADD COLUMN made_by TEXT;

-- The catalogue anew, for SQLite cannot change what a column may hold: `shown` has more states.
CREATE TABLE skus_2 (
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
    shown_until INTEGER,
    CHECK ((price_minor IS NULL) = (currency IS NULL)),
    CHECK ((restock_first IS NULL) = (restock_precision IS NULL)),
    CHECK ((restock_last IS NULL) = (restock_precision IS NULL)),
    CHECK ((shown = 'low') = (shown_units IS NOT NULL)),
    CHECK ((shown = 'all_held') = (shown_until IS NOT NULL))
) WITHOUT ROWID;
INSERT INTO skus_2 (sku, product_id, title, category, options, price_minor, currency, url, image,
    restock_first, restock_last, restock_precision, version, changed_at, shown, shown_units)
SELECT sku, product_id, title, category, options, price_minor, currency, url, image,
    restock_first, restock_last, restock_precision, version, changed_at, shown, shown_units
FROM skus;
DROP TABLE skus;
ALTER TABLE skus_2 RENAME TO skus;
CREATE INDEX skus_dated ON skus (restock_last) WHERE shown = 'out_dated';

-- Where stock is. A location comes to be with its first balance.
CREATE TABLE locations (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL DEFAULT 'warehouse' CHECK (kind IN ('warehouse', 'store', 'supplier')),
    priority INTEGER NOT NULL DEFAULT 100 CHECK (priority >= 0), -- lower goes first
    region TEXT,
    cut_off TEXT -- HH:MM in the shop's zone
) WITHOUT ROWID;
INSERT INTO locations (name) SELECT DISTINCT location FROM balances;

-- What kits are made of.
CREATE TABLE components (
    kit TEXT NOT NULL,
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (kit, sku)
) WITHOUT ROWID;
CREATE INDEX components_by_sku ON components (sku);

ALTER TABLE balances ADD COLUMN held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0);
ALTER TABLE balances ADD COLUMN safety_stock INTEGER NOT NULL DEFAULT 0 CHECK (safety_stock >= 0);
-- How many movements made it; the last one's `n`.
ALTER TABLE balances ADD COLUMN moves INTEGER NOT NULL DEFAULT 0 CHECK (moves >= 0);

-- The movements anew, together by position and numbered there without a gap: to explain a number
-- reads its own movements and no others. `net` is the balance's after it, so the oldest that is
-- kept says what all those before it came to.
CREATE TABLE movements_2 (
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
INSERT INTO movements_2 (sku, location, n, at, kind, quantity, net, source, reason)
SELECT sku, location,
    ROW_NUMBER() OVER (PARTITION BY sku, location ORDER BY id), at, kind, quantity,
    SUM(quantity) OVER (PARTITION BY sku, location ORDER BY id), source, reason
FROM movements;
DROP TABLE movements;
ALTER TABLE movements_2 RENAME TO movements;
UPDATE balances SET moves = (SELECT COUNT(*) FROM movements
    WHERE movements.sku = balances.sku AND movements.location = balances.location);

-- Each count of what is there, right or wrong: how far the books had drifted.
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

-- Holds. Those that are open come together, so what is due is found among them without an index.
-- One that has ended is the record of it, for as long as commands are.
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
