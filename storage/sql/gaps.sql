-- name: revs
-- Where conversations stand.
SELECT c.id, c.rev, c.last_seq FROM conversations c WHERE c.id = ANY ($1::uuid[])

-- name: large_of
-- The conversations of a user that have a channel of their own.
SELECT c.id, c.rev
FROM conversation_participants me
JOIN conversations c ON c.id = me.conversation_id
WHERE me.user_id = $1 AND me.left_at IS NULL AND c.fanout = 'conversation'
