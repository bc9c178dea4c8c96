-- What the source documents ask of rows, and what was not held. Rows of before are not read for it: they keep what
-- they have until they are written.

-- A job that others see is in a category. External ones are of the platform that they come from.
ALTER TABLE jobs ADD CONSTRAINT jobs_category_named
    CHECK (category_id IS NOT NULL OR status = 'draft' OR platform <> 'internal') NOT VALID;
ALTER TABLE user_private ADD CONSTRAINT user_private_email_is_one
    CHECK (email ~ '^[^[:space:]]+@[^[:space:]@]+$') NOT VALID;
-- No fee is below zero. Nothing fills this table yet, so there is nothing to read.
ALTER TABLE transactions ADD CONSTRAINT transactions_fees_positive
    CHECK (platform_fee >= 0 AND processing_fee >= 0 AND creator_fee >= 0);

-- Nothing fills it yet, and an index of a partitioned table cannot be made beside writers.
CREATE INDEX transactions_by_status ON transactions (status, created_at DESC, id DESC);
CREATE INDEX transactions_by_type ON transactions (type, created_at DESC, id DESC);
CREATE INDEX transactions_of_job ON transactions (job_id, created_at DESC, id DESC);
CREATE INDEX transactions_of_milestone ON transactions (milestone_id, created_at DESC, id DESC);
