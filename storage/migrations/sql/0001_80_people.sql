-- What belongs to one person: notifications and how they are wanted, blocks, reports, saved texts.

CREATE TABLE notifications (
    id uuid NOT NULL DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    type text NOT NULL,
    category text NOT NULL,
    priority text NOT NULL DEFAULT 'normal'
        CONSTRAINT notifications_priority_known CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    title text NOT NULL,
    content text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    action_url text,
    group_key text,
    count integer NOT NULL DEFAULT 1,
    -- Of the latest repeat of a group: the order of the list, and what `up_to` compares with.
    created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    seen_at timestamptz,
    read_at timestamptz,
    archived_at timestamptz,
    expires_at timestamptz,
    PRIMARY KEY (user_id, id)
) PARTITION BY HASH (user_id);

CREATE TABLE notifications_0 PARTITION OF notifications FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE notifications_1 PARTITION OF notifications FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE notifications_2 PARTITION OF notifications FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE notifications_3 PARTITION OF notifications FOR VALUES WITH (MODULUS 4, REMAINDER 3);

CREATE INDEX notifications_listed ON notifications (user_id, created_at DESC, id DESC)
    WHERE archived_at IS NULL;
-- An unread group is one row; counting what is unread reads this index alone.
CREATE UNIQUE INDEX notifications_unread_group ON notifications (user_id, group_key)
    INCLUDE (expires_at)
    WHERE read_at IS NULL AND archived_at IS NULL;

CREATE TABLE notification_preferences (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    category text NOT NULL,
    channel text NOT NULL,
    is_enabled boolean NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, category, channel)
);

CREATE TABLE notification_settings (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    quiet_from time,
    quiet_until time,
    digest text NOT NULL DEFAULT 'off'
        CONSTRAINT notification_settings_digest_known CHECK (digest IN ('off', 'daily', 'weekly')),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT notification_settings_quiet_whole CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);

