-- What the merchant would offer instead of a SKU, the best first, one SKU a line.
ALTER TABLE skus ADD COLUMN chosen TEXT;
-- The same as it was found in the catalogue, what was chosen among it. Empty if there is nothing,
-- and NULL until it is looked for: see candidates.rs.
ALTER TABLE skus ADD COLUMN candidates TEXT;
ALTER TABLE staging ADD COLUMN chosen TEXT;
