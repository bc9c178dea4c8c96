-- Changes of messages other than sending: one call a command. Every function first locks the
-- conversation and decides nothing in that statement; what it reads later is on fresh snapshots.
-- Verdicts that store nothing: `unchanged` for what was so already, the others refuse.

CREATE TYPE change_result AS (
    verdict text,
    seq bigint,
    rev bigint
);

-- Waits p_lock_timeout_ms for the lock, then raises lock_not_available. False, and nothing is locked,
-- for who is no member: strangers neither wait nor learn that somebody holds it. True says only that
-- the lock is held; whether the user is a member still is for a later statement to see.
CREATE FUNCTION lock_conversation(p_conversation uuid, p_user uuid, p_lock_timeout_ms integer)
RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    PERFORM 1 FROM conversations c
    WHERE c.id = p_conversation AND EXISTS (
        SELECT 1 FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
    )
    FOR NO KEY UPDATE OF c;
    RETURN FOUND;
END $$;

-- One reference for each of p_users, or a single one without a user when p_users is NULL.
CREATE FUNCTION put_in_outbox(
    p_consumer text,
    p_kind text,
    p_conversation uuid,
    p_seq bigint,
    p_rev bigint,
    p_users uuid[]
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_count integer := coalesce(cardinality(p_users), 1);
BEGIN
    IF v_count > 0 THEN
        INSERT INTO outbox (consumer, kind, conversation_ids, seqs, revs, user_ids)
        VALUES (p_consumer, p_kind, array_fill(p_conversation, ARRAY[v_count]),
                CASE WHEN p_seq IS NOT NULL THEN array_fill(p_seq, ARRAY[v_count]) END,
                CASE WHEN p_rev IS NOT NULL THEN array_fill(p_rev, ARRAY[v_count]) END,
                p_users);
    END IF;
END $$;

CREATE FUNCTION next_rev(p_conversation uuid) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    UPDATE conversations SET rev = rev + 1 WHERE id = p_conversation RETURNING rev
$$;

-- Blocks count between two: in a direct conversation, or where only two are left.
CREATE FUNCTION is_blocked_pair(p_conversation uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT cardinality(g.members) = 2 AND EXISTS (
        SELECT 1 FROM user_blocks b
        WHERE (b.blocker_id = g.members[1] AND b.blocked_id = g.members[2])
           OR (b.blocker_id = g.members[2] AND b.blocked_id = g.members[1])
    )
    FROM (
        SELECT array_agg(p.user_id) AS members FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.left_at IS NULL
    ) g
$$;

-- Whether a member may change what is said here at all; `ok` or why not.
CREATE FUNCTION judge_member(p_conversation uuid, p_user uuid) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_role text;
BEGIN
    SELECT p.role INTO v_role FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL;
    RETURN CASE
        WHEN v_role IS NULL THEN 'not_found'
        WHEN v_role = 'observer' THEN 'forbidden'
        WHEN (SELECT c.status FROM conversations c WHERE c.id = p_conversation) = 'closed' THEN 'closed'
        WHEN is_blocked_pair(p_conversation) THEN 'blocked'
        ELSE 'ok'
    END;
END $$;

-- The id tells where the row is: seq and created_at are the key, and created_at the partition.
CREATE FUNCTION find_message(p_conversation uuid, p_message uuid) RETURNS messages
LANGUAGE sql STABLE AS $$
    SELECT m FROM messages m
    WHERE m.conversation_id = p_conversation AND m.seq = uuid7_seq(p_message)
      AND m.created_at = uuid7_time(p_message) AND m.id = p_message
$$;

-- What every change of a message brings with it, after its row has been given p_rev.
CREATE FUNCTION message_changed(
    p_conversation uuid,
    p_seq bigint,
    p_created_at timestamptz,
    p_rev bigint,
    p_text_changed boolean
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE conversation_months cm SET max_rev = greatest(cm.max_rev, p_rev)
    WHERE cm.conversation_id = p_conversation
      AND cm.month = date_trunc('month', p_created_at, 'UTC')
      AND cm.max_rev IS NOT NULL;
    PERFORM put_in_outbox('realtime', 'message.updated', p_conversation, p_seq, p_rev, NULL);
    IF p_text_changed THEN
        PERFORM put_in_outbox('search', 'message.updated', p_conversation, p_seq, p_rev, NULL);
    END IF;
END $$;

-- New content for one's own message.
CREATE FUNCTION edit_message(
    p_conversation uuid,
    p_user uuid,
    p_message uuid,
    p_content text,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
    v_message messages;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    v_verdict := CASE
        WHEN v_message.id IS NULL THEN 'message_not_found'
        WHEN v_message.sender_id <> p_user OR v_message.type = 'system' THEN 'forbidden'
        WHEN v_message.is_deleted THEN 'deleted'
        WHEN v_message.content IS NOT DISTINCT FROM p_content THEN 'unchanged'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    v_rev := next_rev(p_conversation);
    UPDATE messages m
    SET content = p_content, edited_at = date_trunc('milliseconds', clock_timestamp()),
        rev = v_rev, is_changed = true
    WHERE m.conversation_id = p_conversation AND m.seq = v_message.seq
      AND m.created_at = v_message.created_at;
    PERFORM message_changed(p_conversation, v_message.seq, v_message.created_at, v_rev, true);
    RETURN ROW('ok', v_message.seq, v_rev)::change_result;
END $$;

-- Makes a message a tombstone: by its sender, or in a group by an owner, also where nothing more
-- may be said. Those who had not read it have one unread message less, and are told.
CREATE FUNCTION delete_message(
    p_conversation uuid,
    p_user uuid,
    p_message uuid,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
    v_message messages;
    v_may_delete_any boolean;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict IN ('not_found', 'forbidden') THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    SELECT p.role = 'owner' AND c.type <> 'direct' INTO v_may_delete_any
    FROM conversations c
    JOIN conversation_participants p ON p.conversation_id = c.id AND p.user_id = p_user
    WHERE c.id = p_conversation;
    v_verdict := CASE
        WHEN v_message.id IS NULL THEN 'message_not_found'
        WHEN v_message.sender_id <> p_user AND NOT v_may_delete_any THEN 'forbidden'
        WHEN v_message.is_deleted THEN 'unchanged'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    v_rev := next_rev(p_conversation);
    UPDATE messages m
    SET content = NULL, mentions = NULL, attachment_count = 0, reaction_count = 0,
        is_pinned = false, is_deleted = true, rev = v_rev, is_changed = true
    WHERE m.conversation_id = p_conversation AND m.seq = v_message.seq
      AND m.created_at = v_message.created_at;
    DELETE FROM message_attachments a
    WHERE a.conversation_id = p_conversation AND a.seq = v_message.seq;
    DELETE FROM message_reactions r
    WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq;
    DELETE FROM message_pins pin
    WHERE pin.conversation_id = p_conversation AND pin.seq = v_message.seq;
    INSERT INTO message_tombstones (conversation_id, seq) VALUES (p_conversation, v_message.seq);
    PERFORM message_changed(p_conversation, v_message.seq, v_message.created_at, v_rev, true);
    PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY(
        SELECT p.user_id FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.left_at IS NULL
          AND p.last_read_seq < v_message.seq
    ));
    RETURN ROW('ok', v_message.seq, v_rev)::change_result;
END $$;

-- Pins a message for everyone, or takes the pin away.
CREATE FUNCTION pin_message(
    p_conversation uuid,
    p_user uuid,
    p_message uuid,
    p_is_pinned boolean,
    p_max_pins integer,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
    v_message messages;
    v_rev bigint;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    v_verdict := CASE
        WHEN v_message.id IS NULL THEN 'message_not_found'
        WHEN v_message.is_pinned = p_is_pinned THEN 'unchanged'
        WHEN v_message.is_deleted THEN 'deleted'
        WHEN p_is_pinned AND p_max_pins <= (
            SELECT count(*) FROM message_pins pin WHERE pin.conversation_id = p_conversation
        ) THEN 'too_many_pins'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    IF p_is_pinned THEN
        INSERT INTO message_pins (conversation_id, seq, pinned_by)
        VALUES (p_conversation, v_message.seq, p_user);
    ELSE
        DELETE FROM message_pins pin
        WHERE pin.conversation_id = p_conversation AND pin.seq = v_message.seq;
    END IF;
    v_rev := next_rev(p_conversation);
    UPDATE messages m SET is_pinned = p_is_pinned, rev = v_rev, is_changed = true
    WHERE m.conversation_id = p_conversation AND m.seq = v_message.seq
      AND m.created_at = v_message.created_at;
    PERFORM message_changed(p_conversation, v_message.seq, v_message.created_at, v_rev, false);
    RETURN ROW('ok', v_message.seq, v_rev)::change_result;
END $$;

-- Adds a reaction; a message has at most p_max_emojis different ones.
CREATE FUNCTION add_reaction(
    p_conversation uuid,
    p_user uuid,
    p_message uuid,
    p_emoji text,
    p_max_emojis integer,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
    v_message messages;
    v_emojis text[];
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    IF v_message.id IS NULL THEN
        RETURN ROW('message_not_found', NULL, NULL)::change_result;
    END IF;
    SELECT array_agg(DISTINCT r.emoji) INTO v_emojis FROM message_reactions r
    WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq;
    v_verdict := CASE
        WHEN v_message.is_deleted THEN 'deleted'
        WHEN EXISTS (
            SELECT 1 FROM message_reactions r
            WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq
              AND r.emoji = p_emoji AND r.user_id = p_user
        ) THEN 'unchanged'
        WHEN cardinality(v_emojis) >= p_max_emojis AND p_emoji <> ALL (v_emojis) THEN 'too_many_emojis'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    INSERT INTO message_reactions (conversation_id, seq, emoji, user_id)
    VALUES (p_conversation, v_message.seq, p_emoji, p_user);
    RETURN reactions_changed(v_message, 1);
END $$;

-- Takes a reaction of one's own away.
CREATE FUNCTION remove_reaction(
    p_conversation uuid,
    p_user uuid,
    p_message uuid,
    p_emoji text,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_verdict text;
    v_message messages;
BEGIN
    IF NOT lock_conversation(p_conversation, p_user, p_lock_timeout_ms) THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    v_verdict := judge_member(p_conversation, p_user);
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, NULL, NULL)::change_result;
    END IF;
    v_message := find_message(p_conversation, p_message);
    IF v_message.id IS NULL THEN
        RETURN ROW('message_not_found', NULL, NULL)::change_result;
    END IF;
    DELETE FROM message_reactions r
    WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq
      AND r.emoji = p_emoji AND r.user_id = p_user;
    IF NOT FOUND THEN
        RETURN ROW('unchanged', v_message.seq, v_message.rev)::change_result;
    END IF;
    RETURN reactions_changed(v_message, -1);
END $$;

-- p_by: how many reactions came or went.
CREATE FUNCTION reactions_changed(p_message messages, p_by integer) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_rev bigint := next_rev(p_message.conversation_id);
BEGIN
    UPDATE messages m SET reaction_count = m.reaction_count + p_by, rev = v_rev, is_changed = true
    WHERE m.conversation_id = p_message.conversation_id AND m.seq = p_message.seq
      AND m.created_at = p_message.created_at;
    PERFORM message_changed(
        p_message.conversation_id, p_message.seq, p_message.created_at, v_rev, false);
    RETURN ROW('ok', p_message.seq, v_rev)::change_result;
END $$;
