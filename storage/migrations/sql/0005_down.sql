-- Takes back what 0005 made. Every message is left to the index of before, which its processes fill.
CREATE OR REPLACE FUNCTION find_messages(
    p_user uuid,
    p_conversation uuid,
    p_text text,
    p_below_at timestamptz,
    p_below_conversation uuid,
    p_below_seq bigint,
    p_limit integer
) RETURNS TABLE (conversation_id uuid, seq bigint, created_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE $query$
        SELECT found.conversation_id, found.seq, found.created_at
        FROM conversation_participants me
        CROSS JOIN LATERAL (
            SELECT s.conversation_id, s.seq, s.created_at
            FROM message_search s
            WHERE s.conversation_id = me.conversation_id AND s.tokens @@ $3
              AND ($4 IS NULL OR (s.created_at, s.conversation_id, s.seq) < ($4, $5, $6))
            ORDER BY s.seq DESC
            LIMIT $7
        ) found
        WHERE me.user_id = $1 AND me.left_at IS NULL
          AND ($2 IS NULL OR me.conversation_id = $2)
        ORDER BY found.created_at DESC, found.conversation_id DESC, found.seq DESC
        LIMIT $7
    $query$
    USING p_user, p_conversation, search_query(p_text), p_below_at, p_below_conversation,
          p_below_seq, p_limit;
END $$;

CREATE OR REPLACE FUNCTION message_changed(
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

DROP TRIGGER message_search_is_closed ON message_search;
DROP FUNCTION keep_nothing();
DROP FUNCTION keep_message_words(integer);
DROP FUNCTION newest_found(found_message[], integer);
DROP TYPE found_message;
DROP FUNCTION search_lower(text);
DROP FUNCTION search_patterns(tsquery);
DROP FUNCTION page_of(bigint);
DROP FUNCTION first_seq_of(bigint);
DROP FUNCTION last_seq_of(bigint);
DROP TABLE message_words;

INSERT INTO outbox (consumer, kind, conversation_ids, seqs)
SELECT 'search', 'message.updated', array_agg(p.id), array_agg(p.seq)
FROM (
    SELECT c.id, s.seq, row_number() OVER (ORDER BY c.last_message_at DESC, c.id, s.seq) AS n
    FROM conversations c, generate_series(1, c.last_seq) AS s(seq)
) p
GROUP BY p.n / 256
ORDER BY p.n / 256;
