-- Making notifications and reading them, by what they point to.

-- Creates notifications, one element of p_items each, with the columns' names. What repeats an unread one of
-- the same user and group_key raises that one's count. An unread run says by itself how much is unread: it
-- is not counted up, and a repetition is not told.
CREATE OR REPLACE FUNCTION notify_users(p_items jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_now timestamptz;
    v_readers uuid[];
    v_conversations uuid[];
    v_users uuid[];
    v_ids uuid[];
    v_created_users uuid[];
    v_created uuid[];
    v_updated_users uuid[];
    v_updated uuid[];
BEGIN
    -- The release before, which may still run, does not say what its messages are about.
    IF EXISTS (
        SELECT 1 FROM jsonb_array_elements(p_items) e
        WHERE NOT e ? 'subject_type' AND e -> 'data' ? 'conversation_id'
    ) THEN
        SELECT jsonb_agg(CASE
            WHEN NOT e ? 'subject_type' AND e -> 'data' ? 'conversation_id' THEN e || jsonb_build_object(
                'subject_type', 'conversation', 'subject_id', e #> '{data,conversation_id}',
                'actor_id', e #> '{data,sender_id}', 'seq', e #> '{data,seq}')
            ELSE e
        END) INTO p_items
        FROM jsonb_array_elements(p_items) e;
    END IF;

    -- Members are marked, and locked: until this is there, nobody reads on. What they have read already counts no
    -- more, but begins anew.
    SELECT array_agg(i.user_id), array_agg(i.subject_id) INTO v_readers, v_conversations
    FROM (
        SELECT DISTINCT i.user_id, i.subject_id
        FROM jsonb_to_recordset(p_items) AS i(user_id uuid, subject_type text, subject_id uuid, seq bigint)
        WHERE i.subject_type = 'conversation' AND i.seq IS NOT NULL
    ) i;
    IF v_readers IS NOT NULL THEN
        PERFORM 1 FROM (
            SELECT p.user_id
            FROM unnest(v_readers, v_conversations) AS i(user_id, conversation_id)
            JOIN conversation_participants p
              ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id
            ORDER BY p.conversation_id, p.user_id
            FOR NO KEY UPDATE OF p
        ) l;
        PERFORM settle_read(v_readers, v_conversations);
        UPDATE conversation_participants p SET noticed = true
        FROM unnest(v_readers, v_conversations) AS i(user_id, conversation_id)
        WHERE p.conversation_id = i.conversation_id AND p.user_id = i.user_id AND NOT p.noticed;
    END IF;

    v_now := date_trunc('milliseconds', clock_timestamp());
    WITH given AS MATERIALIZED (
        SELECT uuid7() AS id, i.*, coalesce('k' || i.group_key, 'n' || i.ord) AS key
        FROM ROWS FROM (jsonb_to_recordset(p_items) AS (
            user_id uuid, type text, category text, priority text, data jsonb, action_url text, group_key text, expires_at timestamptz,
            subject_type text, subject_id uuid, actor_id uuid, seq bigint
        )) WITH ORDINALITY AS i(
            user_id, type, category, priority, data, action_url, group_key, expires_at,
            subject_type, subject_id, actor_id, seq, ord
        )
        -- What was read in the meantime is no news, nor is what is said where one has left.
        WHERE NOT EXISTS (
            SELECT 1 FROM conversation_participants p
            WHERE i.subject_type = 'conversation' AND p.conversation_id = i.subject_id
              AND p.user_id = i.user_id AND (p.last_read_seq >= i.seq OR p.left_at IS NOT NULL)
        )
    ), same AS (
        SELECT g.user_id, g.key, count(*) AS times, array_agg(g.seq) AS said, max(g.seq) AS newest
        FROM given g
        GROUP BY g.user_id, g.key
    ), item AS MATERIALIZED (
        -- The last of those that one call groups together; users in order, as every call takes them.
        SELECT DISTINCT ON (g.user_id, g.key) g.*, s.said, s.newest,
               CASE WHEN g.type = 'message.run' THEN 1 ELSE s.times END AS repeats
        FROM given g JOIN same s ON s.user_id = g.user_id AND s.key = g.key
        ORDER BY g.user_id, g.key, g.ord DESC
    ), stored AS (
        INSERT INTO notifications AS n (
            id, user_id, type, category, priority, data, action_url, group_key, count,
            expires_at, subject_type, subject_id, actor_id, seq, seqs, in_app, created_at, updated_at
        )
        SELECT i.id, i.user_id, i.type, i.category, coalesce(i.priority, 'normal'),
               coalesce(i.data, '{}'), i.action_url, i.group_key, i.repeats, i.expires_at,
               i.subject_type, i.subject_id, i.actor_id, i.newest,
               CASE WHEN i.data ? 'message_id' THEN latest_seqs(i.said) END,
               NOT EXISTS (
                   SELECT 1 FROM notification_preferences f
                   WHERE f.user_id = i.user_id AND f.category = i.category AND f.channel = 'in_app'
                     AND NOT f.is_enabled
               ), v_now, v_now
        FROM item i
        ON CONFLICT (user_id, group_key) WHERE read_at IS NULL AND archived_at IS NULL
        DO UPDATE SET
            count = CASE WHEN n.type = 'message.run' THEN 1 ELSE n.count + EXCLUDED.count END,
            data = EXCLUDED.data, action_url = EXCLUDED.action_url, updated_at = EXCLUDED.updated_at,
            expires_at = EXCLUDED.expires_at, actor_id = EXCLUDED.actor_id,
            seq = greatest(n.seq, EXCLUDED.seq), seqs = latest_seqs(n.seqs || EXCLUDED.seqs),
            seen_at = NULL, again_at = NULL, in_app = n.in_app OR EXCLUDED.in_app
        -- As it was before this statement.
        RETURNING n.id, n.user_id, n.type, n.in_app, coalesce((
            SELECT NOT o.in_app FROM notifications o WHERE o.user_id = n.user_id AND o.id = n.id
        ), false) AS was_hidden
    ), told AS MATERIALIZED (
        -- IN is looked up by hash, where EXISTS would read all items for each row.
        SELECT s.*, s.was_hidden OR s.id IN (SELECT i.id FROM item i) AS is_new
        FROM stored s
    )
    SELECT array_agg(t.user_id ORDER BY t.id), array_agg(t.id ORDER BY t.id),
           array_agg(t.user_id ORDER BY t.id) FILTER (WHERE t.is_new AND t.in_app),
           array_agg(t.id ORDER BY t.id) FILTER (WHERE t.is_new AND t.in_app),
           array_agg(t.user_id ORDER BY t.id) FILTER (WHERE t.is_heard_again),
           array_agg(t.id ORDER BY t.id) FILTER (WHERE t.is_heard_again)
    INTO v_users, v_ids, v_created_users, v_created, v_updated_users, v_updated
    FROM (
        SELECT t.*, NOT t.is_new AND t.in_app AND t.type <> 'message.run' AS is_heard_again FROM told t
    ) t;
    PERFORM notifications_in_outbox('notification.created', v_created_users, v_created);
    PERFORM notifications_in_outbox('notification.updated', v_updated_users, v_updated);
    PERFORM notifications_stored(v_users, v_ids);
END $$;

-- The newest hundred of seqs, in order.
CREATE FUNCTION latest_seqs(p_seqs bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(l.seq ORDER BY l.seq)
    FROM (
        SELECT DISTINCT s AS seq FROM unnest(p_seqs) s WHERE s IS NOT NULL ORDER BY 1 DESC LIMIT 100
    ) l
$$;

-- Marks the caller's notifications as read: those of p_ids, or all that last changed until p_up_to; with
-- p_archives they are put away as well, read ones too. An unread run is read by reading the conversation:
-- here it counts as seen only. Returns how many changed.
CREATE OR REPLACE FUNCTION read_notifications(
    p_user uuid,
    p_ids uuid[],
    p_up_to timestamptz,
    p_archives boolean
) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
    v_changed uuid[];
BEGIN
    WITH chosen AS (
        SELECT n.id, n.type = 'message.run' AND NOT p_archives AS is_only_seen FROM notifications n
        WHERE n.user_id = p_user AND n.archived_at IS NULL
          AND (p_archives OR n.read_at IS NULL AND (n.type <> 'message.run' OR n.seen_at IS NULL))
          AND (n.id = ANY (p_ids) OR n.updated_at <= p_up_to)
        ORDER BY n.id
        FOR NO KEY UPDATE
    ), changed AS (
        UPDATE notifications n
        SET read_at = CASE WHEN c.is_only_seen THEN n.read_at ELSE coalesce(n.read_at, v_now) END,
            seen_at = coalesce(n.seen_at, v_now),
            archived_at = CASE WHEN p_archives THEN v_now END
        FROM chosen c
        WHERE n.user_id = p_user AND n.id = c.id
        RETURNING n.id, n.in_app
    )
    SELECT array_agg(c.id ORDER BY c.id) INTO v_changed FROM changed c WHERE c.in_app;
    IF v_changed IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM notifications_in_outbox(
        'notification.updated', array_fill(p_user, ARRAY[cardinality(v_changed)]), v_changed);
    RETURN cardinality(v_changed);
END $$;
