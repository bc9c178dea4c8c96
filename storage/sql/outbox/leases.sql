-- Leases on rows of the outbox: owner and end of the lease stand in the row, and no transaction is open
-- while the owner works on it. They commit asynchronously: a lease that PostgreSQL loses as it dies means
-- that its row is told twice. A row without an owner is not one of a dead owner's, and that is said: while no
-- process holds its lock, NULL <> ALL of no locks is true.

-- name: lease
-- Leases the oldest rows of a consumer ($1), of the kinds named ($2), to an owner ($5) for $6 seconds: those
-- that are due and never had an owner ($8), or else all that are due, what an owner ($7) has, due or not,
-- and what owners without a connection that says they live have. At most $3 rows; what they refer to passes
-- $4 with the last of them. `owner` and `fence` are the owner before and until when that was so, in
-- microseconds, before this lease; `leased_at` is its time.
WITH now AS MATERIALIZED (
    SELECT clock_timestamp() AS at, set_config('synchronous_commit', 'off', true)
), taken AS MATERIALIZED (
    SELECT w.* FROM (
        SELECT b.*, sum(b.refs) OVER (ORDER BY b.id) - b.refs AS refs_before
        FROM (
            SELECT o.*,
                   coalesce(greatest(cardinality(o.conversation_ids), cardinality(o.user_ids)), 1) AS refs
            FROM outbox o
            WHERE o.consumer = $1 AND o.kind = ANY ($2::text[]) AND CASE
                WHEN $8::boolean THEN o.owner IS NULL AND o.available_at <= clock_timestamp()
                ELSE o.available_at <= clock_timestamp() OR o.owner = $7::uuid OR o.owner IS NOT NULL
                    AND hashtextextended('parley.owner:' || o.owner, 0) <> ALL (ARRAY(
                        SELECT (l.classid::bigint << 32) | l.objid::bigint FROM pg_locks l
                        WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
                          AND l.database = (SELECT d.oid FROM pg_database d
                                            WHERE d.datname = current_database())
                    ))
                END
            ORDER BY o.id
            LIMIT $3
            FOR UPDATE SKIP LOCKED
        ) b
    ) w
    WHERE w.refs_before < $4
), leased AS (
    -- The array is computed once: as a plain IN the choice could be made anew for each row.
    UPDATE outbox SET owner = $5, available_at = (SELECT at FROM now) + make_interval(secs => $6::float8)
    WHERE id = ANY (ARRAY(SELECT t.id FROM taken t))
)
SELECT t.id, t.kind, t.conversation_ids, t.seqs, t.revs, t.user_ids, t.data, t.owner, t.created_at, t.tries,
       extract(epoch FROM now.at - t.created_at)::float8 AS age_s,
       (extract(epoch FROM least(t.available_at, now.at)) * 1000000)::bigint - 1 AS fence,
       (extract(epoch FROM now.at) * 1000000)::bigint AS leased_at
FROM taken t, now
ORDER BY t.id

-- name: lease_in_order
-- Leases the oldest due rows of a consumer ($1), of the kinds named ($2), at most $3 rows and some $4 references,
-- to an owner ($5) for $6 seconds, and none behind a row that another living owner has. Columns as above.
SELECT * FROM lease_in_order($1, $2::text[], $3, $4, $5, $6::float8)

-- name: look
-- Whether `lease` would find something to take, and whether the oldest row of the kinds named ($2) that is
-- due or leased was stored more than $4 seconds ago. A lease is at most $5 seconds; $3 is an owner whose
-- rows may be taken, due or not. Rows that have failed wait for themselves.
SELECT EXISTS (
    SELECT FROM outbox o
    WHERE o.consumer = $1 AND o.kind = ANY ($2::text[]) AND (
        o.available_at <= clock_timestamp() OR o.owner = $3::uuid
        OR o.owner IS NOT NULL AND hashtextextended('parley.owner:' || o.owner, 0) <> ALL (ARRAY(
            SELECT (l.classid::bigint << 32) | l.objid::bigint FROM pg_locks l
            WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
              AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        ))
    )
) AS waits, coalesce((
    SELECT o.created_at < clock_timestamp() - make_interval(secs => $4::float8)
    FROM outbox o
    WHERE o.consumer = $1 AND o.kind = ANY ($2::text[]) AND o.tries = 0
      AND o.available_at <= clock_timestamp() + make_interval(secs => $5::float8)
    ORDER BY o.id
    LIMIT 1
), false) AS is_backlog

-- name: take_turn
-- True when it is the turn of an owner ($2) for $3 seconds: it was, or the one before has ended or is dead.
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO outbox_turns AS t (consumer, owner, until)
SELECT $1, $2, clock_timestamp() + make_interval(secs => $3::float8) FROM quick
ON CONFLICT (consumer) DO UPDATE SET owner = excluded.owner, until = excluded.until
WHERE t.owner = excluded.owner OR t.until <= clock_timestamp()
   OR hashtextextended('parley.owner:' || t.owner, 0) <> ALL (ARRAY(
        SELECT (l.classid::bigint << 32) | l.objid::bigint FROM pg_locks l
        WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
          AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
   ))
RETURNING true

-- name: renew
-- Renews the leases of an owner ($2) on rows ($3) of a consumer ($1), and its turn, to $4 seconds from now.
-- The rows that are still the owner's, and the time of the new lease in microseconds.
WITH now AS MATERIALIZED (
    SELECT clock_timestamp() AS at, set_config('synchronous_commit', 'off', true)
), turn AS (
    UPDATE outbox_turns SET until = (SELECT at FROM now) + make_interval(secs => $4::float8)
    WHERE consumer = $1 AND owner = $2
), kept AS (
    UPDATE outbox SET available_at = (SELECT at FROM now) + make_interval(secs => $4::float8)
    WHERE id = ANY ($3::bigint[]) AND owner = $2
    RETURNING id
)
SELECT count(*) AS kept, (extract(epoch FROM (SELECT at FROM now)) * 1000000)::bigint AS leased_at FROM kept

-- name: give_back
-- Ends the leases of an owner ($2) on rows ($3) of a consumer ($1), and its turn.
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), turn AS (
    UPDATE outbox_turns SET until = clock_timestamp() FROM quick WHERE consumer = $1 AND owner = $2
)
UPDATE outbox SET available_at = clock_timestamp() WHERE id = ANY ($3::bigint[]) AND owner = $2
