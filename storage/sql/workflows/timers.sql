-- Timers as the poller and operators see them. What is due is judged once more by the execution, under its locks.

-- name: clock
-- The time of workflows, and the clock that may have jumped: moves that a test makes on purpose are no jumps.
SELECT workflow_now() AS now, clock_timestamp() + c.jumped AS clock FROM workflow_clock c

-- name: due
-- At most $4 timers that are due at a time ($1) and whose machine ($2) and action ($3) are known, the earliest first.
-- Those that their setting has moved are left out first: to ask whether one is ready costs queries.
WITH lengths AS MATERIALIZED (
    SELECT s.key, setting_length(s.key) AS length FROM platform_settings s
    WHERE s.value_type = 'integer' AND s.key ~ '_(days|hours|minutes)$'
), near AS MATERIALIZED (
    SELECT t AS timer, t.id
    FROM timers t LEFT JOIN lengths l ON l.key = t.setting
    WHERE t.parked_at IS NULL AND t.told_at IS NULL AND t.earliest <= $1
      AND t.earliest + greatest(interval '0', l.length - make_interval(secs => t.seconds)) <= $1
      AND (t.machine, t.action) IN (
          SELECT k.machine, k.action FROM unnest($2::text[], $3::text[]) k (machine, action))
    ORDER BY t.earliest, t.id
)
SELECT n.id, (n.timer).machine, (n.timer).entity_id, (n.timer).action, (n.timer).attempts
FROM near n -- in its order: sorting once more would ask of all of them
WHERE timer_ready(n.timer, $1)
LIMIT $4

-- name: failed
-- A timer ($1) that had failed so often before ($2) has failed again, or has waited in vain if $3 is its number of
-- failures as before. It is tried again after $4 seconds; without them it is parked. Why: $5.
UPDATE timers t SET
    attempts = $3, last_error = $5,
    next_attempt_at = workflow_now() + make_interval(secs => $4::float8),
    parked_at = CASE WHEN $4::float8 IS NULL THEN workflow_now() END
WHERE t.id = $1 AND t.attempts = $2 AND t.parked_at IS NULL AND t.told_at IS NULL
RETURNING t.id

-- name: pause
-- Timers that move money wait from now on; why ($1). A row for who is the first to say so.
INSERT INTO timers_paused (since, reason) VALUES (workflow_now(), $1)
ON CONFLICT (is_only) DO NOTHING
RETURNING since

-- name: paused
-- Since when timers that move money wait, and why.
SELECT p.since, p.reason FROM timers_paused p

-- name: resume
-- Timers that move money go on.
DELETE FROM timers_paused RETURNING since

-- name: retry
-- Parked timers ($1) are tried again at once.
UPDATE timers t SET attempts = 0, next_attempt_at = NULL, parked_at = NULL
WHERE t.id = ANY ($1::uuid[]) AND t.parked_at IS NOT NULL
RETURNING t.id

-- name: list
-- At most $1 timers that are due, wait for another try, or are parked; the earliest first.
SELECT t.id, t.machine, t.entity_id, t.action, t.kind, t.number,
       CASE WHEN t.parked_at IS NOT NULL THEN 'parked'
            WHEN t.moves_money AND EXISTS (SELECT FROM timers_paused) THEN 'paused'
            WHEN t.next_attempt_at > workflow_now() THEN 'failing'
            ELSE 'due' END AS stands,
       timer_due(t) AS due_at, t.attempts, coalesce(t.last_error, '') AS last_error
FROM timers t
WHERE t.told_at IS NULL AND (t.parked_at IS NOT NULL OR t.earliest <= workflow_now())
  AND (t.parked_at IS NOT NULL OR timer_due(t) <= workflow_now())
ORDER BY t.earliest, t.id
LIMIT $1

-- name: figures
-- How many timers are parked, and whether those that move money are paused.
SELECT (SELECT count(*) FROM timers t WHERE t.parked_at IS NOT NULL) AS parked,
       EXISTS (SELECT FROM timers_paused) AS is_paused

-- name: advance
-- Moves the clock of workflows by $1 seconds; as a jump if $2.
UPDATE workflow_clock c SET
    ahead = c.ahead + make_interval(secs => $1::float8),
    jumped = c.jumped + CASE WHEN $2 THEN make_interval(secs => $1::float8) ELSE '0' END

-- name: told_clock
-- The time of workflows, and how many seconds it is ahead of the database's.
SELECT workflow_now() AS now, extract(epoch FROM c.ahead)::float8 AS ahead_s FROM workflow_clock c
