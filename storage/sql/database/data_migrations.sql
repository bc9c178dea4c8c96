-- Changes of rows that follow a step of the schema.

-- name: unfinished
-- Those that are not done yet.
SELECT name FROM data_migrations WHERE finished_at IS NULL ORDER BY name
