-- name: claim
-- Leases what is due, and what others have let lapse, to $1 for $3 s: at most $2, of what many get at
-- once only what is left of them, but a few. A lapsed lease counts as a try.
WITH first AS MATERIALIZED (
    SELECT d.user_id, d.id FROM notification_deliveries d
    WHERE NOT d.is_bulk AND d.next_attempt_at <= now()
    ORDER BY d.next_attempt_at
    LIMIT $2 - least($2 / 10, 20)
    FOR NO KEY UPDATE SKIP LOCKED
), bulk AS MATERIALIZED (
    SELECT d.user_id, d.id FROM notification_deliveries d
    WHERE d.is_bulk AND d.next_attempt_at <= now()
    ORDER BY d.next_attempt_at
    LIMIT $2 - (SELECT count(*) FROM first)
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE notification_deliveries d
SET attempts = d.attempts + (d.status = 'leased')::integer, status = 'leased', lease = $1::uuid,
    next_attempt_at = now() + make_interval(secs => $3::float8), updated_at = now()
FROM (SELECT * FROM first UNION ALL SELECT * FROM bulk) taken
WHERE d.user_id = taken.user_id AND d.id = taken.id
RETURNING d.user_id, d.id

-- name: renew
-- Holds leases of $1 for $4 s from now; answers those that are still its own.
UPDATE notification_deliveries d SET next_attempt_at = now() + make_interval(secs => $4::float8)
FROM unnest($2::uuid[], $3::uuid[]) AS r(user_id, id)
WHERE d.user_id = r.user_id AND d.id = r.id AND d.lease = $1::uuid
RETURNING d.id

-- name: record
-- Records what became of deliveries whose lease $1 still holds, and what a digest among them carried;
-- answers which were recorded. Each array has an element a delivery, but the last two, which are of
-- what digests carried: notification and delivery.
WITH result AS (
    SELECT * FROM unnest(
        $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::integer[], $8::text[],
        $9::text[], $10::bigint[], $11::timestamptz[]
    ) AS r(user_id, id, status, reason, next_at, tries, message_id, error, told, held_since)
), recorded AS (
    UPDATE notification_deliveries d
    SET status = r.status, reason = r.reason, next_attempt_at = r.next_at, lease = NULL,
        attempts = d.attempts + r.tries, message_id = coalesce(r.message_id, d.message_id),
        error = r.error, told = r.told, held_since = coalesce(d.held_since, r.held_since),
        sent_at = CASE WHEN r.status = 'sent' THEN clock_timestamp() END, updated_at = clock_timestamp()
    FROM result r
    WHERE d.user_id = r.user_id AND d.id = r.id AND d.lease = $1::uuid
    RETURNING d.user_id, d.id
), carried AS (
    INSERT INTO notification_delivery_items (user_id, notification_id, delivery_id)
    SELECT c.user_id, i.notification_id, c.id
    FROM unnest($12::uuid[], $13::uuid[]) AS i(notification_id, delivery_id)
    JOIN recorded c ON c.id = i.delivery_id
)
SELECT c.id FROM recorded c

-- name: record_digested
-- Records that deliveries leased by $1 wait for digests, each for the one whose window ends at its
-- time, which is queued unless it is there. If that is on its way already, the delivery is judged
-- again, for the next.
WITH result AS (
    SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) AS r(user_id, id, ends_at)
), digest AS (
    INSERT INTO notification_deliveries AS d (
        user_id, channel, endpoint, group_key, edition, category, next_attempt_at)
    SELECT DISTINCT r.user_id, 'email', 'email', 'digest', extract(epoch FROM r.ends_at)::bigint,
           'digest', r.ends_at
    FROM result r
    ORDER BY r.user_id, 5
    ON CONFLICT ON CONSTRAINT deliveries_once DO UPDATE SET updated_at = clock_timestamp()
    WHERE d.status IN ('pending', 'deferred')
    RETURNING d.user_id, d.edition
)
UPDATE notification_deliveries d
SET status = CASE WHEN g.user_id IS NULL THEN 'deferred' ELSE 'cancelled' END, reason = 'digest',
    next_attempt_at = CASE WHEN g.user_id IS NULL THEN clock_timestamp() + interval '1 second' END,
    lease = NULL, error = NULL, updated_at = clock_timestamp()
FROM result r
LEFT JOIN digest g ON g.user_id = r.user_id AND g.edition = extract(epoch FROM r.ends_at)::bigint
WHERE d.user_id = r.user_id AND d.id = r.id AND d.lease = $1::uuid
RETURNING d.id

-- name: of_notification
-- The deliveries of a notification of $2, the newest first: for its person and staff, a row without a
-- delivery where there are none; no row for others, and where there is no such notification.
SELECT d.id, d.channel, d.status, d.reason, d.attempts, d.next_attempt_at, d.sent_at, d.created_at,
       d.group_key = 'digest' AS is_digest
FROM notifications n
LEFT JOIN notification_delivery_items i ON i.user_id = n.user_id AND i.notification_id = n.id
LEFT JOIN notification_deliveries d ON d.user_id = i.user_id AND d.id = i.delivery_id
WHERE n.user_id = $2 AND n.id = $3 AND ($1::uuid = $2::uuid OR EXISTS (
    SELECT FROM users u WHERE u.id = $1 AND u.staff_role IS NOT NULL AND u.status = 'active'
))
ORDER BY d.created_at DESC, d.id DESC
LIMIT 100

-- name: list_dead
-- What was given up, the oldest first.
SELECT d.id, d.user_id, d.channel, d.category, d.attempts, d.updated_at, coalesce(d.error, '') AS error
FROM notification_deliveries d
WHERE d.status = 'dead' AND ($1::text IS NULL OR d.channel = $1)
  AND ($2::text IS NULL OR d.category = $2)
ORDER BY d.updated_at, d.id
LIMIT $3

-- name: replay_dead
-- Puts what was given up back, to be judged and tried anew.
UPDATE notification_deliveries d
SET status = 'pending', reason = NULL, attempts = 0, next_attempt_at = now(), updated_at = now()
WHERE d.status = 'dead' AND ($1::uuid[] IS NULL OR d.id = ANY ($1))
  AND ($2::text IS NULL OR d.channel = $2) AND ($3::text IS NULL OR d.category = $3)
RETURNING d.id

-- name: oldest_due_s
-- For how many seconds the oldest delivery has been due; 0 where none is.
SELECT coalesce(extract(epoch FROM now() - min(o.next_attempt_at)), 0)::float8 AS oldest_s
FROM (
    (SELECT d.next_attempt_at FROM notification_deliveries d
     WHERE NOT d.is_bulk AND d.next_attempt_at <= now() ORDER BY d.next_attempt_at LIMIT 1)
    UNION ALL
    (SELECT d.next_attempt_at FROM notification_deliveries d
     WHERE d.is_bulk AND d.next_attempt_at <= now() ORDER BY d.next_attempt_at LIMIT 1)
) o
