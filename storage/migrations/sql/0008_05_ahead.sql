-- Who is told of a change is decided by its rev: rev N goes to those with joined_rev <= N <= left_rev, where
-- NULL is no bound.
ALTER TABLE conversation_participants ADD COLUMN IF NOT EXISTS joined_rev bigint NOT NULL DEFAULT 0;
ALTER TABLE conversation_participants ADD COLUMN IF NOT EXISTS left_rev bigint;

-- Who has left is found without reading all who are in it.
CREATE INDEX CONCURRENTLY IF NOT EXISTS conversation_participants_departed
    ON conversation_participants (conversation_id, left_rev) WHERE left_rev IS NOT NULL;
