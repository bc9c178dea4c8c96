-- name: facts
-- All that deliveries are judged by, as of one moment, with what they tell of. Of a conversation
-- `is_fresh` says whether there is a message that is unread, not deleted, and not told of before by
-- this way; `newest`, `sender_ids` and `count` are of those that are unread. `cap_left` is how many more
-- may be tried for now, what other workers are about to send counted, and `cap_free_at` when there is room
-- again. $3 are the settings that switch categories off.
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS a(user_id, id)
), wishes AS MATERIALIZED (
    SELECT * FROM notification_wishes(ARRAY(SELECT DISTINCT a.user_id FROM asked a))
)
SELECT d.id, d.user_id, d.channel, d.endpoint, d.group_key, d.edition, d.category, d.priority,
       d.attempts, d.tried_since, d.message_id, d.held_since, now() AS now, u.status AS account,
       w.chosen, w.quiet_hours, w.digest, w.digest_hour, w.digest_weekday, w.snooze_until,
       w.show_text, w.zone, coalesce(v.locale, w.locale) AS locale,
       n.id AS notification_id, n.type, n.data, n.told_count AS count, n.subject_type, n.subject_id, n.seq,
       n.actor_id, n.read_at IS NOT NULL OR n.archived_at IS NOT NULL
           OR coalesce(n.seq <= p.last_read_seq, false) AS is_read,
       n.ended, n.expires_at, n.updated_at, n.tells,
       p.left_at IS NOT NULL AS has_left, coalesce(p.is_muted, false) AS is_muted,
       n.category = 'message' AND EXISTS (
           SELECT FROM user_blocks k
           WHERE (k.blocker_id = d.user_id AND k.blocked_id = n.actor_id)
              OR (k.blocker_id = n.actor_id AND k.blocked_id = d.user_id)
       ) AS is_blocked,
       CASE WHEN n.news IS NOT NULL THEN coalesce(n.newest > coalesce(b.told, 0), false) END AS is_fresh,
       n.newest, n.sender_ids, b.told, b.again_at,
       d.priority <> 'urgent' AND EXISTS (
           SELECT FROM notification_deliveries o
           WHERE o.user_id = d.user_id AND o.channel = d.channel AND o.endpoint = d.endpoint
             AND o.group_key = d.group_key AND o.next_attempt_at IS NOT NULL
             AND o.edition > d.edition
             -- The later tells it all, if it goes now too.
             AND (o.next_attempt_at <= now() OR o.status = 'leased' AND d.group_key <> 'digest')
       ) AS is_followed,
       c.most - c.tried - c.leased AS cap_left, c.is_counted,
       coalesce(c.free_at, now() + interval '10 seconds') AS cap_free_at,
       setting_number('active_hold_seconds')::float8 AS hold_s,
       ARRAY(SELECT s.key FROM platform_settings s WHERE s.key = ANY ($3) AND s.value = 'false') AS off,
       e.email::text AS email, v.id AS device_id, v.platform, v.token, v.p256dh, v.auth
FROM asked a
CROSS JOIN LATERAL (
    -- One by one, here and below, however the planner counts them: it must not read the whole queue.
    SELECT * FROM notification_deliveries d WHERE d.user_id = a.user_id AND d.id = a.id LIMIT 1
) d
JOIN users u ON u.id = d.user_id
JOIN wishes w ON w.user_id = d.user_id
LEFT JOIN LATERAL (
    SELECT m.* FROM (
        SELECT i.user_id, i.notification_id FROM notification_delivery_items i
        WHERE i.user_id = d.user_id AND i.delivery_id = d.id AND d.group_key <> 'digest'
        LIMIT 1
    ) i
    CROSS JOIN LATERAL (
        SELECT m.*, delivery_told(m) AS tells, f.* FROM notifications m CROSS JOIN LATERAL news_of(m) f
        WHERE m.user_id = i.user_id AND m.id = i.notification_id
        LIMIT 1
    ) m
) n ON true
LEFT JOIN conversation_participants p ON n.subject_type = 'conversation'
    AND p.conversation_id = n.subject_id AND p.user_id = d.user_id
