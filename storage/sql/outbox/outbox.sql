-- name: delete_published
-- Rows whose events are published, or whose work is done, but for those that somebody is just taking again.
DELETE FROM outbox WHERE id = ANY (ARRAY(
    SELECT o.id FROM outbox o WHERE o.id = ANY ($1::bigint[]) FOR UPDATE SKIP LOCKED
))

-- name: put_back
-- Rows that have failed in themselves ($1) are due again after the pauses ($2, seconds); those of an owner
-- ($3) only, if one is named. They have no owner then.
UPDATE outbox o SET tries = o.tries + 1, owner = NULL,
                    available_at = clock_timestamp() + make_interval(secs => f.pause_s)
FROM unnest($1::bigint[], $2::float8[]) AS f(id, pause_s)
WHERE o.id = f.id AND ($3::uuid IS NULL OR o.owner = $3)

-- name: set_aside
-- Moves rows ($1) out of the way, each with what was wrong ($2); those of an owner ($3) only, if named.
WITH gone AS (
    DELETE FROM outbox o WHERE o.id = ANY ($1::bigint[]) AND ($3::uuid IS NULL OR o.owner = $3)
    RETURNING *
)
INSERT INTO outbox_aside (id, consumer, kind, conversation_ids, seqs, revs, user_ids, data, created_at,
                          tries, error)
SELECT g.id, g.consumer, g.kind, g.conversation_ids, g.seqs, g.revs, g.user_ids, g.data, g.created_at,
       g.tries + 1, f.error
FROM gone g JOIN unnest($1::bigint[], $2::text[]) AS f(id, error) ON f.id = g.id
ON CONFLICT (id) DO UPDATE SET tries = excluded.tries, error = excluded.error,
                               set_aside_at = excluded.set_aside_at

-- name: pause
-- Pauses those of the kinds ($2) of a consumer ($1) of which more than $3 rows were set aside within $4
-- seconds; the kinds that were not paused before.
INSERT INTO outbox_paused (consumer, kind, try_at)
SELECT a.consumer, a.kind, clock_timestamp() + make_interval(secs => $4::float8)
FROM outbox_aside a
WHERE a.consumer = $1 AND a.kind = ANY ($2::text[])
  AND a.set_aside_at > clock_timestamp() - make_interval(secs => $4::float8)
GROUP BY a.consumer, a.kind
HAVING count(*) > $3
ON CONFLICT (consumer, kind) DO NOTHING
RETURNING kind

-- name: paused
-- The kinds of a consumer that are paused, and whether a row of each may be tried now.
SELECT kind, try_at <= clock_timestamp() AS is_due FROM outbox_paused WHERE consumer = $1

-- name: take_trial
-- True for the one process that may try a row of a paused kind ($2) of a consumer ($1), once in $3 seconds.
UPDATE outbox_paused SET try_at = clock_timestamp() + make_interval(secs => $3::float8)
WHERE consumer = $1 AND kind = $2 AND try_at <= clock_timestamp()
RETURNING true

-- name: resume
-- A kind ($2) of a consumer ($1) is claimed again.
DELETE FROM outbox_paused WHERE consumer = $1 AND kind = $2

-- name: resume_without_rows
-- A kind ($2) of a consumer ($1) is claimed again when there is nothing of it to try: no row that is due, or has
-- failed and waits for its next try. True when that is so.
DELETE FROM outbox_paused p
WHERE p.consumer = $1 AND p.kind = $2 AND NOT EXISTS (
    SELECT FROM outbox o
    WHERE o.consumer = p.consumer AND o.kind = p.kind
      AND (o.available_at <= clock_timestamp() OR o.tries > 0)
)
RETURNING true

