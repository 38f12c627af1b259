-- As whom a shop speaks to shoppers, and where a claim is bought without scripts: see `Brand` in
-- crates/store/src/shop.rs.
ALTER TABLE shop ADD COLUMN name TEXT;
ALTER TABLE shop ADD COLUMN color TEXT;
ALTER TABLE shop ADD COLUMN checkout_url TEXT;

-- Places that have ended, by when: they go after a while.
CREATE INDEX places_ended ON places (changed_at) WHERE state NOT IN ('waiting', 'offered');
