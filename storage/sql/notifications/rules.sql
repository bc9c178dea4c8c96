-- name: of_messages
-- Who should hear of messages: those named in them, and whom they answer. Nobody hears of own
-- messages, of one with whom there is a block, of what is read already, or from a conversation that is muted or
-- left, nor whose account is closed.
WITH message AS (
    SELECT m.conversation_id, m.seq, m.id, m.sender_id, m.mentions, m.parent_id
    FROM unnest($1::uuid[], $2::bigint[]) AS r(conversation_id, seq)
    CROSS JOIN LATERAL message_at(r.conversation_id, r.seq) m
    WHERE NOT m.is_deleted
), heard AS (
    SELECT message.*, u.user_id, 'message.mention' AS type
    FROM message, unnest(message.mentions) AS u(user_id)
    UNION ALL
    SELECT message.*, parent.sender_id, 'message.reply'
    FROM message
    CROSS JOIN LATERAL message_at(message.conversation_id, uuid7_seq(message.parent_id)) parent
    WHERE parent.id = message.parent_id AND parent.type <> 'system'
      AND parent.sender_id <> ALL (coalesce(message.mentions, '{}'))
)
SELECT h.user_id, h.type, h.conversation_id, h.seq, h.id AS message_id, h.sender_id
FROM heard h
JOIN conversation_participants p ON p.conversation_id = h.conversation_id AND p.user_id = h.user_id
JOIN users u ON u.id = h.user_id AND u.status NOT IN ('deleted', 'anonymized')
WHERE h.user_id <> h.sender_id AND p.left_at IS NULL AND NOT p.is_muted AND p.last_read_seq < h.seq
  AND NOT EXISTS (
      SELECT 1 FROM user_blocks b
      WHERE (b.blocker_id = h.user_id AND b.blocked_id = h.sender_id)
         OR (b.blocker_id = h.sender_id AND b.blocked_id = h.user_id)
  )
ORDER BY h.conversation_id, h.seq, h.user_id

-- name: of_invitations
-- The groups that people were taken into, as far as they still are in them. Of a contract's room they
-- are told by the contract.
SELECT p.user_id, c.id AS conversation_id, c.last_seq
FROM unnest($1::uuid[], $2::uuid[]) AS r(conversation_id, user_id)
JOIN conversations c ON c.id = r.conversation_id AND c.type <> 'direct'
JOIN conversation_participants p ON p.conversation_id = r.conversation_id
    AND p.user_id = r.user_id AND p.left_at IS NULL AND NOT p.is_muted
JOIN users u ON u.id = r.user_id AND u.status NOT IN ('deleted', 'anonymized')
WHERE NOT is_room_of_contract(c.id)
