-- Reactions are compared by their spelling again, as 0001 left it. What was merged stays so.
DELETE FROM backfills WHERE name = 'reactions';
DROP FUNCTION merge_reactions(uuid, bigint, text[], text[], integer);
DROP FUNCTION add_reaction(uuid, uuid, uuid, text, integer, integer, integer);

CREATE OR REPLACE FUNCTION add_reaction(
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

CREATE OR REPLACE FUNCTION remove_reaction(
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

CREATE OR REPLACE VIEW shown_messages AS
SELECT m.id, m.conversation_id, m.seq, m.rev, m.sender_id, m.client_id, m.type,
       CASE WHEN NOT m.is_deleted THEN m.content END AS content,
       m.created_at, m.parent_id, m.reply_count, m.last_reply_at,
       CASE WHEN NOT m.is_deleted THEN m.mentions END AS mentions,
       m.is_pinned, m.is_deleted, m.is_changed, m.edited_at,
       CASE WHEN m.attachment_count > 0 AND NOT m.is_deleted THEN (
           SELECT json_agg(json_build_object(
                      'file_id', f.id, 'name', f.name, 'mime', f.mime, 'bytes', f.bytes,
                      'width', f.width, 'height', f.height) ORDER BY a.position)
           FROM message_attachments a
           JOIN files f ON f.id = a.file_id AND f.state = 'ready'
           WHERE a.conversation_id = m.conversation_id AND a.seq = m.seq
       ) END AS attachments,
       CASE WHEN m.reaction_count > 0 AND NOT m.is_deleted THEN (
           SELECT json_agg(json_build_array(e.emoji, e.total, to_json(e.users)) ORDER BY e.first_at, e.emoji)
           FROM (
               SELECT r.emoji, count(*) AS total, min(r.created_at) AS first_at,
                      (array_agg(r.user_id ORDER BY r.created_at, r.user_id))[1:100] AS users
               FROM message_reactions r
               WHERE r.conversation_id = m.conversation_id AND r.seq = m.seq
               GROUP BY r.emoji
           ) e
       ) END AS reactions
FROM messages m;

DROP FUNCTION reaction_key(text);
