-- What is done again and again: due by its row, done by who holds the lock of its name.

-- name: now
-- The time that all processes go by.
SELECT clock_timestamp()

-- name: declare
-- Adds what is not there ($1), due at $2. What waits for longer than to $3 has been given a shorter time, and has it now.
INSERT INTO schedules AS s (name, next_at)
SELECT n.name, n.first_at FROM unnest($1::text[], $2::timestamptz[]) AS n (name, first_at)
ORDER BY n.name
ON CONFLICT (name) DO UPDATE SET next_at = least(s.next_at, (
    SELECT l.at FROM unnest($1::text[], $3::timestamptz[]) AS l (name, at) WHERE l.name = EXCLUDED.name))

-- name: look
-- How those of these names ($1) stand: for how long each has been due, in seconds, below zero for one that is not yet;
-- whether it is due and nobody is at it; how often it has failed in a row. The lock is let go with the statement.
SELECT s.name, extract(epoch FROM clock_timestamp() - s.next_at)::float8 AS late_s, s.failures,
       CASE WHEN s.next_at <= clock_timestamp()
           THEN pg_try_advisory_xact_lock(hashtextextended('parley.schedule:' || s.name, 0)) ELSE false
       END AS is_ready
FROM schedules s WHERE s.name = ANY ($1::text[])

-- name: take
-- Takes the lock of a name for as long as the connection lasts; false where another holds it.
SELECT pg_try_advisory_lock(hashtextextended('parley.schedule:' || $1::text, 0))

-- name: begin
-- Begins with what is due; no row where another has done it meanwhile.
UPDATE schedules s SET last_started_at = clock_timestamp()
WHERE s.name = $1 AND s.next_at <= clock_timestamp()
RETURNING s.failures

-- name: end
-- Ends it: what came of it ($2), how often it has failed in a row ($3), and when it is due again ($4), which is earlier
-- where somebody has asked for it since it began.
UPDATE schedules s SET
    last_ended_at = clock_timestamp(), last_result = $2::text::jsonb, failures = $3,
    next_at = CASE WHEN s.next_at > s.last_started_at THEN least(s.next_at, $4) ELSE $4 END
WHERE s.name = $1

-- name: ask
-- Makes some ($1) due at once; the names of those that there are.
UPDATE schedules s SET next_at = clock_timestamp() WHERE s.name = ANY ($1::text[])
RETURNING s.name

-- name: list
-- All of them, by name.
SELECT s.name, s.next_at, s.last_started_at, s.last_ended_at, s.last_result, s.failures
FROM schedules s ORDER BY s.name
