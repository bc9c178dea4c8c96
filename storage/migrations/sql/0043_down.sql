-- Takes back what 0043 made. Unread runs go: the release before knows none.
DO $$
DECLARE
    v_more text := E',\n            (''message_runs'', '
        'told_duration(''parley.run_delay'', interval ''20 seconds''), g.later_ids, g.later_seqs, NULL)';
    v_later text := E',\n                   array_agg(e.conversation_id) FILTER (WHERE e.is_last) AS later_ids,\n'
        '                   array_agg(e.seq) FILTER (WHERE e.is_last) AS later_seqs';
    v_wrote text := E'\n        RETURNING p.conversation_id, p.user_id, p.noticed\n'
        '    ), read_noticed AS (\n'
        '        INSERT INTO outbox (consumer, kind, conversation_ids, user_ids)\n'
        '        SELECT ''notifications'', ''conversation.read'', array_agg(r.conversation_id), array_agg(r.user_id)\n'
        '        FROM read r WHERE r.noticed HAVING count(*) > 0';
    v_read text := E'\n        RETURNING p.conversation_id, p.user_id, p.noticed AND a.read_moved AS noticed\n'
        '    ), read_noticed AS (\n'
        '        INSERT INTO outbox (consumer, kind, conversation_ids, user_ids)\n'
        '        SELECT ''notifications'', ''conversation.read'', array_agg(m.conversation_id), array_agg(m.user_id)\n'
        '        FROM moved m WHERE m.noticed HAVING count(*) > 0';
    v_told text := E'\n    PERFORM put_in_outbox('
        '''notifications'', ''member.left'', p_conversation, NULL, NULL, ARRAY[p_user]);';
BEGIN
    EXECUTE replace(replace(replace(replace(
        pg_get_functiondef('commit_group'::regproc), v_more, ''), v_later, ''), v_wrote, ''),
        'WHERE o.conversation_ids IS NOT NULL', 'WHERE o.seqs IS NOT NULL');
    EXECUTE replace(pg_get_functiondef('move_watermarks'::regproc), v_read, '');
    EXECUTE replace(pg_get_functiondef('part_with_member'::regproc), v_told, '');
END $$;
DROP TRIGGER message_tombstones_told ON message_tombstones;
DROP TRIGGER user_blocks_told ON user_blocks;
DROP TRIGGER users_closed ON users;
DROP FUNCTION tell_deleted(), tell_blocked(), tell_closed_account();
DROP FUNCTION tell_runs(uuid[], uuid[], bigint[]), tell_runs_again(uuid[], uuid[], bigint[]), told_duration(text, interval);
DROP FUNCTION settle_deleted(uuid[], bigint[]), settle_blocked(uuid[], uuid[]), settle_closed_accounts(uuid[]);
DROP FUNCTION settle_notifications(uuid[], text, uuid, text), settle_read(uuid[], uuid[]);
DROP FUNCTION lower_notifications(uuid[], uuid[], bigint[], text), notifications_turn();
DROP FUNCTION close_notifications(uuid[], uuid[], text), notifications_stored(uuid[], uuid[]);
DROP FUNCTION settle_runs(uuid[], uuid[], text), news_of(notifications), messages_told(notifications), run_put_away(uuid, uuid);
DROP FUNCTION message_at(uuid, bigint);
ALTER TABLE conversation_participants DROP COLUMN noticed;

DELETE FROM outbox WHERE consumer = 'message_runs'
    OR consumer = 'notifications' AND kind IN ('message.deleted', 'conversation.read', 'member.left', 'user.blocked', 'account.closed');
ALTER TABLE outbox
    DROP CONSTRAINT outbox_consumer_told,
    ADD CONSTRAINT outbox_consumer_listed
        CHECK (consumer IN ('realtime', 'search', 'notifications', 'copies', 'domain', 'payments'));

DROP VIEW shown_notifications;
DROP INDEX notifications_put_away;
DROP INDEX notifications_open;
DROP INDEX notifications_listed;
DELETE FROM notifications WHERE type = 'message.run';
UPDATE notifications SET title = coalesce(title, type), content = coalesce(content, ''), created_at = greatest(created_at, updated_at);
ALTER TABLE notifications
    ALTER COLUMN title SET NOT NULL,
    ALTER COLUMN content SET NOT NULL,
    DROP COLUMN updated_at, DROP COLUMN subject_type, DROP COLUMN subject_id, DROP COLUMN actor_id,
    DROP COLUMN seq, DROP COLUMN seqs, DROP COLUMN ended, DROP COLUMN in_app, DROP COLUMN again_at;
CREATE INDEX notifications_listed ON notifications (user_id, created_at DESC, id DESC)
    WHERE archived_at IS NULL;

-- Creates notifications, one element of p_items each, with the columns' names. What repeats an unread
-- one of the same user and group_key raises that one's count and replaces its words.
CREATE OR REPLACE FUNCTION notify_users(p_items jsonb) RETURNS void
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
CREATE OR REPLACE FUNCTION read_notifications(
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
DROP FUNCTION latest_seqs(bigint[]);
