-- Unread runs: a while after messages were sent, who has not read them is told of the conversation.

-- A duration that the server's connection is set to, as `parley.run_delay`.
CREATE FUNCTION told_duration(p_name text, p_otherwise interval) RETURNS interval
LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting(p_name, true), '')::interval, p_otherwise)
$$;

-- Tells of conversations those who have not read them: element i up to element i of p_seqs. Their unread run is made or
-- moved, unless it was moved a moment ago: then it is looked at again once that moment has passed, by a row of the
-- outbox. Who is named in a message, or answered by it, hears of it by that; of a conversation above 32 people nobody
-- else does. With p_users each element is one person's, who is told of what has become old enough since as well; else
-- all are told. Returns how many were told.
CREATE FUNCTION tell_runs(p_conversations uuid[], p_users uuid[], p_seqs bigint[]) RETURNS integer
LANGUAGE plpgsql VOLATILE SET enable_bitmapscan = off AS $$
DECLARE
    v_until timestamptz := clock_timestamp() - told_duration('parley.run_delay', interval '20 seconds');
    v_interval interval := told_duration('parley.run_interval', interval '60 seconds');
    v_items jsonb;
    v_again_users uuid[];
    v_again_conversations uuid[];
    v_again_seqs bigint[];
    v_again_at timestamptz;
BEGIN
    WITH asked AS (
        SELECT i.conversation_id, i.user_id, max(i.seq) AS seq
        FROM unnest(p_conversations, p_users, p_seqs) AS i(conversation_id, user_id, seq)
        GROUP BY i.conversation_id, i.user_id
    ), late AS MATERIALIZED (
        SELECT p.conversation_id, p.user_id, a.seq AS due_seq, c.seq, r.id, r.updated_at,
               greatest(p.last_read_seq, r.seq, c.seq - 100, (
                   SELECT max(away.seq) FROM notifications away
                   WHERE away.user_id = p.user_id AND away.subject_id = c.id AND away.type = 'message.run'
                     AND away.archived_at IS NOT NULL AND away.ended IS NULL
               )) AS above
        FROM asked a
        CROSS JOIN LATERAL (
            SELECT c.id, CASE WHEN a.user_id IS NULL THEN least(a.seq, c.last_seq) ELSE c.last_seq END AS seq
            FROM conversations c
            WHERE c.id = a.conversation_id AND c.participant_count <= 32
            OFFSET 0
        ) c
        JOIN conversation_participants p ON p.conversation_id = c.id
            AND (a.user_id IS NULL OR p.user_id = a.user_id) AND p.last_read_seq < c.seq
        LEFT JOIN LATERAL (
            SELECT n.id, n.seq, n.updated_at, n.again_at FROM notifications n
            WHERE n.user_id = p.user_id AND n.group_key = 'run:' || c.id
              AND n.read_at IS NULL AND n.archived_at IS NULL AND n.seq > p.last_read_seq
            LIMIT 1
        ) r ON true
        WHERE p.left_at IS NULL AND NOT p.is_muted AND p.role <> 'observer'
          -- It is looked at again by then; if that never came, by this.
          AND (r.again_at IS NULL OR r.again_at < clock_timestamp() - v_interval)
    ), said AS MATERIALIZED (
        -- Each once, however many have not read it.
        SELECT m.conversation_id, m.seq, m.created_at, m.sender_id, m.mentions, parent.sender_id AS answered_id
        FROM (
            SELECT l.conversation_id, min(l.above) + 1 AS first, max(l.seq) AS last
            FROM late l GROUP BY l.conversation_id
        ) w
        CROSS JOIN LATERAL generate_series(w.first, w.last) s(seq)
        CROSS JOIN LATERAL message_at(w.conversation_id, s.seq) m
        LEFT JOIN LATERAL message_at(m.conversation_id, uuid7_seq(m.parent_id)) parent ON parent.id = m.parent_id
        WHERE NOT m.is_deleted AND m.type <> 'system'
    ), unread AS (
        SELECT l.user_id, l.conversation_id, s.sender_id, max(s.seq) AS seq
        FROM late l
        JOIN said s ON s.conversation_id = l.conversation_id AND s.seq > l.above AND s.seq <= l.seq
            AND (s.seq <= l.due_seq OR s.created_at <= v_until)
        WHERE s.sender_id <> l.user_id AND l.user_id <> ALL (coalesce(s.mentions, '{}'))
          AND s.answered_id IS DISTINCT FROM l.user_id
        GROUP BY l.user_id, l.conversation_id, s.sender_id
    ), judged AS MATERIALIZED (
        SELECT u.*, l.id, l.updated_at > clock_timestamp() - v_interval AS is_early
        FROM (
            SELECT u.user_id, u.conversation_id, max(u.seq) AS seq,
                   array_agg(u.sender_id ORDER BY u.seq DESC) AS sender_ids
            FROM unread u
            WHERE NOT EXISTS (
                SELECT 1 FROM user_blocks b
                WHERE (b.blocker_id = u.user_id AND b.blocked_id = u.sender_id)
                   OR (b.blocker_id = u.sender_id AND b.blocked_id = u.user_id)
            )
            GROUP BY u.user_id, u.conversation_id
        ) u
        JOIN late l USING (user_id, conversation_id)
        JOIN users account ON account.id = u.user_id AND account.status NOT IN ('deleted', 'anonymized')
    ), postponed AS (
        UPDATE notifications n SET again_at = n.updated_at + v_interval
        FROM (
            SELECT j.user_id, j.id, j.conversation_id, j.seq FROM judged j
            WHERE j.is_early
            ORDER BY j.user_id, j.id
        ) j
        WHERE n.user_id = j.user_id AND n.id = j.id
        RETURNING n.user_id, j.conversation_id, j.seq, n.again_at
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
    ), array_agg(p.user_id), array_agg(p.conversation_id), array_agg(p.seq), max(p.again_at)
    INTO v_items, v_again_users, v_again_conversations, v_again_seqs, v_again_at
    FROM postponed p;

    IF v_again_users IS NOT NULL THEN
        INSERT INTO outbox (consumer, kind, available_at, conversation_ids, user_ids, seqs)
        VALUES ('message_runs', 'message.again', v_again_at, v_again_conversations, v_again_users, v_again_seqs);
    END IF;
    IF v_items IS NOT NULL THEN
        PERFORM notify_users(v_items);
    END IF;
    RETURN coalesce(jsonb_array_length(v_items), 0);
END $$;

-- Looks again at unread runs that were moved a moment before further messages came.
CREATE FUNCTION tell_runs_again(p_conversations uuid[], p_users uuid[], p_seqs bigint[]) RETURNS integer
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
    RETURN tell_runs(p_conversations, p_users, p_seqs);
END $$;
