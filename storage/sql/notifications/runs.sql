-- name: claim
-- The oldest due rows of messages that may be unread, of the kinds named ($1), that nobody else holds, locked: at
-- most $2; what they refer to passes $3 with the last of them. And whether a row names what rows of its kind do.
SELECT w.id, w.kind, w.refs, w.is_whole, w.tries, w.created_at,
       extract(epoch FROM clock_timestamp() - CASE WHEN w.tries = 0 THEN w.available_at ELSE w.created_at END)::float8
           AS age_s
FROM (
    SELECT b.*, sum(b.refs) OVER (ORDER BY b.id) - b.refs AS refs_before
    FROM (
        SELECT o.id, o.kind, o.tries, o.available_at, o.created_at, coalesce(cardinality(o.conversation_ids), 1) AS refs,
               -- In arrays of another shape array_position refuses to look.
               CASE WHEN array_ndims(o.conversation_ids) = 1 AND array_ndims(o.seqs) = 1
                         AND (o.kind = 'message.created' OR array_ndims(o.user_ids) = 1)
                    THEN cardinality(o.conversation_ids) = cardinality(o.seqs)
                         AND array_position(o.conversation_ids, NULL) IS NULL
                         AND array_position(o.seqs, NULL) IS NULL
                         AND (o.kind = 'message.created' OR cardinality(o.user_ids) = cardinality(o.seqs)
                              AND array_position(o.user_ids, NULL) IS NULL)
                    ELSE false END AS is_whole
        FROM outbox o
        WHERE o.consumer = 'message_runs' AND o.kind = ANY ($1::text[]) AND o.available_at <= clock_timestamp()
        ORDER BY o.id
        LIMIT $2
        FOR UPDATE SKIP LOCKED
    ) b
) w
WHERE w.refs_before < $3
ORDER BY w.id

-- name: tell
-- Tells who has not read the conversations that rows of the outbox name of their unread runs. Answers how many.
SELECT tell_runs(array_agg(n.conversation_id), NULL, array_agg(n.seq))
FROM outbox o, unnest(o.conversation_ids, o.seqs) AS n(conversation_id, seq)
WHERE o.id = ANY ($1::bigint[])

-- name: tell_again
-- Looks again at the unread runs of the conversations and users that rows of the outbox name. Answers how many were
-- told.
SELECT tell_runs_again(array_agg(n.conversation_id), array_agg(n.user_id), array_agg(n.seq))
FROM outbox o, unnest(o.conversation_ids, o.user_ids, o.seqs) AS n(conversation_id, user_id, seq)
WHERE o.id = ANY ($1::bigint[])