LEFT JOIN LATERAL delivery_before(d.user_id, d.channel, d.endpoint, d.group_key, n.id) b ON true
LEFT JOIN LATERAL (
    SELECT t.most, (
        SELECT count(*) FROM (
            SELECT FROM notification_deliveries s
            WHERE s.user_id = d.user_id AND s.channel = d.channel AND s.tried_since > now() - t.span
              AND delivery_cap(s.category) = delivery_cap(d.category) AND s.id <> d.id
            LIMIT t.most
        ) s
    ) AS tried, (
        SELECT s.tried_since + t.span FROM notification_deliveries s
        WHERE s.user_id = d.user_id AND s.channel = d.channel AND s.tried_since > now() - t.span
          AND delivery_cap(s.category) = delivery_cap(d.category) AND s.id <> d.id
        ORDER BY s.tried_since DESC
        OFFSET t.most - 1 LIMIT 1
    ) AS free_at, (
        SELECT count(*) FROM notification_deliveries s
        WHERE s.user_id = d.user_id AND s.channel = d.channel AND s.status = 'leased'
          AND s.lease <> d.lease AND s.id < d.id
          AND delivery_cap(s.category) = delivery_cap(d.category)
          AND (s.tried_since IS NULL OR s.tried_since <= now() - t.span)
    ) AS leased, coalesce(d.tried_since > now() - t.span, false) AS is_counted
    FROM (
        SELECT CASE d.channel WHEN 'push' THEN interval '1 hour' ELSE interval '1 day' END AS span,
               CASE d.channel WHEN 'push' THEN setting_number('pushes_per_hour')
                              ELSE setting_number('mails_per_day') END::integer AS most
    ) t
) c ON true
-- One that has no spelling of its own is another account's, or none: its owner is asked for another.
LEFT JOIN user_private e ON d.channel = 'email' AND e.user_id = d.user_id AND e.email_canonical IS NOT NULL
LEFT JOIN LATERAL (
    SELECT g.* FROM push_devices g
    JOIN sessions l ON l.id = g.session_id
    -- Only the endpoint of a push is a device's id. CASE, unlike AND, is held to this order.
    WHERE g.id = CASE d.channel WHEN 'push' THEN d.endpoint::uuid END AND g.user_id = d.user_id
      AND g.stale_at IS NULL AND (g.expires_at IS NULL OR g.expires_at > now())
      AND l.revoked_at IS NULL AND l.refresh_expires_at > now()
) v ON true
ORDER BY d.id

-- name: digest_items
-- What each digest carries, at most $5 of each, the newest first: what has come to wait for one since the last that was
-- sent, is unread, and is still wanted, of the categories $3. It carries nothing of those that are switched off ($4): such
-- rows come last, and say so. Only the first $6 have `data`. Each digest is looked at by itself and each row by its key,
-- whatever the planner knows of the tables. What was recorded while the last one was on its way, it may have carried.
SELECT a.id AS delivery_id, i.id, i.user_id, i.type, i.category, i.told_count AS count, i.subject_type, i.subject_id,
       i.seq, i.actor_id, i.newest, i.sender_ids, i.is_off, CASE WHEN i.place <= $6 THEN i.data ELSE '{}' END AS data
FROM (
    SELECT r.user_id, r.id,
           ARRAY(SELECT c FROM unnest($3::text[]) c WHERE delivery_wanted(r.user_id, c, 'email')) AS wanted,
           coalesce((
               SELECT s.sent_at - interval '10 minutes' FROM notification_deliveries s
               WHERE s.user_id = r.user_id AND s.channel = 'email' AND s.endpoint = 'email'
                 AND s.group_key = 'digest' AND s.status = 'sent'
               ORDER BY s.edition DESC
               LIMIT 1
           ), '-infinity') AS since
    FROM unnest($1::uuid[], $2::uuid[]) AS r(user_id, id)
    OFFSET 0
) a
CROSS JOIN LATERAL (
    SELECT n.*, o.is_off, row_number() OVER (ORDER BY o.is_off, n.updated_at DESC, n.id DESC) AS place
    FROM (
        SELECT DISTINCT x.notification_id
        FROM notification_deliveries d
        CROSS JOIN LATERAL (
            SELECT x.notification_id FROM notification_delivery_items x
            WHERE x.user_id = a.user_id AND x.delivery_id = d.id
            OFFSET 0
        ) x
        WHERE d.user_id = a.user_id AND d.status = 'cancelled' AND d.reason = 'digest' AND d.updated_at > a.since
          AND NOT EXISTS (
              SELECT FROM notification_delivery_items y
              CROSS JOIN LATERAL (
                  SELECT s.group_key, s.status, s.sent_at FROM notification_deliveries s
                  WHERE s.user_id = a.user_id AND s.id = y.delivery_id
                  OFFSET 0
              ) s
              WHERE y.user_id = a.user_id AND y.notification_id = x.notification_id
                AND s.group_key = 'digest' AND s.status = 'sent' AND s.sent_at >= d.updated_at
          )
    ) w
    CROSS JOIN LATERAL (
        SELECT n.*, f.* FROM notifications n CROSS JOIN LATERAL news_of(n) f
        WHERE n.user_id = a.user_id AND n.id = w.notification_id
        OFFSET 0
    ) n
    CROSS JOIN LATERAL (SELECT n.category = ANY ($4::text[]) AS is_off) o
    LEFT JOIN LATERAL (
        SELECT p.left_at, p.is_muted, p.last_read_seq FROM conversation_participants p
        WHERE n.subject_type = 'conversation' AND p.conversation_id = n.subject_id AND p.user_id = a.user_id
        OFFSET 0
    ) p ON true
    WHERE n.read_at IS NULL AND n.archived_at IS NULL AND n.category = ANY (a.wanted)
      AND (n.expires_at IS NULL OR n.expires_at > now())
      AND p.left_at IS NULL AND p.is_muted IS NOT TRUE
      AND (n.seq IS NULL OR p.last_read_seq IS NULL OR n.seq > p.last_read_seq) AND n.news IS DISTINCT FROM 0
    ORDER BY place
    LIMIT $5
) i
ORDER BY a.id, i.place
