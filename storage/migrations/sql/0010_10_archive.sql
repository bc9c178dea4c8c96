-- A conversation is archived up to a message: a newer one of somebody else brings it back unless it is
-- muted, without a write for each recipient. One's own brings it back always: the statement that moves the
-- sender's watermark takes archived_seq away.
--
-- The release before reads and knows is_archived only. It stays, false wherever archived_seq is taken away;
-- a row that has it without archived_seq is one of before, which backfill_archived has yet to come to.

-- Rows that a release adds something to, a part at a time, while servers run. The position is the last row
-- looked at.
CREATE TABLE backfills (
    name text PRIMARY KEY,
    conversation_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    user_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    seq bigint NOT NULL DEFAULT 0,
    -- Who is at one whose parts are several transactions, and until when.
    owner uuid,
    leased_until timestamptz,
    done_at timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON backfills TO parley_service;
INSERT INTO backfills (name, done_at)
SELECT 'archived', CASE WHEN NOT EXISTS (SELECT FROM conversation_participants) THEN now() END;

-- Whether a conversation whose last message is p_last_seq is archived for a member.
CREATE FUNCTION is_archived_at(
    p_archived_seq bigint, p_is_archived boolean, p_is_muted boolean, p_last_seq bigint
) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_archived_seq IS NULL THEN p_is_archived
                ELSE p_is_muted OR p_archived_seq >= p_last_seq END
$$;

-- Looks at the next p_limit members; returns how many there were, NULL when another process is at it.
CREATE FUNCTION backfill_archived(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_at backfills;
    v_conversations uuid[];
    v_users uuid[];
BEGIN
    -- Others wait for the rows that it has locked: it does not wait long for one itself.
    PERFORM set_config('lock_timeout', '500', true);
    SELECT b.* INTO v_at FROM backfills b WHERE b.name = 'archived' FOR UPDATE SKIP LOCKED;
    IF v_at.name IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(n.conversation_id ORDER BY n.conversation_id, n.user_id),
           array_agg(n.user_id ORDER BY n.conversation_id, n.user_id)
    INTO v_conversations, v_users
    FROM (
        SELECT p.conversation_id, p.user_id FROM conversation_participants p
        WHERE (p.conversation_id, p.user_id) > (v_at.conversation_id, v_at.user_id)
        ORDER BY p.conversation_id, p.user_id
        LIMIT p_limit
    ) n;
    IF v_users IS NULL THEN
        UPDATE backfills b SET done_at = clock_timestamp() WHERE b.name = 'archived';
        RETURN 0;
    END IF;
    -- In the order that every statement locks participants in.
    PERFORM 1 FROM conversation_participants p
    JOIN unnest(v_conversations, v_users) n(conversation_id, user_id)
      ON p.conversation_id = n.conversation_id AND p.user_id = n.user_id
    WHERE p.is_archived AND p.archived_seq IS NULL
    ORDER BY p.conversation_id, p.user_id
    FOR NO KEY UPDATE OF p;
    UPDATE conversation_participants p SET archived_seq = c.last_seq
    FROM unnest(v_conversations, v_users) n(conversation_id, user_id)
    JOIN conversations c ON c.id = n.conversation_id
    WHERE p.conversation_id = n.conversation_id AND p.user_id = n.user_id
      AND p.is_archived AND p.archived_seq IS NULL;
    UPDATE backfills b
    SET conversation_id = v_conversations[cardinality(v_users)], user_id = v_users[cardinality(v_users)]
    WHERE b.name = 'archived';
    RETURN cardinality(v_users);
END $$;

CREATE OR REPLACE FUNCTION set_conversation_settings(
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
    v_last_seq bigint;
    v_was_archived boolean;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    SELECT p.* INTO v_before FROM conversation_participants p
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user AND p.left_at IS NULL
    FOR NO KEY UPDATE;
    IF v_before.user_id IS NULL THEN
        RETURN ROW('not_found', NULL, NULL)::change_result;
    END IF;
    -- After the member is locked: a message of his own that is under way has ended, or comes after.
    SELECT c.last_seq INTO v_last_seq FROM conversations c WHERE c.id = p_conversation;
    v_was_archived := is_archived_at(
        v_before.archived_seq, v_before.is_archived, v_before.is_muted, v_last_seq);
    v_after := v_before;
    v_after.is_muted := coalesce(p_is_muted, v_before.is_muted);
    v_after.archived_seq := CASE
        WHEN p_is_archived AND NOT (v_was_archived AND is_archived_at(
            v_before.archived_seq, true, v_after.is_muted, v_last_seq)) THEN v_last_seq
        -- What a message has brought back is not archived again by muting it.
        WHEN coalesce(p_is_archived, true) AND v_was_archived
        THEN coalesce(v_before.archived_seq, v_last_seq)
    END;
    v_after.is_archived := is_archived_at(v_after.archived_seq, false, v_after.is_muted, v_last_seq);
    v_after.archived_seq := CASE WHEN v_after.is_archived THEN v_after.archived_seq END;
    v_after.is_pinned := coalesce(p_is_pinned, v_before.is_pinned);
    IF (v_after.is_muted, v_after.is_archived, v_after.is_pinned)
       = (v_before.is_muted, v_was_archived, v_before.is_pinned)
    THEN
        RETURN ROW('unchanged', NULL, NULL)::change_result;
    END IF;
    UPDATE conversation_participants p
    SET is_muted = v_after.is_muted, is_pinned = v_after.is_pinned,
        archived_seq = v_after.archived_seq, is_archived = v_after.is_archived
    WHERE p.conversation_id = p_conversation AND p.user_id = p_user;
    PERFORM put_in_outbox(
        'realtime', 'conversation.settings', p_conversation, NULL, NULL, ARRAY[p_user]);
    IF v_after.is_muted <> v_before.is_muted OR v_after.is_archived <> v_was_archived THEN
        -- Totals leave out muted and archived conversations.
        PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY[p_user]);
    END IF;
    RETURN ROW('ok', NULL, NULL)::change_result;
END $$;

CREATE OR REPLACE VIEW own_conversations AS
SELECT me.user_id AS own_user_id, me.last_read_seq AS own_last_read_seq,
       v.c_last_seq - me.last_read_seq - (
           SELECT count(*) FROM message_tombstones t
           WHERE t.conversation_id = me.conversation_id AND t.seq > me.last_read_seq
       ) AS own_unread,
       me.is_muted AS own_is_muted,
       is_archived_at(me.archived_seq, me.is_archived, me.is_muted, v.c_last_seq) AS own_is_archived,
       me.is_pinned AS own_is_pinned, v.*
FROM conversation_participants me
JOIN shown_conversations v ON v.c_id = me.conversation_id
WHERE me.left_at IS NULL;
