-- Conversations and who is in them: one call a command, locked and judged as in the changes of
-- messages. Roles, joining and leaving change only under the conversation's lock.

CREATE INDEX conversations_direct_opened ON conversations (created_by, created_at)
    WHERE type = 'direct';

CREATE TYPE creation_result AS (
    verdict text,
    conversation_id uuid,
    -- Of rate_limited: when the creator may open the next direct conversation.
    retry_after_s double precision
);

-- A new conversation of the creator (its owner) and p_others, who are neither the creator nor named
-- twice. A pair has one direct conversation, which `unchanged` names whoever asks for it; `repeat`
-- names what the creator's client_id made before.
CREATE FUNCTION create_conversation(
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
                               request_hash, participant_count, fanout, fanout_changed_at)
    SELECT p_type, p_title, p_job, p_contract, p_creator, v_direct_key, p_client,
           CASE WHEN p_client IS NOT NULL THEN p_hash END, n.people,
           CASE WHEN n.people > p_max_user_fanout THEN 'conversation' ELSE 'user' END,
           CASE WHEN n.people > p_max_user_fanout THEN clock_timestamp() END
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

-- Whether a conversation that does not exist yet may be made; `ok` or why not.
CREATE FUNCTION judge_creation(
    p_type text,
    p_creator uuid,
    p_others uuid[],
    p_max_participants integer,
    p_max_direct_a_day integer
) RETURNS creation_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_opened bigint;
    v_retry_after_s double precision;
BEGIN
    IF cardinality(p_others) + 1 > p_max_participants THEN
        RETURN ROW('too_many_participants', NULL, NULL)::creation_result;
    END IF;
    IF cardinality(p_others) <> (
        SELECT count(*) FROM users u WHERE u.id = ANY (p_others) AND u.status = 'active'
    ) THEN
        RETURN ROW('user_not_found', NULL, NULL)::creation_result;
    END IF;
    IF EXISTS (
        SELECT 1 FROM user_blocks b
        WHERE (b.blocker_id = p_creator AND b.blocked_id = ANY (p_others))
           OR (b.blocked_id = p_creator AND b.blocker_id = ANY (p_others))
    ) THEN
        RETURN ROW('blocked', NULL, NULL)::creation_result;
    END IF;
    IF p_type = 'direct' THEN
        -- The one whose day ends next among the newest p_max_direct_a_day.
        SELECT count(*), extract(epoch FROM min(d.created_at) + interval '1 day' - clock_timestamp())
        INTO v_opened, v_retry_after_s
        FROM (
            SELECT c.created_at FROM conversations c
            WHERE c.created_by = p_creator AND c.type = 'direct'
              AND c.created_at > clock_timestamp() - interval '1 day'
            ORDER BY c.created_at DESC
            LIMIT p_max_direct_a_day
        ) d;
        IF v_opened >= p_max_direct_a_day THEN
            RETURN ROW('rate_limited', NULL, greatest(v_retry_after_s, 0))::creation_result;
        END IF;
    END IF;
    RETURN ROW('ok', NULL, NULL)::creation_result;
END $$;

-- `ok` for an owner of the conversation, or why not.
CREATE FUNCTION judge_owner(p_conversation uuid, p_user uuid) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_role text;
BEGIN
    SELECT p.role INTO v_role FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL;
    RETURN CASE WHEN v_role IS NULL THEN 'not_found' WHEN v_role <> 'owner' THEN 'forbidden' ELSE 'ok' END;
END $$;