-- name: set_aside_unknown
-- Moves away rows of a consumer ($1) that are of none of the kinds ($2) and older than $3 seconds, at most
-- 1,000; how many of each kind.
WITH gone AS (
    DELETE FROM outbox WHERE id = ANY (ARRAY(
        SELECT o.id FROM outbox o
        WHERE o.consumer = $1 AND o.kind <> ALL ($2::text[])
          AND o.created_at < clock_timestamp() - make_interval(secs => $3::float8)
        ORDER BY o.id
        LIMIT 1000
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING *
), kept AS (
    INSERT INTO outbox_aside (id, consumer, kind, conversation_ids, seqs, revs, user_ids, data, created_at,
                              tries, error)
    SELECT id, consumer, kind, conversation_ids, seqs, revs, user_ids, data, created_at, tries,
           'no node knows this kind'
    FROM gone
    ON CONFLICT (id) DO NOTHING
)
SELECT kind, count(*) AS rows FROM gone GROUP BY kind

-- name: ages
-- The age in seconds of the oldest row of each consumer, of the kinds that are known ($1 and $2, by pairs):
-- since it was due, as some are meant for later; of one that is leased, or has failed, since it was made.
SELECT c.consumer, greatest(extract(epoch FROM clock_timestamp() - oldest.since), 0)::float8 AS age_s
FROM (
    SELECT k.consumer, array_agg(k.kind) AS kinds
    FROM unnest($1::text[], $2::text[]) AS k(consumer, kind) GROUP BY k.consumer
) c
LEFT JOIN LATERAL (
    SELECT CASE WHEN o.owner IS NULL AND o.tries = 0 THEN o.available_at ELSE o.created_at END AS since
    FROM outbox o
    WHERE o.consumer = c.consumer AND o.kind = ANY (c.kinds)
    ORDER BY o.id
    LIMIT 1
) oldest ON true

-- name: unknown
-- How many rows there are of kinds that are not known ($1 and $2, by pairs), among the first 10,000 of each
-- consumer.
SELECT c.consumer, o.kind, count(*) AS rows
FROM (
    SELECT k.consumer, array_agg(k.kind) AS kinds
    FROM unnest($1::text[], $2::text[]) AS k(consumer, kind) GROUP BY k.consumer
) c
CROSS JOIN LATERAL (
    SELECT w.kind FROM outbox w WHERE w.consumer = c.consumer ORDER BY w.id LIMIT 10000
) o
WHERE o.kind <> ALL (c.kinds)
GROUP BY c.consumer, o.kind

-- name: aside_counts
-- How many rows are set aside, by consumer and kind.
SELECT consumer, kind, count(*) AS rows FROM outbox_aside GROUP BY consumer, kind

-- name: paused_kinds
-- All kinds that are paused.
SELECT consumer, kind FROM outbox_paused

-- name: list_aside
-- What is set aside, oldest first: of a consumer ($1) and kind ($2) if they are named, at most $3 rows.
SELECT id, consumer, kind, error, tries, created_at, set_aside_at
FROM outbox_aside
WHERE ($1::text IS NULL OR consumer = $1) AND ($2::text IS NULL OR kind = $2)
ORDER BY id
LIMIT $3

-- name: retry_aside
-- Puts rows back into the outbox: those named ($1), or all, of a consumer ($2) and kind ($3) if they are
-- named. The ids that went.
WITH gone AS (
    DELETE FROM outbox_aside a
    WHERE ($1::bigint[] IS NULL OR a.id = ANY ($1)) AND ($2::text IS NULL OR a.consumer = $2)
      AND ($3::text IS NULL OR a.kind = $3)
    RETURNING *
), back AS (
    INSERT INTO outbox (id, consumer, kind, conversation_ids, seqs, revs, user_ids, data, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, consumer, kind, conversation_ids, seqs, revs, user_ids, data, created_at FROM gone
    ON CONFLICT (id) DO NOTHING
)
SELECT id FROM gone ORDER BY id

-- name: drop_aside
-- Forgets rows that are set aside: those named ($1), or all of a consumer ($2) and kind ($3) if they are
-- named. The ids that went.
DELETE FROM outbox_aside a
WHERE ($1::bigint[] IS NULL OR a.id = ANY ($1)) AND ($2::text IS NULL OR a.consumer = $2)
  AND ($3::text IS NULL OR a.kind = $3)
RETURNING a.id
