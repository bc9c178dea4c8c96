-- Takes back what 0028 made.
DROP TRIGGER payout_methods_gone ON payout_methods;
DROP FUNCTION cancel_withdrawals_of_method();
DELETE FROM platform_settings WHERE key IN ('withdrawal_automatic_amount', 'deposit_return_retry_hours');
ALTER TABLE deposit_returns DROP COLUMN tried_at;
-- The version before does not know that a batch fails as a whole or is given up.
ALTER TABLE payout_batches DISABLE TRIGGER USER;
UPDATE payout_batches SET status = 'partially_failed' WHERE status IN ('failed', 'cancelled');
ALTER TABLE payout_batches ENABLE TRIGGER USER;
ALTER TABLE payout_batches DROP CONSTRAINT payout_batches_status_check;
ALTER TABLE payout_batches ADD CONSTRAINT payout_batches_status_check
    CHECK (status IN ('draft', 'submitted', 'settled', 'partially_failed'));
