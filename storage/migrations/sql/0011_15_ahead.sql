-- One spelling of an address is one account. email is as its owner wrote it; email_canonical is the one
-- spelling (storage/people/emails.py), NULL where another account has it, or the address is none by today's
-- rules. What is there is filled in afterwards, in batches (storage/people/email_upkeep.py).
ALTER TABLE user_private ADD COLUMN IF NOT EXISTS email_canonical citext;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS user_private_email_canonical_key ON user_private (email_canonical)
    WHERE email_canonical IS NOT NULL;

-- The version before looks accounts up by email; so does a login where email_canonical is NULL.
CREATE INDEX CONCURRENTLY IF NOT EXISTS user_private_email_idx ON user_private USING hash (email);
CREATE INDEX CONCURRENTLY IF NOT EXISTS user_private_without_canonical ON user_private (user_id)
    WHERE email_canonical IS NULL;
