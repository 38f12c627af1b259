-- How the shop serves its waitlists: see `Policy` in crates/ledger/src/waitlist.rs.
ALTER TABLE shop ADD COLUMN wave INTEGER NOT NULL DEFAULT 100 CHECK (wave > 0);
ALTER TABLE shop ADD COLUMN window_ms INTEGER NOT NULL DEFAULT 86400000 CHECK (window_ms > 0);
ALTER TABLE shop ADD COLUMN min_restock INTEGER NOT NULL DEFAULT 1 CHECK (min_restock > 0);
ALTER TABLE shop ADD COLUMN shelf_percent INTEGER NOT NULL DEFAULT 0
    CHECK (shelf_percent BETWEEN 0 AND 100);
ALTER TABLE shop ADD COLUMN smaller INTEGER NOT NULL DEFAULT 0 CHECK (smaller IN (0, 1));

-- It has a row in waitlists: without it nobody looks there.
ALTER TABLE skus ADD COLUMN waited_for INTEGER NOT NULL DEFAULT 0 CHECK (waited_for IN (0, 1));

-- The hold is a claim of this SKU, which may be a kit: its place has the hold's id.
ALTER TABLE holds ADD COLUMN claim TEXT;

-- How the waitlist of a SKU stands: see `Waitlist` in crates/ledger/src/waitlist.rs.
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
CREATE INDEX waitlists_due ON waitlists (sku) WHERE due = 1;

-- Who waits, by an opaque id: who that is, the Outreach object knows.
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
CREATE INDEX places_of ON places (sku, state, n);

-- What Outreach has still to be told of a place. The row goes when it has confirmed that.
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
