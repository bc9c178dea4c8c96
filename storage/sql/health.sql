-- Whether PostgreSQL can do its work.

-- name: months_ahead
-- How many whole months after this one have a partition of messages; -1 when this one has none.
SELECT count(*)::integer - 1
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'messages'::regclass
  AND c.relname >= 'messages_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM');

-- name: outbox_age
-- The age in seconds of the oldest row of the outbox; no row when it is empty.
SELECT greatest(extract(epoch FROM clock_timestamp() - o.created_at), 0)::double precision
FROM outbox o
ORDER BY o.id
LIMIT 1;
