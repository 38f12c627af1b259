-- The last that was heard of an order's promises, and the last message about them.
ALTER TABLE order_contacts ADD COLUMN heard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_contacts ADD COLUMN message TEXT;

-- Messages that are sent as one mail: its id, for each of them. Set with the first lease of a `back`,
-- also of one that goes alone: what is in a mail that may have been sent does not change.
ALTER TABLE messages ADD COLUMN digest TEXT;
CREATE INDEX messages_digest ON messages (digest) WHERE digest IS NOT NULL;
CREATE INDEX messages_to_join ON messages (hash) WHERE kind = 'back' AND digest IS NULL;
