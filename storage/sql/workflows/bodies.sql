-- What bodies of transitions name.

-- name: strange_files
-- Those of the files $1 that are not there, or not the user's ($2).
SELECT i AS id FROM unnest($1::uuid[]) i
WHERE NOT EXISTS (SELECT FROM files f WHERE f.id = i AND f.owner_id = $2 AND f.state = 'ready')
