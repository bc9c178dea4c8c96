-- name: claim
-- Takes the oldest due rows of a consumer that nobody else holds. The array is computed once: as a
-- plain IN the choice could be made anew for each row.
DELETE FROM outbox WHERE id = ANY (ARRAY(
    SELECT o.id FROM outbox o
    WHERE o.consumer = $1 AND o.available_at <= clock_timestamp()
    ORDER BY o.id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
))
RETURNING id, kind, conversation_ids, seqs, revs, user_ids, data, owner, created_at,
          extract(epoch FROM clock_timestamp() - created_at)::float8 AS age_s

-- name: claim_to_publish
-- The oldest rows that wait to be published and that nobody else holds: what only relays publish ($4),
-- or all that is due, what an owner ($3) has, due or not, and what owners without a lease have. At most
-- $1 rows; what they refer to passes $2 with the last of them.
DELETE FROM outbox WHERE id = ANY (ARRAY(
    SELECT w.id FROM (
        SELECT b.id, sum(b.refs) OVER (ORDER BY b.id) - b.refs AS refs_before
        FROM (
            SELECT o.id,
                   coalesce(greatest(cardinality(o.conversation_ids), cardinality(o.user_ids)), 1) AS refs
            FROM outbox o
            WHERE o.consumer = 'realtime' AND CASE
                WHEN $4::boolean THEN o.owner IS NULL AND o.available_at <= clock_timestamp()
                ELSE o.available_at <= clock_timestamp() OR o.owner = $3::uuid
                    OR hashtextextended('parley.owner:' || o.owner, 0) <> ALL (ARRAY(
                        SELECT (l.classid::bigint << 32) | l.objid::bigint FROM pg_locks l
                        WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
                          AND l.database = (SELECT d.oid FROM pg_database d
                                            WHERE d.datname = current_database())
                    ))
                END
            ORDER BY o.id
            LIMIT $1
            FOR UPDATE SKIP LOCKED
        ) b
    ) w
    WHERE w.refs_before < $2
))
RETURNING id, kind, conversation_ids, seqs, revs, user_ids, data, owner, created_at,
          extract(epoch FROM clock_timestamp() - created_at)::float8 AS age_s

-- name: try_to_take_the_backlog
-- One relay at a time works on what waits: so it is told in the order of its ids.
SELECT pg_try_advisory_xact_lock(7237533916302116)

-- name: has_backlog
-- Whether the oldest row to be published, claimed or not, was stored longer ago than so many seconds.
SELECT coalesce((
    SELECT o.created_at < clock_timestamp() - make_interval(secs => $1::float8)
    FROM outbox o WHERE o.consumer = 'realtime' ORDER BY o.id LIMIT 1
), false)

-- name: hold_lease
-- Says that an owner of rows lives, as long as this connection does.
SELECT pg_advisory_lock_shared(hashtextextended('parley.owner:' || $1::uuid, 0))

-- name: timeline
-- Which of its histories this server writes: another one after a fail-over.
SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)
