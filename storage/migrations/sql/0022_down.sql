-- Takes back what 0022 made.
DROP TRIGGER payout_methods_made ON payout_methods;
DROP FUNCTION stamp_by_workflow_clock();
DROP TRIGGER payment_methods_default ON payment_methods;
DROP TRIGGER payout_methods_default ON payout_methods;
DROP FUNCTION replace_default_method();
ALTER TABLE payment_methods ALTER COLUMN provider DROP DEFAULT;
ALTER TABLE payout_methods ALTER COLUMN provider DROP DEFAULT;

DROP TABLE local_provider_events;
DROP TABLE local_provider_operations;

DROP INDEX provider_events_due, provider_events_parked;
ALTER TABLE provider_events
    DROP COLUMN state, DROP COLUMN attempts, DROP COLUMN next_attempt_at, DROP COLUMN parked_at;
CREATE INDEX provider_events_unapplied ON provider_events (received_at) WHERE applied_at IS NULL;
