-- What every execution asks of PostgreSQL, whatever its machine.

-- name: lock
-- Locks the users whose standing is judged ($1), those whose affairs change ($2), gigs, jobs, contracts and
-- deposits, each by id.
SELECT workflow_lock($1, $2, $3, $4, $5, $6)

-- name: write
-- Writes the steps ($1) of an execution at the time $2.
SELECT workflow_write($1::text::jsonb, $2)

-- name: idempotency
-- Takes the key $4 of a user ($1), a method and a path; and what it was answered with.
SELECT i.is_taken, i.request_hash, i.body, i.path, i.row_key, i.version, i.status FROM idempotency_begin($1, $2, $3, $4) i

-- name: keep
-- Remembers an answer; one that is older than a day makes room.
INSERT INTO idempotency_keys (user_id, method, path, key, request_hash, status, body, headers)
VALUES ($1, $2, $3, $4, $5, $6, $7, jsonb_build_object('key', $8::text, 'version', $9::integer,
                                                        'path', $10::text))
ON CONFLICT (user_id, method, path, key) DO UPDATE SET
    request_hash = EXCLUDED.request_hash, status = EXCLUDED.status, body = EXCLUDED.body,
    headers = EXCLUDED.headers, created_at = now()

-- name: timer
-- A timer ($1), and whether it is due at the time $2.
SELECT t.id, t.machine, t.entity_id, t.action, t.kind, t.state, t.told_at, timer_due(t) <= $2 IS TRUE AS is_due
FROM timers t WHERE t.id = $1 AND t.parked_at IS NULL

-- name: end_timer
-- Takes a timer away.
DELETE FROM timers t WHERE t.id = $1

-- name: now
-- The time by the clock of workflows.
SELECT workflow_now()
