-- name: of_messages
-- Who should hear of messages: those named in them, and whom they answer. Nobody hears of own
-- messages, of one with whom there is a block, of what is read already, or from a conversation that is muted or
-- left.
WITH message AS (
    SELECT m.conversation_id, m.seq, m.id, m.sender_id, m.mentions, m.parent_id
    FROM unnest($1::uuid[], $2::bigint[]) AS r(conversation_id, seq)
    CROSS JOIN LATERAL (
        SELECT cm.month FROM conversation_months cm
        WHERE cm.conversation_id = r.conversation_id AND cm.first_seq <= r.seq
        ORDER BY cm.month DESC
        LIMIT 1
    ) b
    JOIN messages m ON m.conversation_id = r.conversation_id AND m.seq = r.seq
        AND m.created_at >= b.month AND m.created_at < next_month(b.month)
    WHERE NOT m.is_deleted
), heard AS (
    SELECT message.*, u.user_id, 'message.mention' AS type
    FROM message, unnest(message.mentions) AS u(user_id)
    UNION ALL
    SELECT message.*, parent.sender_id, 'message.reply'
    FROM message
    JOIN messages parent ON parent.conversation_id = message.conversation_id
        AND parent.seq = uuid7_seq(message.parent_id)
        AND parent.created_at = uuid7_time(message.parent_id)
        AND parent.id = message.parent_id
    WHERE parent.sender_id <> ALL (coalesce(message.mentions, '{}')) AND parent.type <> 'system'
)
SELECT h.user_id, h.type, h.conversation_id, h.seq, h.id AS message_id, h.sender_id
FROM heard h
JOIN conversation_participants p ON p.conversation_id = h.conversation_id AND p.user_id = h.user_id
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
WHERE NOT is_room_of_contract(c.id)
