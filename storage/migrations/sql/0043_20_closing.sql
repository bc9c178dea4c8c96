-- Closing notifications: read, settled, or ended with what they point to.

-- Called with the notifications that were stored or repeated, in their transaction.
CREATE FUNCTION notifications_stored(p_users uuid[], p_ids uuid[]) RETURNS void
LANGUAGE sql AS $$ SELECT $$;

-- One transaction at a time makes and closes notifications of what has happened, until it ends: so what closes one finds
-- it there, or is found by what would make it, and no two wait for each other's rows. Waits two seconds, then raises
-- `lock_not_available`.
CREATE FUNCTION notifications_turn() RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('lock_timeout', '2s', true);
    PERFORM pg_advisory_xact_lock(hashtextextended('parley.notifications', 0));
END $$;

-- Closes open notifications, all in one way, and tells their owners: `read`, or why they end. What is
-- settled stays in the list as read; what has ended otherwise is put away. Returns how many of those listed were open.
CREATE FUNCTION close_notifications(p_users uuid[], p_ids uuid[], p_how text) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
    v_users uuid[];
    v_ids uuid[];
BEGIN
    IF coalesce(cardinality(p_ids), 0) = 0 THEN
        RETURN 0;
    END IF;
    WITH chosen AS (
        SELECT n.user_id, n.id
        FROM unnest(p_users, p_ids) AS i(user_id, id)
        JOIN notifications n ON n.user_id = i.user_id AND n.id = i.id
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
        ORDER BY n.user_id, n.id
        FOR NO KEY UPDATE OF n
    ), closed AS (
        UPDATE notifications n
        SET read_at = v_now, seen_at = coalesce(n.seen_at, v_now), again_at = NULL,
            archived_at = CASE WHEN p_how NOT IN ('read', 'settled') THEN v_now END,
            ended = CASE WHEN p_how <> 'read' THEN p_how END
        FROM chosen c
        WHERE n.user_id = c.user_id AND n.id = c.id
        RETURNING n.user_id, n.id, n.in_app
    )
    SELECT array_agg(c.user_id ORDER BY c.user_id, c.id), array_agg(c.id ORDER BY c.user_id, c.id)
    INTO v_users, v_ids
    FROM closed c WHERE c.in_app;
    PERFORM notifications_in_outbox('notification.updated', v_users, v_ids);
    RETURN coalesce(cardinality(v_ids), 0);
END $$;

-- Closes what people have read: notifications of messages up to their watermarks in conversations. Their members
-- are locked first, as by who notifies them, so that `noticed` says whether something is left.
CREATE FUNCTION settle_read(p_users uuid[], p_conversations uuid[]) RETURNS integer
LANGUAGE plpgsql VOLATILE SET enable_bitmapscan = off AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
    v_closed integer;
BEGIN
    PERFORM 1 FROM (
        SELECT p.user_id
        FROM unnest(p_users, p_conversations) AS i(user_id, conversation_id)
        JOIN conversation_participants p
          ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id
        WHERE p.noticed
        ORDER BY p.conversation_id, p.user_id
        FOR NO KEY UPDATE OF p
    ) l;
    SELECT array_agg(n.user_id), array_agg(n.id) INTO v_users, v_ids
    FROM (
        SELECT DISTINCT i.user_id, i.conversation_id
        FROM unnest(p_users, p_conversations) AS i(user_id, conversation_id)
    ) i
    JOIN conversation_participants p
      ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id AND p.noticed
    JOIN notifications n
      ON n.user_id = i.user_id AND n.subject_id = i.conversation_id AND n.seq <= p.last_read_seq
    WHERE n.read_at IS NULL AND n.archived_at IS NULL;
    v_closed := close_notifications(v_users, v_ids, 'read');
    UPDATE conversation_participants p SET noticed = false
    FROM unnest(p_users, p_conversations) AS i(user_id, conversation_id)
    WHERE p.conversation_id = i.conversation_id AND p.user_id = i.user_id AND p.noticed
      AND NOT EXISTS (
          SELECT 1 FROM notifications n
          WHERE n.user_id = i.user_id AND n.subject_id = i.conversation_id
            AND n.read_at IS NULL AND n.archived_at IS NULL
      );
    RETURN v_closed;
END $$;

-- Closes what people have open of a subject: `read`, or why it ends.
CREATE FUNCTION settle_notifications(
    p_users uuid[], p_subject_type text, p_subject_id uuid, p_how text
) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
BEGIN
    SELECT array_agg(n.user_id), array_agg(n.id) INTO v_users, v_ids
    FROM unnest(p_users) AS i(user_id)
    JOIN notifications n ON n.user_id = i.user_id AND n.subject_id = p_subject_id
    WHERE n.subject_type = p_subject_type AND n.read_at IS NULL AND n.archived_at IS NULL;
    RETURN close_notifications(v_users, v_ids, p_how);
