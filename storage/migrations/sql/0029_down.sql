-- Takes back what 0029 made.
ALTER TABLE workflow_clock DROP COLUMN jumped;
DROP FUNCTION timer_ready(timers, timestamptz);
DROP INDEX timers_due;
ALTER TABLE timers DROP COLUMN earliest;
CREATE INDEX timers_due ON timers (start, seconds) WHERE parked_at IS NULL AND told_at IS NULL;
DROP FUNCTION timer_earliest(timestamptz, float8, integer);
