-- name: add
-- The user blocks another one.
SELECT block_user($1, $2, $3) AS verdict

-- name: remove
-- The user blocks another one no more.
SELECT unblock_user($1, $2) AS verdict

-- name: list
-- All of a user's blocks, newest first.
SELECT blocked_id, created_at FROM user_blocks
WHERE blocker_id = $1
ORDER BY created_at DESC, blocked_id