END $$;

-- Closes all that people have open, whose accounts are closed.
CREATE FUNCTION settle_closed_accounts(p_users uuid[]) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
BEGIN
    SELECT array_agg(n.user_id), array_agg(n.id) INTO v_users, v_ids
    FROM notifications n
    WHERE n.user_id = ANY (p_users) AND n.read_at IS NULL AND n.archived_at IS NULL;
    RETURN close_notifications(v_users, v_ids, 'account_closed');
END $$;

-- The message of a conversation with this seq: no row for none. Looked up one by one: without the limit the planner
-- would read a partition whole instead.
CREATE FUNCTION message_at(p_conversation uuid, p_seq bigint) RETURNS SETOF messages
LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT m.*
    FROM (
        SELECT cm.month FROM conversation_months cm
        WHERE cm.conversation_id = p_conversation AND cm.first_seq <= p_seq
        ORDER BY cm.month DESC
        LIMIT 1
    ) b
    JOIN messages m ON m.conversation_id = p_conversation AND m.seq = p_seq
        AND m.created_at >= b.month AND m.created_at < next_month(b.month)
    LIMIT 1
$$;

-- Of a conversation, up to which message somebody has put its unread runs away.
CREATE FUNCTION run_put_away(p_user uuid, p_conversation uuid) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT max(n.seq) FROM notifications n
    WHERE n.user_id = p_user AND n.subject_id = p_conversation AND n.type = 'message.run'
      AND n.archived_at IS NOT NULL AND n.ended IS NULL
$$;

-- The messages that a notification tells its person of now: unread, there, and of nobody with whom there is a block.
-- An unread run leaves out what names its reader or answers them, which has notifications of its own, and tells of the
-- newest hundred.
CREATE FUNCTION messages_told(p notifications) RETURNS TABLE (seq bigint, sender_id uuid)
LANGUAGE sql STABLE ROWS 3 AS $$
    SELECT m.seq, m.sender_id
    FROM conversation_participants r
    CROSS JOIN LATERAL (
        SELECT s FROM generate_series(greatest(
            r.last_read_seq, p.seq - 100, run_put_away(p.user_id, p.subject_id)) + 1, p.seq) s
        WHERE p.type = 'message.run'
        UNION ALL
        SELECT s FROM unnest(p.seqs) s WHERE s > r.last_read_seq
    ) s(seq)
    CROSS JOIN LATERAL message_at(p.subject_id, s.seq) m
    WHERE r.conversation_id = p.subject_id AND r.user_id = p.user_id AND NOT m.is_deleted
      AND (p.type <> 'message.run' OR m.type <> 'system' AND m.sender_id <> p.user_id
           AND p.user_id <> ALL (coalesce(m.mentions, '{}')) AND NOT EXISTS (
               SELECT FROM message_at(m.conversation_id, uuid7_seq(m.parent_id)) parent
               WHERE m.parent_id IS NOT NULL AND parent.id = m.parent_id AND parent.sender_id = p.user_id
               OFFSET 0
           ))
      AND NOT EXISTS (
          SELECT FROM user_blocks b
          WHERE (b.blocker_id = p.user_id AND b.blocked_id = m.sender_id)
             OR (b.blocker_id = m.sender_id AND b.blocked_id = p.user_id)
      )
$$;

-- What a notification tells its person of now: how many of these messages, the newest, and who wrote them, the newest
-- first; `told_count` is how many its words name. Of what tells of no messages, NULL and its own count.
CREATE FUNCTION news_of(p notifications)
RETURNS TABLE (news integer, newest bigint, sender_ids uuid[], told_count integer)
LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT CASE WHEN o.is_of_messages THEN f.news END, f.newest, f.sender_ids, CASE
        WHEN NOT o.is_of_messages THEN p.count
        WHEN p.type <> 'message.run' THEN greatest(1, p.count - (cardinality(p.seqs) - f.news))
        ELSE greatest(1, f.news)
    END
    FROM (SELECT p.type = 'message.run' OR p.seqs IS NOT NULL AS is_of_messages) o
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS news, max(t.seq) AS newest,
               array_agg(t.sender_id ORDER BY t.seq DESC) AS sender_ids
        FROM messages_told(p) t
        WHERE o.is_of_messages
    ) f
$$;

