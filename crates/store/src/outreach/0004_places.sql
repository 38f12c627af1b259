-- Places in the Shop object's waitlists, each of a sign-up that was confirmed: what the Shop object
-- knows of them, and what it has still to hear.
CREATE TABLE places (
    subscriber TEXT PRIMARY KEY, -- the place's id there
    shop TEXT NOT NULL, -- whose object that is
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    state TEXT NOT NULL, -- `joining`, `joined`, `told`, `leaving`, `waited_out`
    expires_at INTEGER -- of one that was told: then the row goes
) WITHOUT ROWID;
CREATE INDEX places_news ON places (subscriber) WHERE state IN ('joining', 'leaving', 'waited_out');
CREATE INDEX places_expiring ON places (expires_at) WHERE expires_at IS NOT NULL;
