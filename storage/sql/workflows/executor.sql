-- What every execution asks of PostgreSQL, whatever its machine.

-- name: write
-- Writes the steps ($1) of an execution at the time $2.
SELECT workflow_write($1::text::jsonb, $2)

-- name: timer
-- A timer ($1) if it is to be carried out at the time $2, and when its action is done if that is a reminder.
SELECT t.kind, t.state, greatest(
    t.start + greatest(make_interval(secs => t.seconds), setting_length(t.setting)),
    $2::timestamptz + interval '24 hours') AS due_at
FROM timers t WHERE t.id = $1 AND timer_ready(t, $2)

-- name: reminded
-- A reminder ($1) is told at the time $2: in the transaction that notes its event.
UPDATE timers t SET told_at = $2, attempts = 0, next_attempt_at = NULL, last_error = NULL WHERE t.id = $1

-- name: end_timer
-- Takes a timer ($1) away, and its reminders.
DELETE FROM timers t USING timers d
WHERE d.id = $1 AND t.machine = d.machine AND t.entity_id = d.entity_id AND t.action = d.action

-- name: now
-- The time by the clock of workflows.
SELECT workflow_now()