CREATE TABLE templates (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind text NOT NULL DEFAULT 'message'
        CONSTRAINT templates_kind_known CHECK (kind IN ('message', 'review')),
    title text NOT NULL,
    content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX templates_of_user ON templates (user_id, id);

CREATE TABLE reports (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    reporter_id uuid NOT NULL REFERENCES users (id),
    subject_type text NOT NULL
        CONSTRAINT reports_subject_known CHECK (subject_type IN ('message', 'conversation', 'user')),
    subject_id uuid NOT NULL,
    -- Where a message is: its id alone does not say.
    conversation_id uuid,
    reason text NOT NULL,
    text text,
    status text NOT NULL DEFAULT 'open'
        CONSTRAINT reports_status_known
        CHECK (status IN ('open', 'reviewing', 'actioned', 'dismissed')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT reports_message_has_conversation
        CHECK (subject_type <> 'message' OR conversation_id IS NOT NULL)
);

-- One open report of a person on a subject: a repetition replaces its words.
CREATE UNIQUE INDEX reports_open_once ON reports (reporter_id, subject_type, subject_id)
    WHERE status = 'open';
CREATE INDEX reports_by_status ON reports (status, id);
CREATE INDEX reports_on_subject ON reports (subject_id);

-- Verdicts: ok, unchanged, user_not_found, too_many_blocks.
CREATE FUNCTION block_user(p_user uuid, p_other uuid, p_max_blocks integer) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
BEGIN
    v_verdict := CASE
        WHEN NOT EXISTS (SELECT 1 FROM users u WHERE u.id = p_other) THEN 'user_not_found'
        WHEN EXISTS (
            SELECT 1 FROM user_blocks b WHERE b.blocker_id = p_user AND b.blocked_id = p_other
        ) THEN 'unchanged'
        WHEN (SELECT count(*) FROM user_blocks b WHERE b.blocker_id = p_user) >= p_max_blocks
        THEN 'too_many_blocks'
        ELSE 'ok'
    END;
    IF v_verdict = 'ok' THEN
        INSERT INTO user_blocks (blocker_id, blocked_id) VALUES (p_user, p_other)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN v_verdict;
END $$;

-- Verdicts: ok, unchanged, user_not_found.
CREATE FUNCTION unblock_user(p_user uuid, p_other uuid) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM user_blocks b WHERE b.blocker_id = p_user AND b.blocked_id = p_other;
    RETURN CASE
        WHEN FOUND THEN 'ok'
        WHEN EXISTS (SELECT 1 FROM users u WHERE u.id = p_other) THEN 'unchanged'
        ELSE 'user_not_found'
    END;
END $$;

-- The report as stored, or no row when the caller may not see the subject.
CREATE FUNCTION create_report(
    p_user uuid,
    p_subject_type text,
    p_subject uuid,
    p_reason text,
    p_text text
) RETURNS SETOF reports
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_is_visible boolean;
    v_conversation uuid;
BEGIN
    IF p_subject_type = 'message' THEN
        -- A probe of one partition for each of the caller's conversations: ids have no index. The
        -- limit keeps the planner from reading the partition whole instead.
        SELECT p.conversation_id INTO v_conversation
        FROM conversation_participants p
        CROSS JOIN LATERAL (
            SELECT 1 FROM messages m
            WHERE m.conversation_id = p.conversation_id AND m.seq = uuid7_seq(p_subject)
              AND m.created_at = uuid7_time(p_subject) AND m.id = p_subject
            LIMIT 1
        ) found
        WHERE p.user_id = p_user AND p.left_at IS NULL;
        v_is_visible := v_conversation IS NOT NULL;
    ELSIF p_subject_type = 'conversation' THEN
        SELECT p.conversation_id INTO v_conversation FROM conversation_participants p
        WHERE p.conversation_id = p_subject AND p.user_id = p_user AND p.left_at IS NULL;
        v_is_visible := v_conversation IS NOT NULL;
    ELSE
        v_is_visible := EXISTS (SELECT 1 FROM users u WHERE u.id = p_subject);
    END IF;
    IF NOT v_is_visible THEN
        RETURN;
    END IF;
    RETURN QUERY
    INSERT INTO reports (reporter_id, subject_type, subject_id, conversation_id, reason, text)
    VALUES (p_user, p_subject_type, p_subject, v_conversation, p_reason, p_text)
    ON CONFLICT (reporter_id, subject_type, subject_id) WHERE status = 'open'
    DO UPDATE SET reason = EXCLUDED.reason, text = EXCLUDED.text
    RETURNING *;
END $$;

-- Verdicts: ok, too_many_templates.
CREATE FUNCTION create_template(p_user uuid, p_title text, p_content text, p_max_templates integer)
RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF (SELECT count(*) FROM templates t WHERE t.user_id = p_user AND t.kind = 'message')
        >= p_max_templates
    THEN
        RETURN 'too_many_templates';
    END IF;
    INSERT INTO templates (user_id, title, content) VALUES (p_user, p_title, p_content);
    RETURN 'ok';
END $$;

-- One reference a notification, in rows of 200 at most, which bounds what the relay takes at once.
CREATE FUNCTION notifications_in_outbox(p_kind text, p_users uuid[], p_ids uuid[]) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO outbox (consumer, kind, user_ids, data)
    SELECT 'realtime', p_kind, array_agg(n.user_id ORDER BY n.ord),
           jsonb_build_object('ids', jsonb_agg(n.id ORDER BY n.ord))
    FROM unnest(p_users, p_ids) WITH ORDINALITY AS n(user_id, id, ord)
    GROUP BY (n.ord - 1) / 200
    ORDER BY (n.ord - 1) / 200
$$;

-- Creates notifications, one element of p_items each, with the columns' names. What repeats an unread
-- one of the same user and group_key raises that one's count and replaces its words.
CREATE FUNCTION notify_users(p_items jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_created_users uuid[];
    v_created uuid[];
    v_updated_users uuid[];
    v_updated uuid[];
BEGIN
    WITH item AS MATERIALIZED (
        -- The last of those that one call groups together; users in order, as every call takes them.
        SELECT DISTINCT ON (i.user_id, g.key) uuid7() AS id, i.*, count(*) OVER (
            PARTITION BY i.user_id, g.key
        ) AS repeats
        FROM ROWS FROM (jsonb_to_recordset(p_items) AS (
            user_id uuid, type text, category text, priority text, title text, content text,
            data jsonb, action_url text, group_key text, expires_at timestamptz
        )) WITH ORDINALITY AS i(
            user_id, type, category, priority, title, content, data, action_url, group_key,
            expires_at, ord
        ),
        LATERAL (SELECT coalesce('k' || i.group_key, 'n' || i.ord) AS key) g
        ORDER BY i.user_id, g.key, i.ord DESC
    ), stored AS (
        INSERT INTO notifications AS n (id, user_id, type, category, priority, title, content, data,
                                        action_url, group_key, count, expires_at)
        SELECT i.id, i.user_id, i.type, i.category, coalesce(i.priority, 'normal'), i.title, i.content,
               coalesce(i.data, '{}'), i.action_url, i.group_key, i.repeats, i.expires_at
        FROM item i
        ON CONFLICT (user_id, group_key) WHERE read_at IS NULL AND archived_at IS NULL
        DO UPDATE SET count = n.count + EXCLUDED.count, title = EXCLUDED.title,
            content = EXCLUDED.content, data = EXCLUDED.data, action_url = EXCLUDED.action_url,
            created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at, seen_at = NULL
        RETURNING n.id, n.user_id
    ), told AS (
        SELECT s.user_id, s.id, EXISTS (SELECT 1 FROM item i WHERE i.id = s.id) AS is_new
        FROM stored s
    )
    SELECT array_agg(t.user_id ORDER BY t.id) FILTER (WHERE t.is_new),
           array_agg(t.id ORDER BY t.id) FILTER (WHERE t.is_new),
           array_agg(t.user_id ORDER BY t.id) FILTER (WHERE NOT t.is_new),
           array_agg(t.id ORDER BY t.id) FILTER (WHERE NOT t.is_new)
    INTO v_created_users, v_created, v_updated_users, v_updated
    FROM told t;
    PERFORM notifications_in_outbox('notification.created', v_created_users, v_created);
    PERFORM notifications_in_outbox('notification.updated', v_updated_users, v_updated);
END $$;

-- Marks the caller's notifications as read: those of p_ids, or all up to p_up_to; with p_archives
-- they are put away as well, read ones too. Returns how many changed.
CREATE FUNCTION read_notifications(
    p_user uuid,
    p_ids uuid[],
    p_up_to timestamptz,
    p_archives boolean
) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_changed uuid[];
BEGIN
    WITH chosen AS (
        SELECT n.id FROM notifications n
        WHERE n.user_id = p_user AND n.archived_at IS NULL AND (p_archives OR n.read_at IS NULL)
          AND (n.id = ANY (p_ids) OR n.created_at <= p_up_to)
        ORDER BY n.id
        FOR NO KEY UPDATE
    ), changed AS (
        UPDATE notifications n
        SET read_at = coalesce(n.read_at, clock_timestamp()),
            seen_at = coalesce(n.seen_at, clock_timestamp()),
            archived_at = CASE WHEN p_archives THEN clock_timestamp() END
        FROM chosen c
        WHERE n.user_id = p_user AND n.id = c.id
        RETURNING n.id
    )
    SELECT array_agg(c.id ORDER BY c.id) INTO v_changed FROM changed c;
    IF v_changed IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM notifications_in_outbox(
        'notification.updated', array_fill(p_user, ARRAY[cardinality(v_changed)]), v_changed);
    INSERT INTO outbox (consumer, kind, user_ids) VALUES ('realtime', 'unread.changed', ARRAY[p_user]);
    RETURN cardinality(v_changed);
END $$;
