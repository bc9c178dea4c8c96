-- name: delete_published
-- The rows of groups that are published.
DELETE FROM outbox WHERE id = ANY ($1::bigint[])

-- name: oldest_age_s
-- How long the oldest row that may be claimed has waited, by consumer.
SELECT consumer, extract(epoch FROM clock_timestamp() - min(available_at))::float8 AS age_s
FROM outbox WHERE available_at <= clock_timestamp() GROUP BY consumer
