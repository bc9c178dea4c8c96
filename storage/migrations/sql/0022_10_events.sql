-- Events of payment providers: stored once, applied when what they are about is there, parked when it never comes.
-- Nothing has written to this table before, so its indexes are made at once.
ALTER TABLE provider_events
    ADD COLUMN state text NOT NULL DEFAULT 'waiting'
        CONSTRAINT provider_events_state_known CHECK (state IN ('waiting', 'applied', 'refused', 'parked')),
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN next_attempt_at timestamptz,
    ADD COLUMN parked_at timestamptz,
    ADD CONSTRAINT provider_events_waits CHECK ((state = 'waiting') = (next_attempt_at IS NOT NULL)) NOT VALID,
    ADD CONSTRAINT provider_events_parked CHECK ((state = 'parked') = (parked_at IS NOT NULL)) NOT VALID;
UPDATE provider_events SET
    state = CASE WHEN applied_at IS NULL THEN 'waiting' ELSE 'applied' END,
    next_attempt_at = CASE WHEN applied_at IS NULL THEN received_at END;
ALTER TABLE provider_events VALIDATE CONSTRAINT provider_events_waits;
ALTER TABLE provider_events VALIDATE CONSTRAINT provider_events_parked;

DROP INDEX provider_events_unapplied;
CREATE INDEX provider_events_due ON provider_events (next_attempt_at, id) WHERE state = 'waiting';
CREATE INDEX provider_events_parked ON provider_events (parked_at) WHERE state = 'parked';
