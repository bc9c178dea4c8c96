-- Events of payment providers: stored once under the provider's id, applied in the order in which they came.

-- name: now
-- The time by the clock of workflows.
SELECT workflow_now()

-- name: store
-- Keeps an event of a provider ($1) under the id that it gave it ($2): its kind ($3), its body ($4), at a time ($5).
-- A row when it was not there.
INSERT INTO provider_events (provider, event_id, kind, body, received_at, next_attempt_at)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $5)
ON CONFLICT (provider, event_id) DO NOTHING
RETURNING id

-- name: take
-- Leases at most $2 events that are due by a time ($1), for $3 seconds: nobody else takes them meanwhile.
UPDATE provider_events e SET next_attempt_at = $1::timestamptz + make_interval(secs => $3::float8)
FROM (
    SELECT d.id FROM provider_events d
    WHERE d.state = 'waiting' AND d.next_attempt_at <= $1
    ORDER BY d.next_attempt_at, d.id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
) due
WHERE e.id = due.id
RETURNING e.id, e.provider, e.event_id, e.kind, e.body, e.received_at, e.attempts

-- name: settle
-- An event ($1) that was tried so often before ($2) has come to an end ($3) at a time ($4), with a reason ($5).
UPDATE provider_events SET
    state = $3, attempts = attempts + 1, next_attempt_at = NULL, error = $5,
    applied_at = CASE WHEN $3 = 'applied' THEN $4::timestamptz END,
    parked_at = CASE WHEN $3 = 'parked' THEN $4::timestamptz END
WHERE id = $1 AND state = 'waiting' AND attempts = $2
RETURNING id

-- name: again
-- An event ($1) that was tried so often before ($2) is tried again at a time ($3); why ($4).
UPDATE provider_events SET attempts = attempts + 1, next_attempt_at = $3, error = $4
WHERE id = $1 AND state = 'waiting' AND attempts = $2
RETURNING id

-- name: parked
-- How many events are parked.
SELECT count(*) FROM provider_events WHERE state = 'parked'

-- name: retry_parked
-- Parked events, or those of the ids named ($1), are tried anew from a time ($2) on; how many.
WITH again AS (
    UPDATE provider_events SET state = 'waiting', attempts = 0, parked_at = NULL, next_attempt_at = $2
    WHERE state = 'parked' AND ($1::uuid[] IS NULL OR id = ANY ($1))
    RETURNING id
)
SELECT count(*) FROM again
