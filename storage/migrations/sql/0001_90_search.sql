-- How text is cut into what message search finds: words, and pairs of letters of scripts that put no
-- spaces between words. The same cut serves texts and queries.

-- Text as words only: one form for each letter, marks that join words (and that PostgreSQL's parser
-- would take for addresses, paths and tags) as spaces. 50,000 letters are far over what a message may
-- have and far under what a tsvector holds. Plain ASCII, told by its length, has one form already.
CREATE FUNCTION search_plain(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(
        CASE WHEN octet_length(p_text) = char_length(p_text) THEN left(p_text, 50000)
             ELSE normalize(left(p_text, 50000), NFKC) END,
        '[./\\:@#_<>&=''’-]+', ' ', 'g')
$$;

-- Chinese with rare and compatibility ideographs, kana and hangul.
CREATE FUNCTION search_run_pattern() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff'
        || '\U00020000-\U0003ffff]+'
$$;

CREATE FUNCTION search_runs(p_plain text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT r[1] FROM regexp_matches(p_plain, search_run_pattern(), 'g') AS r
$$;

-- What remains are words.
CREATE FUNCTION search_words(p_plain text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(p_plain, search_run_pattern(), ' ', 'g')
$$;

-- English stems of every word, stop words too: they are all that some names are made of.
CREATE TEXT SEARCH DICTIONARY english_every_word (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION message_words (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION message_words
    ALTER MAPPING FOR asciiword, word WITH english_every_word;

-- A run gives its pairs, and its last letter alone: so each letter begins some token.
CREATE FUNCTION search_tokens(p_text text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_plain text := search_plain(p_text);
    v_words text := search_words(v_plain);
    v_tokens tsvector := strip(to_tsvector('message_words', v_words));
BEGIN
    IF v_words = v_plain THEN
        RETURN v_tokens;
    END IF;
    RETURN v_tokens || array_to_tsvector(ARRAY(
        SELECT DISTINCT substr(r.run, n, 2)
        FROM search_runs(v_plain) AS r(run), generate_series(1, length(r.run)) AS n
    ));
END $$;

-- All words but stop words (those too, where there is nothing else); all pairs of each run; a letter
-- that stands alone as the beginning of a pair. Without any of these the query is empty and finds nothing.
CREATE FUNCTION search_query(p_text text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_plain text := search_plain(p_text);
    v_words text := search_words(v_plain);
    v_query tsquery := plainto_tsquery('english', v_words);
BEGIN
    IF v_words <> v_plain THEN
        v_query := v_query && (
            SELECT string_agg(
                CASE WHEN length(r.run) = 1 THEN quote_literal(r.run) || ':*'
                     ELSE quote_literal(substr(r.run, n, 2)) END, ' & ')::tsquery
            FROM search_runs(v_plain) AS r(run),
                 generate_series(1, greatest(length(r.run) - 1, 1)) AS n
        );
    END IF;
    IF numnode(v_query) = 0 THEN
        RETURN plainto_tsquery('message_words', v_words);
    END IF;
    RETURN v_query;
END $$;

-- Where a query finds something in a user's conversations (or in one), newest first, below a position.
-- Each conversation is asked by itself, so that none costs more than it holds. Planned anew each time:
-- for a common word it is best to read from the newest message back, for a rare one to ask the index,
-- and only the word itself tells which.
CREATE FUNCTION find_messages(
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
