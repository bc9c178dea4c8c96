-- How things stand that a provider is asked for. Nothing is locked: executions judge under their locks.

-- name: deposit
-- The state of a deposit ($1).
SELECT d.status, d.provider_reference AS reference, 1 AS attempts FROM deposits d WHERE d.id = $1

-- name: deposit_return
-- The state of a return of a deposit ($1), and how often it was tried.
SELECT r.status, r.provider_reference AS reference, r.attempts FROM deposit_returns r WHERE r.id = $1

-- name: withdrawal
-- The state of a withdrawal ($1).
SELECT w.status, w.provider_reference AS reference, 1 AS attempts FROM withdrawals w WHERE w.id = $1

-- name: batch_of
-- The batch of a withdrawal ($1), if it is submitted, with the states of all that it pays.
SELECT b.id, array_agg(w.status) AS states FROM payout_batches b JOIN withdrawals w ON w.payout_batch_id = b.id
WHERE b.status = 'submitted' AND b.id = (SELECT o.payout_batch_id FROM withdrawals o WHERE o.id = $1)
GROUP BY b.id

-- name: unsettled
-- What has been under way since before a time ($1), for a month at most: kinds and keys, the oldest first.
SELECT u.kind, u.key FROM (
    SELECT 'charge' AS kind, d.id::text AS key, d.created_at AS since FROM deposits d
    WHERE d.status IN ('pending', 'processing')
    UNION ALL
    SELECT 'return', r.id || ':' || r.attempts, r.created_at FROM deposit_returns r
    WHERE r.status IN ('requested', 'processing') AND r.tried_at IS NULL
    UNION ALL
    SELECT 'payout', w.id::text, b.submitted_at FROM withdrawals w JOIN payout_batches b ON b.id = w.payout_batch_id
    WHERE w.status = 'processing'
) u
WHERE u.since BETWEEN $1::timestamptz - interval '30 days' AND $1
ORDER BY u.since
LIMIT 500
