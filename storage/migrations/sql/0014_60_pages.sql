-- Nobody keeps words of a first page between the look at the table and the new function.
LOCK TABLE message_words IN SHARE MODE;
INSERT INTO search_rebuilds (subject, fold, finished_at)
SELECT 'messages', search_fold_version(),
       CASE WHEN NOT EXISTS (SELECT 1 FROM message_words) THEN clock_timestamp() END;

-- What the messages of a page say now; no words where that is too much, so that the page is read.
CREATE FUNCTION page_terms(p_conversation uuid, p_page bigint)
RETURNS TABLE (first_at timestamptz, last_at timestamptz, tokens tsvector)
LANGUAGE sql STABLE AS $$
    SELECT said.first_at, said.last_at,
           -- As many letters as search_text takes. One message must not cut off what the others say.
           CASE WHEN said.letters <= 50000 AND NOT fold_is_swollen(said.text) THEN search_terms(said.text) END
    FROM (
        SELECT cm.month FROM conversation_months cm
        WHERE cm.conversation_id = p_conversation AND cm.first_seq <= first_seq_of(p_page)
        ORDER BY cm.month DESC
        LIMIT 1
    ) since
    CROSS JOIN LATERAL (
        SELECT min(m.created_at) AS first_at, max(m.created_at) AS last_at,
               coalesce(sum(char_length(m.content) + 1), 0) AS letters,
               coalesce(string_agg(m.content, E'\n'), '') AS text
        FROM messages m
        WHERE m.conversation_id = p_conversation
          AND m.seq BETWEEN first_seq_of(p_page) AND last_seq_of(p_page)
          AND m.created_at >= since.month
    ) said
$$;

-- As before, by the present fold.
CREATE OR REPLACE FUNCTION keep_message_words(p_ids bigint[]) RETURNS void
LANGUAGE sql VOLATILE AS $$
    WITH named AS (
        SELECT DISTINCT n.conversation_id, page_of(n.seq) AS page
        FROM outbox c, unnest(c.conversation_ids, c.seqs) AS n(conversation_id, seq)
        WHERE c.id = ANY (p_ids)
          AND (c.kind <> 'message.created' OR n.seq = last_seq_of(page_of(n.seq)))
    )
    INSERT INTO message_words AS w (conversation_id, page, first_at, last_at, tokens, fold)
    SELECT n.conversation_id, n.page, said.first_at, said.last_at, said.tokens, search_fold_version()
    FROM named n
    JOIN conversations c ON c.id = n.conversation_id AND c.last_seq >= last_seq_of(n.page)
    CROSS JOIN LATERAL page_terms(n.conversation_id, n.page) said
    ON CONFLICT (conversation_id, page) DO UPDATE SET tokens = excluded.tokens, fold = excluded.fold
$$;

-- Called by the version before only.
CREATE OR REPLACE FUNCTION keep_message_words(p_limit integer) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    WITH claimed AS (
        DELETE FROM outbox WHERE id = ANY (ARRAY(
            SELECT o.id FROM outbox o
            WHERE o.consumer = 'search' AND o.available_at <= clock_timestamp()
            ORDER BY o.id
            LIMIT p_limit
            FOR UPDATE SKIP LOCKED
        ))
        RETURNING kind, conversation_ids, seqs
    ), named AS (
        SELECT DISTINCT n.conversation_id, page_of(n.seq) AS page
        FROM claimed c, unnest(c.conversation_ids, c.seqs) AS n(conversation_id, seq)
        WHERE c.kind <> 'message.created' OR n.seq = last_seq_of(page_of(n.seq))
    ), kept AS (
        INSERT INTO message_words AS w (conversation_id, page, first_at, last_at, tokens, fold)
        SELECT n.conversation_id, n.page, said.first_at, said.last_at, said.tokens, search_fold_version()
        FROM named n
        JOIN conversations c ON c.id = n.conversation_id AND c.last_seq >= last_seq_of(n.page)
        CROSS JOIN LATERAL page_terms(n.conversation_id, n.page) said
        ON CONFLICT (conversation_id, page) DO UPDATE SET tokens = excluded.tokens, fold = excluded.fold
    )
    SELECT count(*) FROM claimed
$$;

-- As before, by the present fold; pages whose words are kept by another one are read.
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
#variable_conflict use_column
DECLARE
    v_query tsquery := terms_query(p_text);
    v_patterns text[] := search_patterns(v_query);
    v_found found_message[] := '{}';
    v_oldest timestamptz := '-infinity';
    v_each record;
BEGIN
    IF numnode(v_query) = 0 THEN
        RETURN;
    END IF;
    FOR v_each IN
        SELECT page.last_at, hit.message
        FROM (
            SELECT c.id, n.page, coalesce(w.first_at, since.month) AS first_at,
                   coalesce(w.last_at, c.last_message_at) AS last_at
            FROM conversation_participants me
            JOIN conversations c ON c.id = me.conversation_id
            CROSS JOIN LATERAL generate_series(0, page_of(c.last_seq)) AS n(page)
            LEFT JOIN LATERAL (
                SELECT k.first_at, k.last_at, k.tokens, k.fold FROM message_words k
                WHERE k.conversation_id = c.id AND k.page = n.page
                LIMIT 1
            ) w ON true
            LEFT JOIN LATERAL (
                SELECT cm.month FROM conversation_months cm
                WHERE w.first_at IS NULL
                  AND cm.conversation_id = c.id AND cm.first_seq <= first_seq_of(n.page)
                ORDER BY cm.month DESC
                LIMIT 1
            ) since ON true
            WHERE me.user_id = p_user AND me.left_at IS NULL AND c.last_seq > 0
              AND (p_conversation IS NULL OR me.conversation_id = p_conversation)
              AND (w.tokens IS NULL OR w.fold <> search_fold_version() OR w.tokens @@ v_query)
              AND (p_below_at IS NULL OR coalesce(w.first_at, since.month) <= p_below_at)
            ORDER BY 4 DESC
        ) page
        LEFT JOIN LATERAL (
            SELECT (m.conversation_id, m.seq, m.created_at)::found_message AS message
            FROM messages m
            WHERE m.conversation_id = page.id
              AND m.seq BETWEEN first_seq_of(page.page) AND last_seq_of(page.page)
              AND m.created_at BETWEEN page.first_at AND page.last_at
              AND m.content <> '' AND NOT m.is_deleted
              AND (p_below_at IS NULL OR (m.created_at, m.conversation_id, m.seq)
                                         < (p_below_at, p_below_conversation, p_below_seq))
              AND search_fold(m.content) LIKE ALL (v_patterns)
              AND search_terms(m.content) @@ v_query
            LIMIT 32
        ) hit ON true
        ORDER BY page.last_at DESC
    LOOP
        EXIT WHEN v_each.last_at < v_oldest;
        IF (v_each.message).created_at >= v_oldest THEN
            v_found := newest_found(v_found || v_each.message, p_limit);
            IF cardinality(v_found) = p_limit THEN
                v_oldest := v_found[p_limit].created_at;
            END IF;
        END IF;
    END LOOP;
    RETURN QUERY SELECT * FROM unnest(v_found);
END $$;
