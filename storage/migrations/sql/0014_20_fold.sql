-- How search compares texts: case, invisible characters, marks and the spellings of digits do not count. The
-- same fold serves texts and queries, and it is the same in every locale: what lower() leaves is in the tables.
-- What changes here, or in the tables, is a new version of the fold: a migration of its own, after which all
-- that is kept of texts is made anew (storage/search).

CREATE FUNCTION search_fold_version() RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1::smallint $$;

-- What leaves no trace. A mark is kept while it may make a Cyrillic letter of its own, such as й; the pattern
-- for that costs twice as much.
CREATE FUNCTION fold_marks(p_in_cyrillic boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '[' || fold_stripped() || CASE
        WHEN p_in_cyrillic
        THEN ']+|(?<![\u0400-\u052f\u1c80-\u1c88\u2de0-\u2dff\ua640-\ua69f])[\u0300-\u036f]+'
        ELSE '\u0300-\u036f]+' END
$$;

-- Whether a text has so many characters of which compatibility makes whole words, 18 letters of U+FDFA, that they
-- are most of what it becomes. Such a text is made to cost time, and the fold leaves them out.
CREATE FUNCTION fold_is_swollen(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT octet_length(p_text) <> char_length(p_text) AND p_text ~ ('[' || fold_expanding() || ']')
           AND 18 * (char_length(p_text)
                     - char_length(regexp_replace(p_text, '[' || fold_expanding() || ']+', '', 'g')))
               > char_length(p_text) + 200
$$;

-- Most texts need nothing more than lower case, which costs a tenth. The planner asks for what is cheaper first:
-- a search looks at texts as they are before it cuts them (search_terms).
CREATE FUNCTION fold_beyond_ascii(p_text text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 AS $$
DECLARE
    -- What is frequent is replaced at once: a search by pattern for a single letter costs ten times as much.
    v_text text := replace(replace(replace(replace(lower(p_text), 'ё', 'е'), 'ß', 'ss'), 'ς', 'σ'), 'đ', 'd');
BEGIN
    IF v_text !~ ('[' || fold_changed() || ']') THEN
        RETURN v_text;
    END IF;
    IF v_text ~ ('[' || fold_pictographs() || ']') THEN
        v_text := translate(v_text, fold_pictographs(), fold_stand_ins());
    END IF;
    IF fold_is_swollen(v_text) THEN
        v_text := regexp_replace(v_text, '[' || fold_expanding() || ']+', '', 'g');
    END IF;
    -- Marks are put in order by a sort that takes the square of their number; no letter has so many.
    IF v_text ~ ('[' || fold_combining() || ']{17}') THEN
        v_text := regexp_replace(v_text, '[' || fold_combining() || ']{17,}', '', 'g');
    END IF;
    v_text := lower(normalize(v_text, NFKD));
    IF v_text ~ '[\u0400-\u052f\u1c80-\u1c88\u2de0-\u2dff\ua640-\ua69f]' THEN
        v_text := regexp_replace(v_text, fold_marks(true), '', 'g');
    ELSE
        v_text := regexp_replace(v_text, fold_marks(false), '', 'g');
    END IF;
    IF octet_length(v_text) = char_length(v_text) THEN
        RETURN v_text;
    END IF;
    v_text := normalize(v_text, NFC);
    IF v_text ~ '[\u0300-\u036f]' THEN
        v_text := regexp_replace(v_text, '[\u0300-\u036f]+', '', 'g');
    END IF;
    IF v_text ~ ('[' || fold_mapped() || ']') THEN
        -- In one pass: one replacement a character takes as many passes as a text has different ones.
        SELECT string_agg(coalesce(fold_map() ->> t.letter, t.letter), '' ORDER BY t.place) INTO v_text
        FROM string_to_table(v_text, NULL) WITH ORDINALITY AS t(letter, place);
    END IF;
    RETURN v_text;
END $$;

CREATE FUNCTION search_fold(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(p_text) = char_length(p_text) THEN lower(p_text COLLATE "C")
                ELSE fold_beyond_ascii(p_text) END
$$;

-- Texts as words with spaces between them. PostgreSQL's parser takes some signs for parts of addresses, paths
-- and tags. 50,000 letters are far over what a message may have and far under what a tsvector holds.
CREATE FUNCTION search_text(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(p_text) = char_length(p_text)
        THEN regexp_replace(lower(left(p_text, 50000) COLLATE "C"), '[./\\:@#_<>&=''-]+', ' ', 'g')
        ELSE regexp_replace(fold_beyond_ascii(left(p_text, 50000)),
                            '[./\\:@#_<>&=''' || fold_separators() || '-]+', ' ', 'g') END
$$;

-- What PostgreSQL's parser does not cut: runs of letters without spaces and of pictographs; and words of
-- scripts whose vowels are signs of their own, which the parser takes for letters in some locales only.
CREATE FUNCTION search_piece_pattern() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '([' || fold_pairs() || ']+)|([' || fold_words() || ']+)'
$$;

-- A run gives its pairs, and its last letter alone, so each letter begins some token. A word is cut where a
-- tsvector would refuse it.
CREATE FUNCTION search_pieces(p_text text) RETURNS TABLE (token text, place bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(r.piece[2], 500), r.at + 1
    FROM regexp_matches(p_text, search_piece_pattern(), 'g') WITH ORDINALITY AS r(piece, at)
    WHERE r.piece[1] IS NULL
    UNION ALL
    -- substr() would count from the beginning of the run for each pair.
    SELECT t.letter || coalesce(lead(t.letter) OVER (PARTITION BY r.at ORDER BY t.n), ''), r.at + t.n
    FROM regexp_matches(p_text, search_piece_pattern(), 'g') WITH ORDINALITY AS r(piece, at),
         string_to_table(r.piece[1], NULL) WITH ORDINALITY AS t(letter, n)
    WHERE r.piece[1] IS NOT NULL
$$;

CREATE FUNCTION search_has_pieces(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT octet_length(p_text) <> char_length(p_text)
           AND p_text ~ ('[' || fold_pairs() || fold_words() || ']')
$$;

-- What is left for the parser.
CREATE FUNCTION search_parsed(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(p_text, search_piece_pattern(), ' ', 'g')
$$;

-- The words of a text, without their places.
CREATE FUNCTION search_terms(p_text text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    v_text text := search_text(p_text);
BEGIN
    IF NOT search_has_pieces(v_text) THEN
        RETURN strip(to_tsvector('message_words', v_text));
    END IF;
    RETURN strip(to_tsvector('message_words', search_parsed(v_text)))
           || array_to_tsvector(ARRAY(SELECT DISTINCT p.token FROM search_pieces(v_text) p));
END $$;

-- The words of a text with their places, for ranking.
CREATE FUNCTION weighed_terms(p_text text, p_weight "char") RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_text text := search_text(coalesce(p_text, ''));
BEGIN
    IF NOT search_has_pieces(v_text) THEN
        RETURN setweight(to_tsvector('message_words', v_text), p_weight);
    END IF;
    RETURN setweight(
        to_tsvector('message_words', search_parsed(v_text))
        || coalesce((SELECT string_agg(format('''%s'':%s', p.token, least(p.place, 16000)), ' ')
                     FROM search_pieces(v_text) p), '')::tsvector,
        p_weight);
END $$;

-- All words but stop words (those too, where there is nothing else), and all pieces; a letter that stands
-- alone as the beginning of a pair. Without any of these the query is empty and finds nothing.
CREATE FUNCTION terms_query(p_text text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_text text := search_text(p_text);
    v_words text := search_parsed(v_text);
    v_query tsquery := plainto_tsquery('english', v_words);
BEGIN
    IF search_has_pieces(v_text) THEN
        v_query := v_query && (
            SELECT string_agg(CASE
                       WHEN r.piece[1] IS NULL THEN quote_literal(left(r.piece[2], 500))
                       WHEN length(r.piece[1]) = 1 THEN quote_literal(r.piece[1]) || ':*'
                       ELSE quote_literal(substr(r.piece[1], n, 2)) END, ' & ')::tsquery
            FROM regexp_matches(v_text, search_piece_pattern(), 'g') AS r(piece),
                 generate_series(1, greatest(length(r.piece[1]) - 1, 1)) AS n
        );
    END IF;
    IF numnode(v_query) = 0 THEN
        RETURN plainto_tsquery('message_words', v_words);
    END IF;
    RETURN v_query;
END $$;

-- Whether a query is long enough to be looked for: two characters, a pictograph, or a letter of a script that
-- puts no spaces between words. What is invisible does not count.
CREATE FUNCTION search_suffices(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT char_length(btrim(search_fold(p_text))) >= 2 OR search_fold(p_text) ~ ('[' || fold_pairs() || ']')
$$;
