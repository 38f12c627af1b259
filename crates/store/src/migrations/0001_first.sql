-- The shop's own row: settings as the merchant gave them.
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

-- Secret keys, as SHA-256 only.
CREATE TABLE keys (
    prefix TEXT PRIMARY KEY,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The catalogue, and beside it what shoppers were last shown of each SKU.
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

-- Which shown dates pass next: a handful of rows, so that the day's turn reads no others.
CREATE INDEX skus_dated ON skus (restock_last) WHERE shown = 'out_dated';

CREATE TABLE balances (
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    on_hand INTEGER NOT NULL CHECK (on_hand >= 0),
    shortfall INTEGER NOT NULL CHECK (shortfall >= 0),
    PRIMARY KEY (sku, location),
    CHECK (on_hand = 0 OR shortfall = 0)
) WITHOUT ROWID;

-- Append-only: what made the balances what they are.
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

-- The first answer to each command, refusals included.
CREATE TABLE commands (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    digest BLOB NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL
) WITHOUT ROWID;

-- What a receiver ('kv' or 'room/N') has still to be told. One row for each receiver and SKU: a
-- newer version replaces the older, and only the receiver's confirmation of that version closes
-- it. The empty SKU stands for the shop's own record.
CREATE TABLE outbox (
    receiver TEXT NOT NULL,
    sku TEXT NOT NULL,
    version INTEGER NOT NULL,
    since INTEGER NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (receiver, sku)
) WITHOUT ROWID;

-- Rooms that have sockets.
CREATE TABLE rooms (
    room INTEGER PRIMARY KEY,
    leased_until INTEGER NOT NULL
);

-- An import's rows until all of them are known to be good; by SKU, as they are applied.
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
