-- Words as they are meant: what differs by one edit of typing from a word that is searched.

-- Whether one swap of neighbours, one letter too many, too few or another makes one of the other.
CREATE FUNCTION is_one_edit(p_one text, p_other text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE char_length(p_one) - char_length(p_other)
        WHEN 0 THEN EXISTS (
            SELECT 1 FROM generate_series(1, char_length(p_one)) AS n
            WHERE left(p_one, n - 1) = left(p_other, n - 1)
              AND (substr(p_one, n + 1) = substr(p_other, n + 1)
                   OR (substr(p_one, n, 1) = substr(p_other, n + 1, 1)
                       AND substr(p_one, n + 1, 1) = substr(p_other, n, 1)
                       AND substr(p_one, n + 2) = substr(p_other, n + 2))))
        WHEN 1 THEN p_other = ANY (shortened_forms(p_one))
        WHEN -1 THEN p_one = ANY (shortened_forms(p_other))
        ELSE false END
$$;

-- What a query may have meant, where each of its first six words of four letters or more may have one edit, which
-- may be one of its stem, for illustrations are meant by ilustration: at most p_most words for each that is typed.
-- NULL where there is no other word than those that are typed. Each word costs a search of its own, which anybody
-- may ask for.
CREATE FUNCTION typed_query(p_text text, p_most integer) RETURNS tsquery
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_query tsquery := terms_query(p_text);
    is_mistyped boolean := false;
    v_each record;
BEGIN
    FOR v_each IN
        SELECT t.word, meant.words
        FROM (
            SELECT w.word, word_stem(w.word) AS stem FROM typed_words(p_text) AS w(word)
            WHERE char_length(w.word) >= 4
            ORDER BY strpos(search_text(p_text), w.word), w.word
            LIMIT 6
        ) t
        CROSS JOIN LATERAL (
            SELECT array_agg(one.word) AS words
            FROM (
                SELECT s.word FROM search_words s
                WHERE s.shortened && (shortened_forms(t.word) || shortened_forms(t.stem))
                  AND s.word NOT IN (t.word, t.stem)
                  AND (is_one_edit(t.word, s.word) OR (char_length(t.stem) >= 4 AND is_one_edit(t.stem, s.word)))
                -- The first letter is seldom mistyped.
                ORDER BY left(s.word, 1) <> left(t.word, 1), s.word
                LIMIT p_most
            ) one
        ) meant
        WHERE meant.words IS NOT NULL
    LOOP
        is_mistyped := true;
        v_query := ts_rewrite(v_query, terms_query(v_each.word), (
            SELECT string_agg(format('(%s)', terms_query(m)), ' | ')::tsquery
            FROM unnest(v_each.word || v_each.words) AS m
        ));
    END LOOP;
    RETURN CASE WHEN is_mistyped THEN v_query END;
END $$;
