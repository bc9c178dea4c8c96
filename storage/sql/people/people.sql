-- name: find
-- Whom a user finds by name, the nearest first.
SELECT user_id, display_name, kind, avatar FROM find_people($1, $2, $3)

-- name: suffices
-- Whether a query is long enough to be looked for.
SELECT search_suffices($1) AS suffices
