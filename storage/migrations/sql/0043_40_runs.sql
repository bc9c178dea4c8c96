-- Unread runs: a while after messages were sent, who has not read them is told of the conversation.

-- A duration that the server's connection is set to, as `parley.run_delay`.
CREATE FUNCTION told_duration(p_name text, p_otherwise interval) RETURNS interval
LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting(p_name, true), '')::interval, p_otherwise)
$$;

-- Tells of conversations those who have not read them: of messages that are old enough by now. Their unread run is
-- made or moved, unless it was moved a moment ago: then it is looked at again once that moment has passed, by a row
-- of the outbox. Who is named in a message, or answered by it, hears of it by that; of a conversation above 32 people
-- nobody else does. With p_users each element is one person's; else all are told. Returns how many were told.
CREATE FUNCTION tell_runs(p_conversations uuid[], p_users uuid[]) RETURNS integer
LANGUAGE plpgsql VOLATILE SET enable_bitmapscan = off AS $$
DECLARE
    v_until timestamptz := clock_timestamp() - told_duration('parley.run_delay', interval '20 seconds');
    v_interval interval := told_duration('parley.run_interval', interval '60 seconds');
    v_items jsonb;
    v_again_users uuid[];
    v_again_conversations uuid[];
    v_again_at timestamptz;
BEGIN
    WITH asked AS (
        SELECT DISTINCT i.conversation_id, i.user_id
        FROM unnest(p_conversations, p_users) AS i(conversation_id, user_id)
    ), late AS MATERIALIZED (
        SELECT p.conversation_id, p.user_id, c.old_seq, r.id, r.updated_at,
               greatest(p.last_read_seq, r.seq, c.old_seq - 100) AS above
        FROM asked a
        CROSS JOIN LATERAL (
            -- The last message is mostly too young while people talk; one look less at each.
            SELECT c.id, c.last_seq - (c.last_message_at > v_until)::integer AS old_seq
            FROM conversations c
            WHERE c.id = a.conversation_id AND c.participant_count <= 32
            OFFSET 0
        ) c
        JOIN conversation_participants p ON p.conversation_id = c.id
            AND (a.user_id IS NULL OR p.user_id = a.user_id) AND p.last_read_seq < c.old_seq
        LEFT JOIN LATERAL (
            SELECT n.id, n.seq, n.updated_at, n.again_at FROM notifications n
            WHERE n.user_id = p.user_id AND n.group_key = 'run:' || c.id
              AND n.read_at IS NULL AND n.archived_at IS NULL AND n.seq > p.last_read_seq
            LIMIT 1
        ) r ON true
        WHERE p.left_at IS NULL AND NOT p.is_muted AND p.role <> 'observer' AND r.again_at IS NULL
    ), said AS (
        SELECT l.user_id, l.conversation_id, m.seq, m.sender_id
        FROM late l
        CROSS JOIN LATERAL generate_series(l.above + 1, l.old_seq) s(seq)
        CROSS JOIN LATERAL message_at(l.conversation_id, s.seq) m
        WHERE m.created_at <= v_until AND NOT m.is_deleted AND m.type <> 'system'
          AND m.sender_id <> l.user_id AND l.user_id <> ALL (coalesce(m.mentions, '{}'))
          AND NOT EXISTS (
              SELECT 1 FROM message_at(m.conversation_id, uuid7_seq(m.parent_id)) parent
              WHERE m.parent_id IS NOT NULL AND parent.id = m.parent_id AND parent.sender_id = l.user_id
              OFFSET 0
          )
          AND NOT EXISTS (
              SELECT 1 FROM user_blocks b
              WHERE (b.blocker_id = l.user_id AND b.blocked_id = m.sender_id)
                 OR (b.blocker_id = m.sender_id AND b.blocked_id = l.user_id)
          )
    ), unread AS (
        SELECT s.user_id, s.conversation_id, max(s.seq) AS seq,
               array_agg(s.sender_id ORDER BY s.seq DESC) AS sender_ids
        FROM (
            SELECT s.user_id, s.conversation_id, s.sender_id, max(s.seq) AS seq
            FROM said s GROUP BY s.user_id, s.conversation_id, s.sender_id
        ) s
        GROUP BY s.user_id, s.conversation_id
    ), judged AS MATERIALIZED (
        SELECT u.*, l.id, l.updated_at > clock_timestamp() - v_interval AS is_early
        FROM unread u JOIN late l USING (user_id, conversation_id)
    ), postponed AS (
        UPDATE notifications n SET again_at = n.updated_at + v_interval
        FROM (
            SELECT j.user_id, j.id, j.conversation_id FROM judged j
            WHERE j.is_early
            ORDER BY j.user_id, j.id
        ) j
        WHERE n.user_id = j.user_id AND n.id = j.id AND n.again_at IS NULL
        RETURNING n.user_id, j.conversation_id, n.again_at
    )
    SELECT (
        SELECT jsonb_agg(jsonb_build_object(
            'user_id', j.user_id, 'type', 'message.run', 'category', 'message',
            'group_key', 'run:' || j.conversation_id,
            'subject_type', 'conversation', 'subject_id', j.conversation_id,
            'actor_id', j.sender_ids[1], 'seq', j.seq,
            'data', jsonb_build_object(
                'conversation_id', j.conversation_id, 'seq', j.seq, 'senders', j.sender_ids)
        ) ORDER BY j.user_id, j.conversation_id)
        FROM judged j WHERE j.is_early IS NOT TRUE
    ), array_agg(p.user_id), array_agg(p.conversation_id), max(p.again_at)
    INTO v_items, v_again_users, v_again_conversations, v_again_at
    FROM postponed p;

    IF v_again_users IS NOT NULL THEN
        INSERT INTO outbox (consumer, kind, available_at, conversation_ids, user_ids)
        VALUES ('message_runs', 'message.again', v_again_at, v_again_conversations, v_again_users);
    END IF;
    IF v_items IS NOT NULL THEN
        PERFORM notify_users(v_items);
    END IF;
    RETURN coalesce(jsonb_array_length(v_items), 0);
END $$;

-- Looks again at unread runs that were moved a moment before further messages came.
CREATE FUNCTION tell_runs_again(p_conversations uuid[], p_users uuid[]) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE notifications n SET again_at = NULL
    FROM (
        SELECT n.user_id, n.id
        FROM unnest(p_conversations, p_users) AS i(conversation_id, user_id)
        JOIN notifications n ON n.user_id = i.user_id AND n.group_key = 'run:' || i.conversation_id
        WHERE n.read_at IS NULL AND n.archived_at IS NULL
        ORDER BY n.user_id, n.id
        FOR NO KEY UPDATE OF n
    ) d
    WHERE n.user_id = d.user_id AND n.id = d.id;
    RETURN tell_runs(p_conversations, p_users);
END $$;
