-- name: create
-- A new conversation, or the one that is meant.
SELECT verdict, conversation_id, retry_after_s
FROM start_conversation($1, $2, $3::uuid[], $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: update
-- Title and status.
SELECT verdict, seq, rev FROM update_conversation($1, $2, $3, $4, $5, $6)

-- name: settings
-- A member's own view.
SELECT verdict, seq, rev FROM set_conversation_settings($1, $2, $3, $4, $5, $6)

-- name: add_member
-- An owner takes somebody in.
SELECT verdict, conversation_id, retry_after_s FROM add_member($1, $2, $3, $4, $5, $6, $7)

-- name: remove_member
-- An owner puts somebody out.
SELECT verdict, seq, rev FROM remove_member($1, $2, $3, $4)

-- name: leave
-- A member goes.
SELECT verdict, seq, rev FROM leave_conversation($1, $2, $3)
