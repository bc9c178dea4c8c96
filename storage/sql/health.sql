-- Whether PostgreSQL can do its work.

-- name: outbox_age
-- The age in seconds of the oldest row of the outbox; no row when it is empty.
SELECT greatest(extract(epoch FROM clock_timestamp() - o.created_at), 0)::double precision
FROM outbox o
ORDER BY o.id
LIMIT 1;
