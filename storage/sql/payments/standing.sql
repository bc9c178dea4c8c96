-- How things stand that a provider is asked for. Nothing is locked: executions judge under their locks.

-- name: deposit
-- The state of a deposit ($1). What is captured of it need not be what was asked for.
SELECT d.status, 1 AS attempts, NULL::numeric AS amount, d.currency FROM deposits d WHERE d.id = $1

-- name: deposit_return
-- The state of a return of a deposit ($1), how often it was tried, and what is to go back.
SELECT r.status, r.attempts, r.amount + r.processing_fee AS amount, r.currency FROM deposit_returns r WHERE r.id = $1

-- name: withdrawal
-- The state of a withdrawal ($1), and what is to be paid.
SELECT w.status, 1 AS attempts, w.amount, w.currency FROM withdrawals w WHERE w.id = $1

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
