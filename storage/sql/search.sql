-- name: find
-- A page of what a query finds in the user's conversations (or in one), newest first, below a position.
-- A message emptied since it was indexed comes as a position without a message.
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

-- name: try_to_be_the_indexer
-- One indexer at a time: two could read a message in different states and write the older one last.
SELECT pg_try_advisory_xact_lock(7237533916302115)

-- name: index
-- Brings the index to the present state of messages: what has no text (any more) is taken out.
WITH state AS MATERIALIZED (
    SELECT m.conversation_id, m.seq, m.created_at,
           CASE WHEN NOT m.is_deleted THEN m.content END AS content
    FROM (
        SELECT DISTINCT r.conversation_id, r.seq
        FROM unnest($1::uuid[], $2::bigint[]) AS r(conversation_id, seq)
    ) r
    CROSS JOIN LATERAL (
        SELECT cm.month FROM conversation_months cm
        WHERE cm.conversation_id = r.conversation_id AND cm.first_seq <= r.seq
        ORDER BY cm.month DESC
        LIMIT 1
    ) b
    CROSS JOIN LATERAL (
        SELECT s.* FROM messages s
        WHERE s.conversation_id = r.conversation_id AND s.seq = r.seq
          AND s.created_at >= b.month AND s.created_at < next_month(b.month)
        LIMIT 1
    ) m
), emptied AS (
    DELETE FROM message_search s USING state t
    WHERE s.conversation_id = t.conversation_id AND s.seq = t.seq
      AND coalesce(t.content, '') = ''
)
INSERT INTO message_search (conversation_id, seq, created_at, tokens)
SELECT t.conversation_id, t.seq, t.created_at, search_tokens(t.content)
FROM state t
WHERE t.content <> ''
ON CONFLICT (conversation_id, seq) DO UPDATE SET tokens = excluded.tokens
