-- Takes back step 0008: the functions as they were, and the columns.
CREATE OR REPLACE FUNCTION create_conversation(
    p_type text,
    p_creator uuid,
    p_others uuid[],
    p_title text,
    p_job uuid,
    p_contract uuid,
    p_client uuid,
    p_hash bytea,
    p_max_participants integer,
    p_max_direct_a_day integer,
    p_max_user_fanout integer,
    p_lock_timeout_ms integer
) RETURNS creation_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_direct_key text := CASE WHEN p_type = 'direct' THEN
        least(p_creator, p_others[1]) || ':' || greatest(p_creator, p_others[1]) END;
    v_result creation_result;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    -- One creation at a time of each creator, for the client_id and for the count of a day.
    PERFORM pg_advisory_xact_lock(hashtextextended('parley.create:' || p_creator, 0));

    SELECT CASE WHEN c.request_hash = p_hash THEN 'repeat' ELSE 'mismatch' END, c.id, NULL
    INTO v_result
    FROM conversations c WHERE c.created_by = p_creator AND c.client_id = p_client;
    IF v_result.verdict IS NULL THEN
        SELECT 'unchanged', c.id, NULL INTO v_result
        FROM conversations c WHERE c.direct_key = v_direct_key;
    END IF;
    IF v_result.verdict IS NULL THEN
        v_result := judge_creation(
            p_type, p_creator, p_others, p_max_participants, p_max_direct_a_day);
    END IF;
    IF v_result.verdict <> 'ok' THEN
        RETURN v_result;
    END IF;

    INSERT INTO conversations (type, title, job_id, contract_id, created_by, direct_key, client_id,
                               request_hash, participant_count, fanout)
    SELECT p_type, p_title, p_job, p_contract, p_creator, v_direct_key, p_client,
           CASE WHEN p_client IS NOT NULL THEN p_hash END, n.people,
           CASE WHEN n.people > p_max_user_fanout THEN 'conversation' ELSE 'user' END
    FROM (SELECT cardinality(p_others) + 1 AS people) n
    ON CONFLICT (direct_key) DO NOTHING
    RETURNING id INTO v_result.conversation_id;
    IF v_result.conversation_id IS NULL THEN
        -- The other one of the pair was faster; the next statement sees what was made.
        SELECT 'unchanged', c.id, NULL INTO v_result
        FROM conversations c WHERE c.direct_key = v_direct_key;
        RETURN v_result;
    END IF;

    INSERT INTO conversation_participants (conversation_id, user_id, role)
    SELECT v_result.conversation_id, u, CASE WHEN u = p_creator THEN 'owner' ELSE 'member' END
    FROM unnest(p_others || p_creator) u
    ORDER BY u;
    PERFORM put_in_outbox('realtime', 'conversation.created', v_result.conversation_id, NULL, 1,
                          p_others || p_creator);
    IF p_type <> 'direct' THEN
        PERFORM put_in_outbox('notifications', 'conversation.created', v_result.conversation_id,
                              NULL, 1, p_others);
    END IF;
    RETURN v_result;
END $$;

