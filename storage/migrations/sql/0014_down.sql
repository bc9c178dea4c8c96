-- Takes back what 0014 made. Pages' words by the fold go: such pages are read until they are kept anew.
DROP TRIGGER gigs_terms ON gigs;
DROP TRIGGER jobs_terms ON jobs;
DROP TRIGGER freelancer_profiles_terms ON freelancer_profiles;
DROP TRIGGER reviews_terms ON reviews;
DROP TRIGGER skills_terms ON skills;
CREATE OR REPLACE TRIGGER skills_audited AFTER INSERT OR DELETE OR UPDATE ON skills
    FOR EACH ROW EXECUTE FUNCTION audit_row('id');

DROP INDEX skills_name;
ALTER TABLE gigs DROP COLUMN search_terms;
ALTER TABLE jobs DROP COLUMN search_terms;
ALTER TABLE freelancer_profiles DROP COLUMN search_terms;
ALTER TABLE reviews DROP COLUMN search_terms;
ALTER TABLE skills DROP COLUMN search_terms;

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

CREATE OR REPLACE FUNCTION keep_message_words(p_ids bigint[]) RETURNS void
LANGUAGE sql AS $$
    WITH named AS (
        SELECT DISTINCT n.conversation_id, page_of(n.seq) AS page
        FROM outbox c, unnest(c.conversation_ids, c.seqs) AS n(conversation_id, seq)
        WHERE c.id = ANY (p_ids)
          AND (c.kind <> 'message.created' OR n.seq = last_seq_of(page_of(n.seq)))
    )
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
$$;

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

CREATE OR REPLACE FUNCTION audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - 'search_vector' END;
    v_new jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - 'search_vector' END;
    v_masked text;
BEGIN
    FOREACH v_masked IN ARRAY coalesce(TG_ARGV[1:], '{}') LOOP
        v_old := CASE WHEN v_old ->> v_masked IS NOT NULL
                 THEN jsonb_set(v_old, ARRAY[v_masked], '"***"') ELSE v_old END;
        v_new := CASE WHEN v_new ->> v_masked IS NOT NULL
                 THEN jsonb_set(v_new, ARRAY[v_masked], '"***"') ELSE v_new END;
    END LOOP;
    INSERT INTO audit_log (actor_id, action, entity_type, entity_id, old_values, new_values)
    SELECT app_user(), lower(TG_OP), TG_TABLE_NAME, coalesce(v_new, v_old) ->> TG_ARGV[0],
           CASE TG_OP WHEN 'UPDATE' THEN (
               SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(v_old) o
               WHERE o.value IS DISTINCT FROM v_new -> o.key) ELSE v_old END,
           CASE TG_OP WHEN 'UPDATE' THEN (
               SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(v_new) n
               WHERE n.value IS DISTINCT FROM v_old -> n.key) ELSE v_new END;
    RETURN NULL;
END $$;

INSERT INTO outbox (consumer, kind, conversation_ids, seqs)
SELECT 'search', 'message.updated', array_agg(p.conversation_id), array_agg(p.seq)
FROM (
    SELECT w.conversation_id, last_seq_of(w.page) AS seq,
           row_number() OVER (ORDER BY w.last_at DESC, w.conversation_id, w.page) AS n
    FROM message_words w WHERE w.fold <> 0
) p
GROUP BY p.n / 16
ORDER BY p.n / 16;
DELETE FROM message_words WHERE fold <> 0;
ALTER TABLE message_words DROP COLUMN fold;

DROP FUNCTION page_terms(uuid, bigint);
DROP FUNCTION typed_query(text, integer);
DROP FUNCTION is_one_edit(text, text);
DROP FUNCTION renew_terms(text, text, uuid, integer);
DROP FUNCTION keep_skill_terms();
DROP FUNCTION keep_review_terms();
DROP FUNCTION keep_profile_terms();
DROP FUNCTION keep_listing_terms();
DROP FUNCTION keep_search_words(text[]);
DROP FUNCTION word_stem(text);
DROP FUNCTION typed_words(text);
DROP FUNCTION shortened_forms(text);
DROP FUNCTION search_suffices(text);
DROP FUNCTION terms_query(text);
DROP FUNCTION weighed_terms(text, "char");
DROP FUNCTION search_terms(text);
DROP FUNCTION search_parsed(text);
DROP FUNCTION search_has_pieces(text);
DROP FUNCTION search_pieces(text);
DROP FUNCTION search_piece_pattern();
DROP FUNCTION search_text(text);
DROP FUNCTION search_fold(text);
DROP FUNCTION fold_beyond_ascii(text);
DROP FUNCTION fold_is_swollen(text);
DROP FUNCTION fold_marks(boolean);
DROP FUNCTION search_fold_version();
DROP FUNCTION fold_separators();
DROP FUNCTION fold_words();
DROP FUNCTION fold_pairs();
DROP FUNCTION fold_stand_ins();
DROP FUNCTION fold_pictographs();
DROP FUNCTION fold_map();
DROP FUNCTION fold_mapped();
DROP FUNCTION fold_combining();
DROP FUNCTION fold_expanding();
DROP FUNCTION fold_stripped();
DROP FUNCTION fold_changed();
DROP TABLE search_words;
DROP TABLE search_rebuilds;
