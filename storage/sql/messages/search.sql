-- name: find
-- A page of what a query finds in the user's conversations (or in one), newest first, below a position.
-- A message emptied meanwhile comes as a position without a message.
SELECT hit.created_at AS hit_at, hit.conversation_id AS hit_conversation_id, hit.seq AS hit_seq, m.*
FROM find_messages($1, $2, $3, $4, $5, $6, $7)
     WITH ORDINALITY AS hit(conversation_id, seq, created_at, place)
LEFT JOIN LATERAL (
    SELECT n.* FROM shown_messages n
    WHERE n.conversation_id = hit.conversation_id AND n.seq = hit.seq
      AND n.created_at = hit.created_at AND NOT n.is_deleted
    LIMIT 1
) m ON true
ORDER BY hit.place

-- name: suffices
-- Whether a query is long enough to be looked for.
SELECT search_suffices($1)

-- name: claim
-- The oldest due rows for the index of the kinds named ($1), locked, at most $2; what they refer to passes $3
-- with the last of them, and whether a row names pages. None while another process is at it: two could read a
-- page in different states and write the older one last.
WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(7237533916302115) AS is_ours)
SELECT w.id, w.kind, w.refs, w.is_whole, w.tries, w.created_at,
       extract(epoch FROM clock_timestamp() - w.created_at)::float8 AS age_s
FROM (
    SELECT b.*, sum(b.refs) OVER (ORDER BY b.id) - b.refs AS refs_before
    FROM (
        SELECT o.id, o.kind, o.tries, o.created_at, coalesce(cardinality(o.conversation_ids), 1) AS refs,
               -- In arrays of another shape array_position refuses to look.
               CASE WHEN array_ndims(o.conversation_ids) = 1 AND array_ndims(o.seqs) = 1
                    THEN cardinality(o.conversation_ids) = cardinality(o.seqs)
                         AND array_position(o.conversation_ids, NULL) IS NULL
                         AND array_position(o.seqs, NULL) IS NULL
                    ELSE false END AS is_whole
        FROM outbox o
        WHERE (SELECT is_ours FROM turn) AND o.consumer = 'search' AND o.kind = ANY ($1::text[])
          AND o.available_at <= clock_timestamp()
        ORDER BY o.id
        LIMIT $2
        FOR UPDATE SKIP LOCKED
    ) b
) w
WHERE w.refs_before < $3
ORDER BY w.id

-- name: keep_words
-- Keeps the words of the pages that rows of the outbox name.
SELECT keep_message_words($1::bigint[])
