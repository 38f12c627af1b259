-- Mails that were permitted, for a day.
CREATE TABLE permits (
    address INTEGER NOT NULL, -- a fingerprint that hundreds of the world's addresses have
    message BLOB NOT NULL, -- a keyed hash of the message's id: the same again is the same permission
    at INTEGER NOT NULL,
    PRIMARY KEY (address, message)
) WITHOUT ROWID;
CREATE INDEX permits_by_age ON permits (at);
