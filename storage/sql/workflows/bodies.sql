-- What bodies of transitions name.

-- name: own_files
-- Which of the files $1 are whole, and the user $2's own.
SELECT f.id FROM files f WHERE f.id = ANY ($1::uuid[]) AND f.owner_id = $2 AND f.state = 'ready'
