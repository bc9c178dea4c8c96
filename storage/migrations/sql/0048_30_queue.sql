-- Queueing deliveries, in the transaction that stores notifications or repeats them.

-- The edition of what a notification tells now: of an unread run its newest message, else when it last changed.
CREATE FUNCTION delivery_edition(p notifications) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p.type = 'message.run' THEN p.seq
                ELSE (extract(epoch FROM p.updated_at) * 1000)::bigint END
$$;

-- What a notification tells of: of a conversation up to which message, else when it last changed.
CREATE FUNCTION delivery_told(p notifications) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(p.seq, (extract(epoch FROM p.updated_at) * 1000)::bigint)
$$;

-- Who goes first of what is due; what many get at once goes last, however urgent. A test holds its types to those of
-- the program.
CREATE FUNCTION delivery_rank(p_type text, p_priority text) RETURNS smallint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_type IN ('announcement', 'saved_search.found') THEN 2
                WHEN p_priority = 'urgent' THEN 0 ELSE 1 END::smallint
$$;

-- By which of a person's two caps a delivery is counted; NULL for neither. A test holds it to the program.
CREATE FUNCTION delivery_cap(p_category text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_category = 'message' THEN 'message'
                WHEN p_category NOT IN ('security', 'payment') THEN 'other' END
$$;

-- Whether a person is told of a category by a channel. A test holds the defaults to those of the program.
CREATE FUNCTION delivery_wanted(p_user uuid, p_category text, p_channel text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_channel = 'email' AND p_category IN ('security', 'payment')
        OR coalesce(
            (SELECT f.is_enabled FROM notification_preferences f
             WHERE f.user_id = p_user AND f.category = p_category AND f.channel = p_channel),
            CASE p_channel WHEN 'email' THEN p_category <> 'marketing'
                           ELSE p_category IN ('message', 'contract', 'payment', 'security') END)
$$;

-- What was sent last of a group: when, what it told, and from when on the next may go. A push may follow
-- soon. By e-mail an unread run is told once a day, and anything else again only once what was told is read.
CREATE FUNCTION delivery_before(
    p_user uuid, p_channel text, p_endpoint text, p_group text, p_notification uuid
) RETURNS TABLE (sent_at timestamptz, told bigint, again_at timestamptz)
LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT d.sent_at, d.told, CASE
        WHEN p_channel = 'push' THEN d.sent_at + make_interval(secs => setting_number('push_again_seconds')::float8)
        WHEN p_group LIKE 'run:%' OR EXISTS (
            SELECT FROM notification_delivery_items i
            WHERE i.user_id = p_user AND i.notification_id = p_notification AND i.delivery_id = d.id
        ) THEN d.sent_at + setting_length('mail_again_hours')
    END
    FROM notification_deliveries d
    WHERE d.user_id = p_user AND d.channel = p_channel AND d.endpoint = p_endpoint AND d.group_key = p_group
      AND d.status = 'sent'
    ORDER BY d.edition DESC
    LIMIT 1
$$;

-- Queues deliveries of notifications: by e-mail, and to each device that takes pushes and is logged in. One that waits
-- and carries the same notification tells the newest when it is sent, and no other is queued. It is locked: a worker
-- that has taken it already may have looked before this transaction is there, and then another follows it. What is
-- urgent waits for none. An unread run has waited before it was stored.
-- Rows are looked up one by one, and IN by hash: the planner counts few of what an array names, and would read
-- whole tables of which it knows as little, or compare each row with each.
CREATE FUNCTION queue_deliveries(p_users uuid[], p_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_users uuid[];
    v_before uuid[];
BEGIN
    SELECT array_agg(r.user_id), array_agg(i.delivery_id) INTO v_users, v_before
    FROM unnest(p_users, p_ids) AS r(user_id, id)
    CROSS JOIN LATERAL (
        SELECT i.delivery_id FROM notification_delivery_items i
        WHERE i.user_id = r.user_id AND i.notification_id = r.id
        OFFSET 0
    ) i;
    IF v_users IS NOT NULL THEN
        PERFORM lock_deliveries(v_users, v_before);
    END IF;
    WITH pace AS MATERIALIZED (
        SELECT clock_timestamp() AS now,
               make_interval(secs => setting_number('push_wait_seconds')::float8) AS push,
               make_interval(secs => setting_number('mail_wait_seconds')::float8) AS mail
    ), stored AS MATERIALIZED (
        SELECT r.user_id, r.id, n.type, n.category, n.priority, n.edition,
               coalesce(n.group_key, 'id:' || r.id) AS group_key
        FROM unnest(p_users, p_ids) AS r(user_id, id)
        CROSS JOIN LATERAL (
            SELECT n.type, n.category, n.priority, n.group_key, n.read_at, n.archived_at, delivery_edition(n) AS edition
            FROM notifications n WHERE n.user_id = r.user_id AND n.id = r.id
            LIMIT 1
        ) n
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
    ), way AS MATERIALIZED (
        SELECT s.*, w.channel, w.endpoint, uuid7() AS delivery_id
        FROM stored s
        CROSS JOIN pace p
        CROSS JOIN LATERAL (
            SELECT 'email' AS channel, 'email' AS endpoint
            WHERE delivery_wanted(s.user_id, s.category, 'email')
            UNION ALL
            SELECT 'push', d.id::text FROM push_devices d
            WHERE d.user_id = s.user_id AND d.platform = 'web' AND d.stale_at IS NULL
              AND (d.expires_at IS NULL OR d.expires_at > p.now) AND delivery_wanted(d.user_id, s.category, 'push')
              AND EXISTS (
                  SELECT FROM sessions l
                  WHERE l.id = d.session_id AND l.revoked_at IS NULL AND l.refresh_expires_at > p.now
                  OFFSET 0
              )
        ) w
    ), waiting AS MATERIALIZED (
        SELECT r.user_id, d.channel, d.endpoint, d.group_key
        FROM unnest(v_users, v_before) AS r(user_id, id)
        CROSS JOIN LATERAL (
            SELECT d.channel, d.endpoint, d.group_key, d.status FROM notification_deliveries d
            WHERE d.user_id = r.user_id AND d.id = r.id
            LIMIT 1
        ) d
        WHERE d.status IN ('pending', 'deferred')
    ), queued AS (
        INSERT INTO notification_deliveries (
            id, user_id, channel, endpoint, group_key, edition, category, priority, rank, next_attempt_at)
        SELECT w.delivery_id, w.user_id, w.channel, w.endpoint, w.group_key, w.edition, w.category, w.priority,
               delivery_rank(w.type, w.priority), greatest(
            p.now + CASE WHEN w.channel = 'push' THEN p.push ELSE p.mail END
                  - CASE WHEN w.type = 'message.run' THEN least(p.push, p.mail) ELSE '0' END,
            CASE WHEN w.priority <> 'urgent' THEN b.again_at END)
        FROM way w
        CROSS JOIN pace p
        LEFT JOIN LATERAL delivery_before(w.user_id, w.channel, w.endpoint, w.group_key, w.id) b ON true
        WHERE w.priority = 'urgent' OR (w.user_id, w.channel, w.endpoint, w.group_key) NOT IN (
            SELECT o.user_id, o.channel, o.endpoint, o.group_key FROM waiting o
        )
        ON CONFLICT ON CONSTRAINT deliveries_once DO NOTHING
        RETURNING id
    )
    INSERT INTO notification_delivery_items (user_id, notification_id, delivery_id)
    SELECT w.user_id, w.id, w.delivery_id FROM way w
    WHERE (w.delivery_id IN (SELECT q.id FROM queued q)) IS TRUE;
END $$;

CREATE OR REPLACE FUNCTION notifications_stored(p_users uuid[], p_ids uuid[]) RETURNS void
LANGUAGE sql VOLATILE AS $$ SELECT queue_deliveries(p_users, p_ids) $$;
