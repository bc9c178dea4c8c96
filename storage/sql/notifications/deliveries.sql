-- name: claim
-- Leases what is due by channel $2, and what others have let lapse, to $1 for $4 s, at most $3: what is
-- urgent, then what one person gets, and then what many get at once, to which one in ten is left.
WITH urgent AS MATERIALIZED (
    SELECT d.user_id, d.id FROM notification_deliveries d
    WHERE d.channel = $2 AND d.rank = 0 AND d.next_attempt_at <= now()
    ORDER BY d.next_attempt_at
    LIMIT $3
    FOR NO KEY UPDATE SKIP LOCKED
), own AS MATERIALIZED (
    SELECT d.user_id, d.id FROM notification_deliveries d
    WHERE d.channel = $2 AND d.rank = 1 AND d.next_attempt_at <= now()
    ORDER BY d.next_attempt_at
    LIMIT greatest($3 - (SELECT count(*) FROM urgent) - floor($3 / 10.0 + random())::integer, 0)
    FOR NO KEY UPDATE SKIP LOCKED
), bulk AS MATERIALIZED (
    SELECT d.user_id, d.id FROM notification_deliveries d
    WHERE d.channel = $2 AND d.rank = 2 AND d.next_attempt_at <= now()
    ORDER BY d.next_attempt_at
    LIMIT $3 - (SELECT count(*) FROM urgent) - (SELECT count(*) FROM own)
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE notification_deliveries d
SET lapses = CASE d.status WHEN 'leased' THEN d.lapses + 1 ELSE 0 END, status = 'leased', lease = $1::uuid,
    next_attempt_at = now() + make_interval(secs => $4::float8), updated_at = now()
FROM (SELECT * FROM urgent UNION ALL SELECT * FROM own UNION ALL SELECT * FROM bulk) taken
WHERE d.user_id = taken.user_id AND d.id = taken.id
RETURNING d.user_id, d.id, d.lease, d.lapses

-- name: renew
-- Holds leases for $4 s from now; answers those that are still their holders'.
SELECT id FROM renew_deliveries($1, $2, $3, $4) AS r(id)

-- name: record
-- Records what became of deliveries whose lease is still held, and what digests among them carried;
-- answers which were recorded. Each array has an element a delivery, but the last two, which are of
-- what digests carried: notification and delivery.
SELECT id FROM record_deliveries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS r(id)

-- name: record_digested
-- Records that deliveries wait for digests, which end at $4; answers which were recorded.
SELECT id FROM record_digested($1, $2, $3, $4) AS r(id)

-- name: of_notification
-- The deliveries of a notification of $2, the newest first, for its person and staff. By a channel that has
-- none, a row without an id says why, as things stand now: none is queued of what is read, nor where nobody
-- wants it or nothing takes it. It has no status where that cannot be told, such as after $4 days, when
-- deliveries are not kept any more. No row for others, and where there is no such notification.
WITH told AS MATERIALIZED (
    SELECT n.* FROM notifications n
    WHERE n.user_id = $2 AND n.id = $3 AND ($1::uuid = $2::uuid OR EXISTS (
        SELECT FROM users u WHERE u.id = $1 AND u.staff_role IS NOT NULL AND u.status = 'active'
    ))
), queued AS MATERIALIZED (
    SELECT d.* FROM told n
    JOIN notification_delivery_items i ON i.user_id = n.user_id AND i.notification_id = n.id
    JOIN notification_deliveries d ON d.user_id = i.user_id AND d.id = i.delivery_id
    ORDER BY d.created_at DESC, d.id DESC
    LIMIT 100
), missing AS (
    SELECT c.channel, n.updated_at, CASE
        WHEN n.updated_at < now() - make_interval(days => $4) THEN NULL
        WHEN n.ended IS NOT NULL THEN n.ended
        WHEN n.read_at IS NOT NULL THEN 'read'
        WHEN p.is_muted THEN 'muted'
        WHEN NOT delivery_wanted(n.user_id, n.category, c.channel) THEN 'preference_off'
        WHEN c.channel = 'push' AND NOT EXISTS (
            SELECT FROM push_devices g
            JOIN sessions l ON l.id = g.session_id AND l.revoked_at IS NULL AND l.refresh_expires_at > now()
            WHERE g.user_id = n.user_id AND g.platform = 'web' AND g.stale_at IS NULL
              AND (g.expires_at IS NULL OR g.expires_at > now())
        ) THEN 'device_gone'
    END AS reason
    FROM told n
    CROSS JOIN (VALUES ('email'), ('push')) AS c(channel)
    LEFT JOIN conversation_participants p ON n.subject_type = 'conversation'
        AND p.conversation_id = n.subject_id AND p.user_id = n.user_id
    WHERE NOT EXISTS (SELECT FROM queued d WHERE d.channel = c.channel)
)
SELECT d.id, d.channel, d.status, d.reason, d.attempts, d.next_attempt_at, d.sent_at, d.created_at,
       d.group_key = 'digest' AS is_digest
FROM queued d
UNION ALL
SELECT NULL, m.channel, CASE m.reason WHEN 'device_gone' THEN 'suppressed' ELSE m.instead END, m.reason, 0,
       NULL, NULL, m.updated_at, false
FROM (SELECT m.*, CASE WHEN m.reason IS NOT NULL THEN 'cancelled' END AS instead FROM missing m) m
ORDER BY created_at DESC, id DESC

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
SET status = 'pending', reason = NULL, attempts = 0, tried_since = NULL, next_attempt_at = now(), updated_at = now()
WHERE d.status = 'dead' AND ($1::uuid[] IS NULL OR d.id = ANY ($1))
  AND ($2::text IS NULL OR d.channel = $2) AND ($3::text IS NULL OR d.category = $3)
RETURNING d.id

-- name: oldest_due_s
-- For how many seconds the oldest delivery of each channel has been due; 0 where none is.
SELECT c.channel, coalesce(extract(epoch FROM now() - min(o.next_attempt_at)), 0)::float8 AS oldest_s
FROM unnest(ARRAY['email', 'push']) AS c(channel)
CROSS JOIN generate_series(0, 2) AS r(rank)
LEFT JOIN LATERAL (
    SELECT d.next_attempt_at FROM notification_deliveries d
    WHERE d.channel = c.channel AND d.rank = r.rank AND d.next_attempt_at <= now()
    ORDER BY d.next_attempt_at
    LIMIT 1
) o ON true
GROUP BY c.channel
