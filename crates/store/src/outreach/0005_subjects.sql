-- Whoever asks what is kept of them is found by their address everywhere.
CREATE INDEX messages_hash ON messages (hash);
CREATE INDEX proofs_hash ON proofs (hash);