-- Open unread runs tell of those messages alone, and name their writers, that are left of them; what tells of none is
-- closed as p_how says. Returns how many it closed.
CREATE FUNCTION settle_runs(p_users uuid[], p_ids uuid[], p_how text) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
    v_left_users uuid[];
    v_left uuid[];
BEGIN
    WITH hit AS MATERIALIZED (
        SELECT n.user_id, n.id, n.data, n.seq AS seq_before, f.seq, f.senders
        FROM unnest(p_users, p_ids) AS i(user_id, id)
        JOIN notifications n ON n.user_id = i.user_id AND n.id = i.id
        CROSS JOIN LATERAL (
            SELECT max(t.seq) AS seq, jsonb_agg(t.sender_id ORDER BY t.seq DESC) AS senders
            FROM (SELECT t.sender_id, max(t.seq) AS seq FROM messages_told(n) t GROUP BY t.sender_id) t
        ) f
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
        ORDER BY n.user_id, n.id
        FOR NO KEY UPDATE OF n
    ), named AS (
        UPDATE notifications n
        SET data = h.data || jsonb_build_object('senders', h.senders, 'seq', h.seq), seq = h.seq,
            actor_id = (h.senders ->> 0)::uuid
        FROM hit h
        WHERE n.user_id = h.user_id AND n.id = h.id
          AND (h.senders, h.seq) IS DISTINCT FROM (h.data -> 'senders', h.seq_before) AND h.seq IS NOT NULL
        RETURNING n.user_id, n.id, n.in_app
    )
    SELECT array_agg(h.user_id) FILTER (WHERE h.senders IS NULL),
           array_agg(h.id) FILTER (WHERE h.senders IS NULL),
           (SELECT array_agg(d.user_id ORDER BY d.id) FROM named d WHERE d.in_app),
           (SELECT array_agg(d.id ORDER BY d.id) FROM named d WHERE d.in_app)
    INTO v_users, v_ids, v_left_users, v_left
    FROM hit h;
    PERFORM notifications_in_outbox('notification.updated', v_left_users, v_left);
    RETURN close_notifications(v_users, v_ids, p_how);
END $$;

-- Takes messages out of open notifications that tell of several: element i of p_seqs out of element i of p_ids. One that
-- tells of no other is closed as p_how says; of the rest the newest message is told. Returns how many it closed.
CREATE FUNCTION lower_notifications(p_users uuid[], p_ids uuid[], p_seqs bigint[], p_how text) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
    v_left_users uuid[];
    v_left uuid[];
BEGIN
    WITH gone AS (
        SELECT i.user_id, i.id, array_agg(i.seq) AS seqs
        FROM unnest(p_users, p_ids, p_seqs) AS i(user_id, id, seq)
        GROUP BY i.user_id, i.id
    ), hit AS MATERIALIZED (
        SELECT n.user_id, n.id, n.subject_id,
               ARRAY(SELECT s FROM unnest(n.seqs) s WHERE s <> ALL (g.seqs) ORDER BY s) AS seqs,
               (SELECT count(*) FROM unnest(n.seqs) s WHERE s = ANY (g.seqs)) AS lost
        FROM gone g
        JOIN notifications n ON n.user_id = g.user_id AND n.id = g.id
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
        ORDER BY n.user_id, n.id
        FOR NO KEY UPDATE OF n
    ), lowered AS (
        UPDATE notifications n
        SET count = greatest(1, n.count - h.lost), seqs = h.seqs, seq = m.seq, actor_id = m.sender_id,
            data = n.data || jsonb_build_object(
                'message_id', m.id, 'seq', m.seq, 'sender_id', m.sender_id)
        FROM hit h, message_at(h.subject_id, h.seqs[cardinality(h.seqs)]) m
        WHERE n.user_id = h.user_id AND n.id = h.id
        RETURNING n.user_id, n.id, n.in_app
    )
    SELECT array_agg(h.user_id) FILTER (WHERE cardinality(h.seqs) = 0),
           array_agg(h.id) FILTER (WHERE cardinality(h.seqs) = 0),
           (SELECT array_agg(l.user_id ORDER BY l.id) FROM lowered l WHERE l.in_app),
           (SELECT array_agg(l.id ORDER BY l.id) FROM lowered l WHERE l.in_app)
    INTO v_users, v_ids, v_left_users, v_left
    FROM hit h;
    PERFORM notifications_in_outbox('notification.updated', v_left_users, v_left);
    RETURN close_notifications(v_users, v_ids, p_how);
END $$;

-- Takes deleted messages out of what tells of them.
CREATE FUNCTION settle_deleted(p_conversations uuid[], p_seqs bigint[]) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
    v_seqs bigint[];
    v_run_users uuid[];
    v_runs uuid[];
