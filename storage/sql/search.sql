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

-- name: try_to_be_the_indexer
-- One indexer at a time: two could read a page in different states and write the older one last.
SELECT pg_try_advisory_xact_lock(7237533916302115)

-- name: keep_words
-- Works off at most so many rows of the outbox, keeping the words of pages; returns how many there were.
SELECT keep_message_words($1)
