-- Takes back what 0031 made.
DELETE FROM platform_settings WHERE key = 'deposit_largest_amount';
-- What was taken back comes to what was refused: nothing was given.
ALTER TABLE refunds DISABLE TRIGGER USER;
UPDATE refunds SET status = 'rejected' WHERE status = 'withdrawn';
ALTER TABLE refunds ENABLE TRIGGER USER;
ALTER TABLE refunds
    DROP CONSTRAINT refunds_status_check,
    ADD CONSTRAINT refunds_status_check CHECK (status IN ('requested', 'approved', 'rejected', 'succeeded'));
