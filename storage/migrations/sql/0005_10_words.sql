-- Search by pages: a page is 32 messages of a conversation that follow each other. The words of a page
-- are kept once it is complete, in a row that a search looks at; there is no index of words.
--
-- What is kept only says where a word is not. A page of which nothing is kept (because it is not complete,
-- not yet worked off, or has just changed) is read, and what is found is always what messages say now.

CREATE TABLE message_words (
    conversation_id uuid NOT NULL,
    page bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    -- NULL where there is too much text for it: such a page is always read.
    tokens tsvector,
    PRIMARY KEY (conversation_id, page)
) WITH (
    -- A search reads the tokens of page after page: they stay in their row, as they are.
    toast_tuple_target = 8160
);
ALTER TABLE message_words ALTER COLUMN tokens SET STORAGE EXTERNAL;

GRANT SELECT, INSERT, UPDATE, DELETE ON message_words TO parley_service;

CREATE FUNCTION page_of(p_seq bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (p_seq - 1) / 32 $$;

CREATE FUNCTION first_seq_of(p_page bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT p_page * 32 + 1 $$;

CREATE FUNCTION last_seq_of(p_page bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT p_page * 32 + 32 $$;

-- Works off at most p_limit rows of the outbox and returns how many there were. Of fresh messages only
-- the last of a page matters; any other message that is named has changed, and its page with it.
CREATE FUNCTION keep_message_words(p_limit integer) RETURNS bigint
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
        INSERT INTO message_words AS w (conversation_id, page, first_at, last_at, tokens)
        SELECT n.conversation_id, n.page, said.first_at, said.last_at,
               -- As many letters as search_plain takes.
               CASE WHEN said.letters <= 50000 THEN search_tokens(said.text) END
        FROM named n
        JOIN conversations c ON c.id = n.conversation_id AND c.last_seq >= last_seq_of(n.page)
        CROSS JOIN LATERAL (
            SELECT cm.month FROM conversation_months cm
            WHERE cm.conversation_id = n.conversation_id AND cm.first_seq <= first_seq_of(n.page)
            ORDER BY cm.month DESC
            LIMIT 1
        ) since
        CROSS JOIN LATERAL (
            SELECT min(m.created_at) AS first_at, max(m.created_at) AS last_at,
                   coalesce(sum(char_length(m.content) + 1), 0) AS letters,
                   coalesce(string_agg(m.content, E'\n'), '') AS text
            FROM messages m
            WHERE m.conversation_id = n.conversation_id
              AND m.seq BETWEEN first_seq_of(n.page) AND last_seq_of(n.page)
              AND m.created_at >= since.month
        ) said
        ON CONFLICT (conversation_id, page) DO UPDATE SET tokens = excluded.tokens
    )
    SELECT count(*) FROM claimed
$$;

-- What a text must hold, in lower case, for a query to find something in it: it is far cheaper to look for
-- that than to cut the text. Pairs of letters are in it as they are. A stem of four letters or more begins
-- as its words do; of shorter ones the last letter may be another (using, use), and die stands for dying.
CREATE FUNCTION search_patterns(p_query tsquery) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg('%' || CASE
               WHEN length(t.token) > 3 THEN left(t.token, 3)
               WHEN t.token LIKE '%ie' THEN ''
               WHEN t.token ~ '[eily]$' THEN left(t.token, -1)
               ELSE t.token END || '%'), '{}')
    FROM (
        SELECT r[1] AS token FROM regexp_matches(p_query::text, '''([^'']+)''', 'g') AS r
    ) t
$$;

CREATE FUNCTION search_lower(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(CASE WHEN octet_length(p_text) = char_length(p_text) THEN p_text
                      ELSE normalize(p_text, NFKC) END)
$$;

CREATE TYPE found_message AS (conversation_id uuid, seq bigint, created_at timestamptz);

CREATE FUNCTION newest_found(p_found found_message[], p_limit integer) RETURNS found_message[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT f FROM unnest(p_found) f
        ORDER BY f.created_at DESC, f.conversation_id DESC, f.seq DESC
        LIMIT p_limit
    )
$$;

-- As before: where a query finds something in a user's conversations (or in one), newest first, below a
-- position. Pages are gone through from the newest back, until none that remains can hold anything newer
-- than what is found. The limits within hold the plan to its way: page by page, by the primary keys.
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
    v_query tsquery := search_query(p_text);
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
                SELECT k.first_at, k.last_at, k.tokens FROM message_words k
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
              AND (w.tokens IS NULL OR w.tokens @@ v_query)
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
              AND search_lower(m.content) LIKE ALL (v_patterns)
              AND search_tokens(m.content) @@ v_query
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
