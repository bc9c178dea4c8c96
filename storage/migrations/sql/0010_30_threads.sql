-- reply_count and last_reply_at leave deleted replies out. A deletion moves two messages: the reply becomes a
-- tombstone at one rev, and its parent changes at the next.

-- messages.last_deleted_reply_at (0010_05_ahead.sql) is up to when a thread has to be looked for: its last reply
-- may be a tombstone.

-- The newest reply of a thread that is not deleted, from the parent's month on.
CREATE FUNCTION newest_reply_at(p_parent messages) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT r.created_at FROM messages r
    WHERE r.conversation_id = p_parent.conversation_id AND r.parent_id = p_parent.id
      AND r.created_at >= p_parent.created_at AND r.created_at <= p_parent.last_reply_at
      AND NOT r.is_deleted
    ORDER BY r.seq DESC
    LIMIT 1
$$;

-- The parent of a reply that has just been deleted, in the conversation that is locked.
CREATE FUNCTION reply_deleted(p_reply messages) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_parent messages := find_message(p_reply.conversation_id, p_reply.parent_id);
    v_rev bigint;
BEGIN
    IF v_parent.id IS NULL THEN
        RETURN;
    END IF;
    v_rev := next_rev(p_reply.conversation_id);
    UPDATE messages m
    SET reply_count = greatest(m.reply_count - 1, 0),
        last_reply_at = CASE
            WHEN p_reply.created_at < m.last_reply_at THEN m.last_reply_at
            ELSE newest_reply_at(v_parent)
        END,
        last_deleted_reply_at = greatest(m.last_deleted_reply_at, p_reply.created_at),
        rev = v_rev, is_changed = true
    WHERE m.conversation_id = v_parent.conversation_id AND m.seq = v_parent.seq
      AND m.created_at = v_parent.created_at;
    PERFORM message_changed(
        v_parent.conversation_id, v_parent.seq, v_parent.created_at, v_rev, false);
END $$;

CREATE OR REPLACE FUNCTION delete_message(
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
    IF v_message.parent_id IS NOT NULL THEN
        PERFORM reply_deleted(v_message);
    END IF;
    PERFORM put_in_outbox('realtime', 'unread.changed', p_conversation, NULL, NULL, ARRAY(
        SELECT p.user_id FROM conversation_participants p
        WHERE p.conversation_id = p_conversation AND p.left_at IS NULL
          AND p.last_read_seq < v_message.seq
    ));
    RETURN ROW('ok', v_message.seq, v_rev)::change_result;
END $$;

INSERT INTO backfills (name, done_at)
SELECT 'replies', CASE WHEN NOT EXISTS (SELECT FROM message_tombstones) THEN now() END;

-- Counts the replies of threads anew that lost some before this step, without a rev: of the next p_limit
-- deleted messages. Returns how many there were, NULL when another process is at it.
CREATE FUNCTION backfill_replies(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_at backfills;
    v_conversations uuid[];
    v_seqs bigint[];
    v_parents uuid[];
    v_of uuid[];
BEGIN
    -- Others wait for the rows that it has locked: it does not wait long for one itself.
    PERFORM set_config('lock_timeout', '500', true);
    SELECT b.* INTO v_at FROM backfills b WHERE b.name = 'replies' FOR UPDATE SKIP LOCKED;
    IF v_at.name IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(n.conversation_id ORDER BY n.conversation_id, n.seq),
           array_agg(n.seq ORDER BY n.conversation_id, n.seq)
    INTO v_conversations, v_seqs
    FROM (
        SELECT t.conversation_id, t.seq FROM message_tombstones t
        WHERE (t.conversation_id, t.seq) > (v_at.conversation_id, v_at.seq)
        ORDER BY t.conversation_id, t.seq
        LIMIT p_limit
    ) n;
    IF v_seqs IS NULL THEN
        UPDATE backfills b SET done_at = clock_timestamp() WHERE b.name = 'replies';
        RETURN 0;
    END IF;

    -- The parents, by the month of each reply, so that each asks one partition.
    SELECT array_agg(r.conversation_id), array_agg(r.parent_id) INTO v_of, v_parents
    FROM (
        SELECT DISTINCT n.conversation_id, m.parent_id
        FROM unnest(v_conversations, v_seqs) AS n(conversation_id, seq)
        CROSS JOIN LATERAL (
            SELECT cm.month FROM conversation_months cm
            WHERE cm.conversation_id = n.conversation_id AND cm.first_seq <= n.seq
            ORDER BY cm.month DESC
            LIMIT 1
        ) b
        CROSS JOIN LATERAL (
            SELECT s.parent_id FROM messages s
            WHERE s.conversation_id = n.conversation_id AND s.seq = n.seq
              AND s.created_at >= b.month AND s.created_at < next_month(b.month)
            LIMIT 1
        ) m
        WHERE m.parent_id IS NOT NULL
    ) r;
    -- Nobody replies or deletes meanwhile; what has been done is seen by the statement after.
    PERFORM 1 FROM conversations c WHERE c.id = ANY (v_of) ORDER BY c.id FOR NO KEY UPDATE;
    UPDATE messages m
    SET reply_count = k.replies, last_reply_at = k.last_at,
        last_deleted_reply_at = greatest(m.last_deleted_reply_at, k.deleted_at)
    FROM unnest(v_of, v_parents) AS p(conversation_id, id)
    CROSS JOIN LATERAL (SELECT (find_message(p.conversation_id, p.id)).*) f
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE NOT r.is_deleted) AS replies,
               max(r.created_at) FILTER (WHERE NOT r.is_deleted) AS last_at,
               max(r.created_at) FILTER (WHERE r.is_deleted) AS deleted_at
        FROM messages r
        WHERE r.conversation_id = p.conversation_id AND r.parent_id = p.id
          AND r.created_at >= f.created_at
          AND r.created_at <= greatest(f.last_reply_at, f.last_deleted_reply_at)
    ) k
    WHERE m.conversation_id = p.conversation_id AND m.seq = f.seq AND m.created_at = f.created_at
      AND (m.reply_count, m.last_reply_at) IS DISTINCT FROM (k.replies, k.last_at);
    UPDATE backfills b
    SET conversation_id = v_conversations[cardinality(v_seqs)], seq = v_seqs[cardinality(v_seqs)]
    WHERE b.name = 'replies';
    RETURN cardinality(v_seqs);
END $$;
