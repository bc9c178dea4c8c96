-- name: list
-- A user's saved texts, oldest first.
SELECT id, title, content, created_at FROM templates
WHERE user_id = $1 AND kind = 'message'
ORDER BY id

-- name: create
-- A new saved text.
SELECT create_template($1, $2, $3, $4) AS verdict

-- name: delete
-- A row when there was such a text of the user.
DELETE FROM templates WHERE user_id = $1 AND id = $2 AND kind = 'message' RETURNING id
