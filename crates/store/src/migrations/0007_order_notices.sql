-- What Outreach has to be told of lines of orders. A row says that there is something to tell, and
-- goes when Outreach has confirmed that version; what it is, is read when it is told.
CREATE TABLE order_notices (
    number INTEGER NOT NULL, -- the order's
    sku TEXT NOT NULL,
    version INTEGER NOT NULL, -- the number of the last event that it is about
    was_first TEXT, -- of a promise that moved: what the buyer was promised before
    was_last TEXT,
    was_precision TEXT,
    PRIMARY KEY (number, sku)
) WITHOUT ROWID;

-- What the buyer was promised before it came to be later, as long as they have not agreed to that.
ALTER TABLE order_lines ADD COLUMN moved_first TEXT;
ALTER TABLE order_lines ADD COLUMN moved_last TEXT;
ALTER TABLE order_lines ADD COLUMN moved_precision TEXT;
-- When they agreed last, and to which date: none, where nobody knew one.
ALTER TABLE order_lines ADD COLUMN agreed_at INTEGER;
ALTER TABLE order_lines ADD COLUMN agreed_first TEXT;
ALTER TABLE order_lines ADD COLUMN agreed_last TEXT;
ALTER TABLE order_lines ADD COLUMN agreed_precision TEXT;
