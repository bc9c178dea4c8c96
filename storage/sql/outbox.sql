-- name: delete_published
-- The rows of groups that are published, but for those that a relay is just telling once more.
DELETE FROM outbox WHERE id = ANY (ARRAY(
    SELECT o.id FROM outbox o WHERE o.id = ANY ($1::bigint[]) FOR UPDATE SKIP LOCKED
))

-- name: oldest_age_s
-- How long the oldest row that may be claimed has waited, by consumer.
SELECT consumer, extract(epoch FROM clock_timestamp() - min(available_at))::float8 AS age_s
FROM outbox WHERE available_at <= clock_timestamp() GROUP BY consumer
