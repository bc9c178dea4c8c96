-- What of notifications is old: found person by person, by the keys that the tables have anyway.

-- name: people
-- The next $2 people after one ($1), by their ids.
SELECT u.id FROM users u WHERE u.id > $1 ORDER BY u.id LIMIT $2

-- name: notifications
-- Removes at most $3 notifications of people ($1) that were made before a time ($4), whose first id is $2, and have not
-- changed since: what is repeated begins anew. In any state; those whose unread figures are others now hear of it. How
-- many were removed.
WITH old AS MATERIALIZED (
    SELECT n.user_id, n.id FROM notifications n
    WHERE n.user_id = ANY ($1::uuid[]) AND n.id < $2 AND n.updated_at < $4
    ORDER BY n.user_id, n.id LIMIT $3
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM notifications n USING old o WHERE n.user_id = o.user_id AND n.id = o.id
    RETURNING n.user_id, n.read_at IS NULL AND n.archived_at IS NULL AS was_unread
), told AS (
    INSERT INTO outbox (consumer, kind, user_ids)
    SELECT 'realtime', 'unread.changed', array_agg(DISTINCT g.user_id) FROM gone g WHERE g.was_unread
    HAVING count(*) > 0
)
SELECT count(*) FROM gone

-- name: deliveries
-- Removes at most $3 deliveries of people ($1) that were made before a time ($4), whose first id is $2, and had come to
-- their end by then: caps and digests go by what was sent, however long it had waited. How many were removed.
WITH old AS MATERIALIZED (
    SELECT d.user_id, d.id FROM notification_deliveries d
    WHERE d.user_id = ANY ($1::uuid[]) AND d.id < $2 AND d.next_attempt_at IS NULL
      AND d.updated_at < $4
    ORDER BY d.user_id, d.id LIMIT $3
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM notification_deliveries d USING old o WHERE d.user_id = o.user_id AND d.id = o.id
    RETURNING d.id
)
SELECT count(*) FROM gone

-- name: announcements
-- Removes announcements that ended before a time ($1): the notifications of them are as old. How many were removed.
WITH gone AS (
    DELETE FROM announcements a WHERE a.ended_at < $1 RETURNING a.id
)
SELECT count(*) FROM gone
