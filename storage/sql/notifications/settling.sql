-- name: turn
-- One transaction at a time notifies of what has happened, and closes: until it ends.
SELECT notifications_turn()

-- name: read
-- Closes what users have read in conversations. Answers how many.
SELECT settle_read($1::uuid[], $2::uuid[]) AS closed

-- name: deleted
-- Takes deleted messages, of conversations and seqs, out of what tells of them. Answers how many it ended.
SELECT settle_deleted($1::uuid[], $2::bigint[])

-- name: left
-- Closes what users have open of conversations that they have left.
SELECT count(settle_notifications(ARRAY[r.user_id], 'conversation', r.conversation_id, 'left'))
FROM (
    SELECT i.conversation_id, i.user_id
    FROM unnest($1::uuid[], $2::uuid[]) AS i(conversation_id, user_id)
    -- Who has joined again since has what came since.
    JOIN conversation_participants p ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id
        AND p.left_at IS NOT NULL
    ORDER BY i.user_id, i.conversation_id
) r

-- name: blocked
-- Closes what two users have open of each other's messages.
SELECT settle_blocked($1, $2)

-- name: account_closed
-- Closes all that users have open.
SELECT settle_closed_accounts($1::uuid[])
