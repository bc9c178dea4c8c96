-- The spellings of an emoji are one reaction: compared is the key, without presentation selectors and in NFC.
-- What is stored is one spelling for all of a message. The version before calls the same functions.

CREATE FUNCTION reaction_key(p_emoji text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT normalize(translate(p_emoji, U&'\FE0E\FE0F', ''), NFC)
$$;

-- As before, but that the people of all spellings of an emoji are counted together, each once. Of the
-- spellings, the greatest is the one with the selectors.
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
               SELECT max(g.emoji COLLATE "C") AS emoji, count(*) AS total, min(g.created_at) AS first_at,
                      (array_agg(g.user_id ORDER BY g.created_at, g.user_id))[1:100] AS users
               FROM (
                   SELECT reaction_key(r.emoji) AS key, r.user_id, max(r.emoji COLLATE "C") AS emoji,
                          min(r.created_at) AS created_at
                   FROM message_reactions r
                   WHERE r.conversation_id = m.conversation_id AND r.seq = m.seq
                   GROUP BY reaction_key(r.emoji), r.user_id
               ) g
               GROUP BY g.key
           ) e
       ) END AS reactions
FROM messages m;

-- Adds a reaction; a message has at most p_max_emojis different ones, p_max_own of one user.
CREATE FUNCTION add_reaction(
    p_conversation uuid,
    p_user uuid,
    p_message uuid,
    p_emoji text,
    p_max_emojis integer,
    p_max_own integer,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_key text := reaction_key(p_emoji);
    v_verdict text;
    v_message messages;
    v_keys text[];
    v_own text[];
    v_spelling text;
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
    SELECT array_agg(DISTINCT k.key), array_agg(DISTINCT k.key) FILTER (WHERE k.user_id = p_user),
           min(k.emoji) FILTER (WHERE k.key = v_key)
    INTO v_keys, v_own, v_spelling
    FROM (
        SELECT reaction_key(r.emoji) AS key, r.user_id, r.emoji FROM message_reactions r
        WHERE r.conversation_id = p_conversation AND r.seq = v_message.seq
    ) k;
    v_verdict := CASE
        WHEN v_message.is_deleted THEN 'deleted'
        WHEN v_key = ANY (v_own) THEN 'unchanged'
        WHEN cardinality(v_own) >= p_max_own THEN 'too_many_own_emojis'
        WHEN cardinality(v_keys) >= p_max_emojis AND v_key <> ALL (v_keys) THEN 'too_many_emojis'
        ELSE 'ok'
    END;
    IF v_verdict <> 'ok' THEN
        RETURN ROW(v_verdict, v_message.seq, v_message.rev)::change_result;
    END IF;

    INSERT INTO message_reactions (conversation_id, seq, emoji, user_id)
    VALUES (p_conversation, v_message.seq, coalesce(v_spelling, p_emoji), p_user);
    RETURN reactions_changed(v_message, 1);
END $$;

-- What the version before calls: one user's kinds are not limited.
CREATE OR REPLACE FUNCTION add_reaction(
    p_conversation uuid,
    p_user uuid,
    p_message uuid,
    p_emoji text,
    p_max_emojis integer,
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE sql VOLATILE AS $$
    SELECT add_reaction(p_conversation, p_user, p_message, p_emoji, p_max_emojis, NULL, p_lock_timeout_ms)
$$;

-- Takes a reaction of one's own away, in all its spellings.
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
    v_count integer;
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
      AND reaction_key(r.emoji) = reaction_key(p_emoji) AND r.user_id = p_user;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count = 0 THEN
        RETURN ROW('unchanged', v_message.seq, v_message.rev)::change_result;
    END IF;
    RETURN reactions_changed(v_message, -v_count);
END $$;

-- Stores the reactions of a message in the spellings of p_spellings, those whose key is in p_keys. Of what
-- is then the same, the earliest stays.
CREATE FUNCTION merge_reactions(
    p_conversation uuid,
    p_seq bigint,
    p_keys text[],
    p_spellings text[],
    p_lock_timeout_ms integer
) RETURNS change_result
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_message messages;
    v_gone integer;
    v_renamed integer;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
    PERFORM 1 FROM conversations c WHERE c.id = p_conversation FOR NO KEY UPDATE;
    SELECT m.* INTO v_message FROM messages m
    WHERE m.conversation_id = p_conversation AND m.seq = p_seq;
    IF NOT FOUND THEN
        RETURN ROW('message_not_found', NULL, NULL)::change_result;
    END IF;

    DELETE FROM message_reactions r
    USING (
        SELECT o.emoji, o.user_id,
               row_number() OVER (PARTITION BY o.user_id, reaction_key(o.emoji)
                                  ORDER BY o.created_at, o.emoji) AS n
        FROM message_reactions o
        WHERE o.conversation_id = p_conversation AND o.seq = p_seq
          AND reaction_key(o.emoji) = ANY (p_keys)
    ) d
    WHERE r.conversation_id = p_conversation AND r.seq = p_seq
      AND r.emoji = d.emoji AND r.user_id = d.user_id AND d.n > 1;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    UPDATE message_reactions r SET emoji = s.spelling
    FROM unnest(p_keys, p_spellings) AS s(key, spelling)
    WHERE r.conversation_id = p_conversation AND r.seq = p_seq
      AND reaction_key(r.emoji) = s.key AND r.emoji <> s.spelling;
    GET DIAGNOSTICS v_renamed = ROW_COUNT;
    IF v_gone + v_renamed = 0 THEN
        RETURN ROW('unchanged', v_message.seq, v_message.rev)::change_result;
    END IF;
    RETURN reactions_changed(v_message, (
        SELECT count(*) FROM message_reactions r
        WHERE r.conversation_id = p_conversation AND r.seq = p_seq
    )::integer - v_message.reaction_count);
END $$;

INSERT INTO backfills (name, done_at)
SELECT 'reactions', CASE WHEN NOT EXISTS (SELECT FROM message_reactions) THEN now() END;