CREATE OR REPLACE FUNCTION update_conversation(
    p_conversation uuid,
    p_user uuid,
    p_sets_title boolean,
    p_title text,
    p_status text,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_owner(p_conversation, p_user);
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    UPDATE conversations c
    SET title = CASE WHEN p_sets_title THEN p_title ELSE c.title END,
        status = coalesce(p_status, c.status),
        rev = c.rev + 1
    WHERE c.id = p_conversation
      AND ((p_sets_title AND c.title IS DISTINCT FROM p_title) OR c.status <> p_status)
    RETURNING c.rev INTO v_rev;
    IF v_rev IS NULL THEN
        RETURN ROW('unchanged', NULL, NULL)::change_result;
    END IF;
    PERFORM put_in_outbox('realtime', 'conversation.updated', p_conversation, NULL, v_rev, NULL);
    RETURN ROW('ok', NULL, v_rev)::change_result;
END $$;

CREATE OR REPLACE FUNCTION add_member(
    p_conversation uuid,
    p_owner uuid,
    p_user uuid,
    p_max_participants integer,
    p_max_user_fanout integer,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_owner, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_owner(p_conversation, p_owner);
    IF v_verdict = 'ok' THEN
        v_verdict := judge_joining(p_conversation, p_owner, p_user, p_max_participants);
    END IF;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;

    UPDATE conversations c
    SET rev = c.rev + 1,
        participant_count = c.participant_count + 1,
        fanout = CASE WHEN c.participant_count >= p_max_user_fanout THEN 'conversation' ELSE c.fanout END,
        fanout_changed_at = CASE
            WHEN c.participant_count >= p_max_user_fanout AND c.fanout = 'user' THEN clock_timestamp()
            ELSE c.fanout_changed_at
        END
    WHERE c.id = p_conversation
    RETURNING c.rev INTO v_rev;
    INSERT INTO conversation_participants AS p (
        conversation_id, user_id, role, last_read_seq, last_delivered_seq
    )
    SELECT c.id, p_user, 'member', c.last_seq, c.last_seq
    FROM conversations c WHERE c.id = p_conversation
    ON CONFLICT (conversation_id, user_id) DO UPDATE
    SET left_at = NULL, role = 'member', joined_at = EXCLUDED.joined_at,
        last_read_seq = greatest(p.last_read_seq, EXCLUDED.last_read_seq),
        last_delivered_seq = greatest(p.last_delivered_seq, EXCLUDED.last_delivered_seq);

    -- One rev, and to the person the conversation first: what is known by then is not asked for.
    PERFORM put_in_outbox(
        'realtime', 'conversation.created', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox(
        'realtime', 'member.joined', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox(
        'notifications', 'conversation.created', p_conversation, NULL, v_rev, ARRAY[p_user]);
    RETURN ROW('ok', NULL, v_rev)::change_result;
END $$;

CREATE OR REPLACE FUNCTION part_with_member(p_conversation uuid, p_user uuid) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_heir uuid;
    v_rev bigint;
BEGIN
    SELECT p.user_id INTO v_heir FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id <> p_user AND p.left_at IS NULL
      AND p.role = 'member' AND NOT EXISTS (
          SELECT 1 FROM conversation_participants o
          WHERE o.conversation_id = p_conversation AND o.user_id <> p_user AND o.left_at IS NULL
            AND o.role = 'owner'
      )
    ORDER BY p.joined_at, p.user_id
    LIMIT 1;
    -- In the order that every statement locks participants in.
    PERFORM 1 FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id IN (p_user, v_heir)
    ORDER BY p.user_id
    FOR NO KEY UPDATE;

    UPDATE conversation_participants p SET left_at = clock_timestamp()
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user;
    UPDATE conversations c SET rev = c.rev + 1, participant_count = c.participant_count - 1
    WHERE c.id = p_conversation
    RETURNING c.rev INTO v_rev;
    PERFORM put_in_outbox('realtime', 'member.left', p_conversation, NULL, v_rev, ARRAY[p_user]);
    PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY[p_user]);
    IF v_heir IS NOT NULL THEN
        UPDATE conversation_participants p SET role = 'owner'
        WHERE p.conversation_id = p_conversation AND p.user_id = v_heir;
        v_rev := next_rev(p_conversation);
        PERFORM put_in_outbox(
            'realtime', 'conversation.updated', p_conversation, NULL, v_rev, NULL);
    END IF;
    RETURN ROW('ok', NULL, v_rev)::change_result;
END $$;

CREATE OR REPLACE FUNCTION next_rev(p_conversation uuid) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    UPDATE conversations SET rev = rev + 1 WHERE id = p_conversation RETURNING rev
$$;

DROP FUNCTION commit_group(uuid[], uuid[], uuid[], bytea[], text[], text[], uuid[], text[], text[], uuid,
                           bigint[], boolean, integer);
DROP FUNCTION is_under_way(timestamptz, timestamptz);
ALTER TABLE conversations DROP COLUMN relayed_rev, DROP COLUMN relayed_at, DROP COLUMN relayed_follows;
ALTER TABLE conversation_participants DROP COLUMN joined_rev, DROP COLUMN left_rev;
