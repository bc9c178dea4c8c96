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