BEGIN
    WITH gone AS (
        SELECT i.conversation_id, array_agg(i.seq) AS seqs
        FROM unnest(p_conversations, p_seqs) AS i(conversation_id, seq)
        GROUP BY i.conversation_id
    ), hit AS MATERIALIZED (
        SELECT n.user_id, n.id, n.type, n.seqs, g.seqs AS gone
        FROM gone g
        JOIN conversation_participants p ON p.conversation_id = g.conversation_id AND p.left_at IS NULL
        JOIN notifications n ON n.user_id = p.user_id AND n.subject_id = g.conversation_id
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
          AND (n.type = 'message.run' OR n.seqs && g.seqs)
    ), told AS (
        SELECT h.user_id, h.id, s.seq
        FROM hit h, unnest(h.seqs) s(seq)
        WHERE h.type <> 'message.run' AND s.seq = ANY (h.gone)
    )
    SELECT (SELECT array_agg(t.user_id ORDER BY t.user_id, t.id, t.seq) FROM told t),
           (SELECT array_agg(t.id ORDER BY t.user_id, t.id, t.seq) FROM told t),
           (SELECT array_agg(t.seq ORDER BY t.user_id, t.id, t.seq) FROM told t),
           array_agg(h.user_id) FILTER (WHERE h.type = 'message.run'),
           array_agg(h.id) FILTER (WHERE h.type = 'message.run')
    INTO v_users, v_ids, v_seqs, v_run_users, v_runs
    FROM hit h;
    RETURN lower_notifications(v_users, v_ids, v_seqs, 'deleted')
        + settle_runs(v_run_users, v_runs, 'deleted');
END $$;

-- Takes out of what two people have open the messages of each other, as neither may write to the other now: element i
-- of both is a pair. Where the block has gone meanwhile, nothing is taken out.
CREATE FUNCTION settle_blocked(p_ones uuid[], p_others uuid[]) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_users uuid[];
    v_ids uuid[];
    v_seqs bigint[];
    v_whole_users uuid[];
    v_whole uuid[];
    v_run_users uuid[];
    v_runs uuid[];
BEGIN
    WITH pair AS (
        SELECT DISTINCT b.user_id, b.actor_id
        FROM unnest(p_ones, p_others) AS i(one, other),
        LATERAL (VALUES (i.one, i.other), (i.other, i.one)) AS b(user_id, actor_id)
        WHERE EXISTS (
            SELECT FROM user_blocks k
            WHERE (k.blocker_id, k.blocked_id) IN ((i.one, i.other), (i.other, i.one))
        )
    ), open AS MATERIALIZED (
        SELECT n.user_id, n.id, n.type, n.seqs, n.subject_id, n.actor_id AS last_actor, pair.actor_id
        FROM pair
        JOIN notifications n ON n.user_id = pair.user_id
        WHERE n.category = 'message' AND n.subject_type = 'conversation' AND n.read_at IS NULL AND n.archived_at IS NULL
    ), told AS (
        SELECT o.user_id, o.id, s.seq
        FROM open o
        CROSS JOIN LATERAL unnest(o.seqs) s(seq)
        CROSS JOIN LATERAL message_at(o.subject_id, s.seq) m
        WHERE m.sender_id = o.actor_id
    ), whole AS (
        SELECT o.user_id, o.id FROM open o
        WHERE o.seqs IS NULL AND o.type <> 'message.run' AND o.last_actor = o.actor_id
    ), run AS (
        SELECT o.user_id, o.id FROM open o
        JOIN conversation_participants p ON p.conversation_id = o.subject_id AND p.user_id = o.actor_id
        WHERE o.type = 'message.run'
    )
    SELECT (SELECT array_agg(t.user_id ORDER BY t.user_id, t.id, t.seq) FROM told t),
           (SELECT array_agg(t.id ORDER BY t.user_id, t.id, t.seq) FROM told t),
           (SELECT array_agg(t.seq ORDER BY t.user_id, t.id, t.seq) FROM told t),
           (SELECT array_agg(w.user_id) FROM whole w), (SELECT array_agg(w.id) FROM whole w),
           (SELECT array_agg(r.user_id) FROM run r), (SELECT array_agg(r.id) FROM run r)
    INTO v_users, v_ids, v_seqs, v_whole_users, v_whole, v_run_users, v_runs;
    RETURN lower_notifications(v_users, v_ids, v_seqs, 'blocked')
        + close_notifications(v_whole_users, v_whole, 'blocked')
        + settle_runs(v_run_users, v_runs, 'blocked');
END $$;
