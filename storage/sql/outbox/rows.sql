-- name: claim
-- The oldest due rows of a consumer ($1), of the kinds named ($2), that nobody else holds, locked: at
-- most $3 rows; what they refer to passes $4 with the last of them.
SELECT w.id, w.kind, w.conversation_ids, w.seqs, w.revs, w.user_ids, w.data, w.owner, w.created_at, w.tries,
       extract(epoch FROM clock_timestamp() - CASE
           WHEN w.owner IS NULL AND w.tries = 0 THEN w.available_at ELSE w.created_at
       END)::float8 AS age_s
FROM (
    SELECT b.*, sum(b.refs) OVER (ORDER BY b.id) - b.refs AS refs_before
    FROM (
        SELECT o.*, coalesce(greatest(cardinality(o.conversation_ids), cardinality(o.user_ids)), 1) AS refs
        FROM outbox o
        WHERE o.consumer = $1 AND o.kind = ANY ($2::text[]) AND o.available_at <= clock_timestamp()
        ORDER BY o.id
        LIMIT $3
        FOR UPDATE SKIP LOCKED
    ) b
) w
WHERE w.refs_before < $4
ORDER BY w.id

-- name: delete_claimed
-- Rows that are worked off, in the transaction that has locked them.
DELETE FROM outbox WHERE id = ANY ($1::bigint[])

-- name: hold_lease
-- Says that an owner of rows lives, as long as this connection does.
SELECT pg_advisory_lock_shared(hashtextextended('parley.owner:' || $1::uuid, 0))

-- name: timeline
-- Which of its histories this server writes: another one after a fail-over.
SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)
