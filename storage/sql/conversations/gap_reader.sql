-- name: revs
-- Where conversations stand.
SELECT c.id, c.rev, c.last_seq FROM conversations c WHERE c.id = ANY ($1::uuid[])

-- name: large_of
-- The conversations of a user that have a channel of their own.
SELECT c.id, c.rev
FROM conversation_participants me
JOIN conversations c ON c.id = me.conversation_id
WHERE me.user_id = $1 AND me.left_at IS NULL AND c.fanout = 'conversation'

-- name: moved
-- Who has left conversations, or come in, after a rev of each: left_rev is NULL for those in it now.
SELECT p.conversation_id, p.user_id, p.joined_rev, p.left_rev, p.role, u.display_name
FROM unnest($1::uuid[], $2::bigint[]) AS r(conversation_id, rev)
JOIN conversation_participants p ON p.conversation_id = r.conversation_id
                                AND (p.left_rev > r.rev OR p.left_rev IS NULL AND p.joined_rev > r.rev)
JOIN users u ON u.id = p.user_id
