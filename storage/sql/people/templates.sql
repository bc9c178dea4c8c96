-- name: list
-- A user's saved texts of a kind, oldest first.
SELECT id, title, content, created_at FROM templates
WHERE user_id = $1 AND kind = $2
ORDER BY id

-- name: create
-- A new saved text.
SELECT create_template($1, $2, $3, $4, $5) AS verdict

-- name: delete
-- The kind of a text of the user; no row when there was none.
DELETE FROM templates WHERE user_id = $1 AND id = $2 RETURNING kind
