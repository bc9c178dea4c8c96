-- name: typing
-- Who may see the caller ($2) typing in a conversation ($1): the others who wrote there, when the
-- caller did, without a block either way, up to the bound ($3) of people. No row for a stranger.
SELECT CASE WHEN p.has_written AND c.participant_count <= $3 THEN (
           SELECT array_agg(o.user_id) FROM conversation_participants o
           WHERE o.conversation_id = c.id AND o.user_id <> $2 AND o.left_at IS NULL AND o.has_written
             AND NOT EXISTS (SELECT 1 FROM user_blocks b
                             WHERE b.blocker_id = o.user_id AND b.blocked_id = $2)
             AND NOT EXISTS (SELECT 1 FROM user_blocks b
                             WHERE b.blocker_id = $2 AND b.blocked_id = o.user_id)
       ) END AS user_ids
FROM conversations c
JOIN conversation_participants p
  ON p.conversation_id = c.id AND p.user_id = $2 AND p.left_at IS NULL
WHERE c.id = $1

-- name: visible
-- Of these users ($2), those whose presence the caller ($1) may see: both wrote in a conversation
-- that both are in, and neither has blocked the other.
SELECT DISTINCT o.user_id
FROM conversation_participants p
JOIN conversation_participants o
  ON o.conversation_id = p.conversation_id AND o.user_id <> p.user_id
 AND o.left_at IS NULL AND o.has_written
WHERE p.user_id = $1 AND p.left_at IS NULL AND p.has_written
  AND o.user_id = ANY ($2::uuid[])
  AND NOT EXISTS (SELECT 1 FROM user_blocks b
                  WHERE b.blocker_id = o.user_id AND b.blocked_id = $1)
  AND NOT EXISTS (SELECT 1 FROM user_blocks b
                  WHERE b.blocker_id = $1 AND b.blocked_id = o.user_id)
