-- Takes back what 0029 made.
INSERT INTO platform_settings (key, value, description, is_public, value_type, minimum, maximum) VALUES
    ('milestone_reminder_days', '12', 'The client is reminded of it', true, 'integer', 1, 365),
    ('review_publication_days', '7', 'A review is published though the other is missing', true, 'integer', 1, 365);
ALTER TABLE workflow_clock DROP COLUMN jumped;
DROP FUNCTION timer_ready(timers, timestamptz);
DROP INDEX timers_due;
ALTER TABLE timers DROP COLUMN earliest;
CREATE INDEX timers_due ON timers (start, seconds) WHERE parked_at IS NULL AND told_at IS NULL;
DROP FUNCTION timer_earliest(timestamptz, float8, integer);