-- p_title is kept unless p_sets_title; p_status NULL keeps the status.
CREATE FUNCTION update_conversation(
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

-- A member's own settings; NULL keeps what is. Only the member's row is locked: nothing that others
-- see is changed and no rev given out.
CREATE FUNCTION set_conversation_settings(
    p_conversation uuid,
    p_user uuid,
    p_is_muted boolean,
    p_is_archived boolean,
    p_is_pinned boolean,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_before conversation_participants;
    v_after conversation_participants;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    SELECT p.* INTO v_before FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
    FOR NO KEY UPDATE;
    IF v_before.user_id IS NULL THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_after := v_before;
    v_after.is_muted := coalesce(p_is_muted, v_before.is_muted);
    v_after.is_archived := coalesce(p_is_archived, v_before.is_archived);
    v_after.is_pinned := coalesce(p_is_pinned, v_before.is_pinned);
    IF v_after = v_before THEN
        RETURN ROW('unchanged', NULL, NULL)::change_result;
    END IF;
    UPDATE conversation_participants p
    SET is_muted = v_after.is_muted, is_archived = v_after.is_archived, is_pinned = v_after.is_pinned
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user;
    PERFORM put_in_outbox(
        'realtime', 'conversation.settings', p_conversation, NULL, NULL, ARRAY[p_user]);
    IF v_after.is_muted <> v_before.is_muted OR v_after.is_archived <> v_before.is_archived THEN
        -- Totals leave out muted and archived conversations.
        PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY[p_user]);
    END IF;
    RETURN ROW('ok', NULL, NULL)::change_result;
END $$;

-- p_owner takes p_user in. Who joins has read what was there; who comes back never less than before.
CREATE FUNCTION add_member(
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

-- Whether an owner may take somebody in; `ok` or why not.
CREATE FUNCTION judge_joining(
    p_conversation uuid,
    p_owner uuid,
    p_user uuid,
    p_max_participants integer
) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_conversation conversations;
BEGIN
    SELECT c.* INTO v_conversation FROM conversations c WHERE c.id = p_conversation;
    RETURN CASE
        WHEN v_conversation.type = 'direct' THEN 'forbidden'
        WHEN EXISTS (
            SELECT 1 FROM conversation_participants p
            WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
        ) THEN 'unchanged'
        WHEN v_conversation.status = 'closed' THEN 'closed'
        WHEN NOT EXISTS (
            SELECT 1 FROM users u WHERE u.id = p_user AND u.status = 'active'
        ) THEN 'user_not_found'
        WHEN EXISTS (
            SELECT 1 FROM user_blocks b
            WHERE (b.blocker_id = p_owner AND b.blocked_id = p_user)
               OR (b.blocker_id = p_user AND b.blocked_id = p_owner)
        ) THEN 'blocked'
        WHEN v_conversation.participant_count >= p_max_participants THEN 'too_many_participants'
        ELSE 'ok'
    END;
END $$;

-- An owner puts p_user out; who has left already makes it `unchanged`.
CREATE FUNCTION remove_member(
    p_conversation uuid,
    p_owner uuid,
    p_user uuid,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
BEGIN
    IF NOT lock_conversation(p_conversation, p_owner, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_owner(p_conversation, p_owner);
    IF v_verdict = 'ok' THEN
        SELECT CASE
            WHEN c.type = 'direct' THEN 'forbidden'
            WHEN p.user_id IS NULL THEN 'user_not_found'
            WHEN p.left_at IS NOT NULL THEN 'unchanged'
            ELSE 'ok'
        END INTO v_verdict
        FROM conversations c
        LEFT JOIN conversation_participants p ON p.conversation_id = c.id AND p.user_id = p_user
        WHERE c.id = p_conversation;
    END IF;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    RETURN part_with_member(p_conversation, p_user);
END $$;

CREATE FUNCTION leave_conversation(p_conversation uuid, p_user uuid, p_lock_timeout_ms integer)
RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_type text;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    SELECT c.type INTO v_type
    FROM conversations c
    JOIN conversation_participants p ON p.conversation_id = c.id
    WHERE c.id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL;
    IF v_type IS NULL THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    IF v_type = 'direct' THEN
        RETURN ROW('forbidden', NULL, NULL)::change_result;
    END IF;
    RETURN part_with_member(p_conversation, p_user);
END $$;

-- Ends a membership. When no owner is left, the member of the longest standing becomes one, which is
-- a change of its own: member.left tells who went, conversation.updated who follows.
CREATE FUNCTION part_with_member(p_conversation uuid, p_user uuid) RETURNS change_result
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
