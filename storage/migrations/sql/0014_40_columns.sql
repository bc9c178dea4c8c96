-- How far all that search keeps of texts is made anew by the present fold: a row for each kind of text.
-- Pages of messages carry their fold themselves; a table's column is used once its row is finished.
CREATE TABLE search_rebuilds (
    subject text PRIMARY KEY,
    fold smallint NOT NULL,
    -- The key of the last row that was looked at.
    position text NOT NULL DEFAULT '',
    done bigint NOT NULL DEFAULT 0,
    finished_at timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON search_rebuilds TO parley_service;

-- What search keeps of listings, by the present fold: a column that triggers fill, beside the generated one by
-- the cut of before, which the version before reads. Rows that are there are filled in batches (storage/search);
-- once none is left, searches go over to the new column, all at once.

-- Words as they are typed, and their stems, for looking up those that differ by one edit. A word has itself and
-- each form that lacks one letter: two words that are one edit apart have one of these in common.
CREATE TABLE search_words (
    word text PRIMARY KEY,
    shortened text[] NOT NULL
);
CREATE INDEX search_words_shortened ON search_words USING gin (shortened);
GRANT SELECT, INSERT, UPDATE, DELETE ON search_words TO parley_service;

CREATE FUNCTION shortened_forms(p_word text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT left(p_word, n - 1) || substr(p_word, n + 1))
    FROM generate_series(1, char_length(p_word) + 1) AS n
$$;

-- The words of a text that may be mistyped: of three letters or more, since one may have been typed too many.
CREATE FUNCTION typed_words(p_text text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT t.token
    FROM (
        SELECT p.token FROM ts_parse('default', search_parsed(search_text(p_text))) p
        UNION
        SELECT p.token FROM search_pieces(search_text(p_text)) p
    ) t
    WHERE char_length(t.token) BETWEEN 3 AND 40 AND t.token !~ '[\s[:punct:]]' AND t.token !~ '^[0-9]+$'
$$;

CREATE FUNCTION word_stem(p_word text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce((ts_lexize('english_every_word', p_word))[1], p_word)
$$;

-- Whoever writes listings adds the words of all of them at once; in one order, so that no two wait for each other.
CREATE FUNCTION keep_search_words(p_texts text[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT AS $$
    INSERT INTO search_words (word, shortened)
    SELECT w.word, shortened_forms(w.word)
    FROM (
        SELECT t AS word FROM unnest(p_texts) AS p, typed_words(p) AS t
        UNION SELECT word_stem(t) FROM unnest(p_texts) AS p, typed_words(p) AS t
    ) w
    WHERE NOT EXISTS (SELECT 1 FROM search_words s WHERE s.word = w.word)
    ORDER BY w.word
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION keep_listing_terms() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.search_terms := weighed_terms(NEW.title, 'A') || weighed_terms(NEW.description, 'B')
                        || weighed_terms(words_of(NEW.tags), 'C');
    PERFORM keep_search_words(ARRAY[concat_ws(' ', NEW.title, NEW.description, words_of(NEW.tags))]);
    RETURN NEW;
END $$;

CREATE FUNCTION keep_profile_terms() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.search_terms := weighed_terms(NEW.tagline, 'A') || weighed_terms(NEW.bio, 'B');
    PERFORM keep_search_words(ARRAY[concat_ws(' ', NEW.tagline, NEW.bio)]);
    RETURN NEW;
END $$;

CREATE FUNCTION keep_review_terms() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.search_terms := weighed_terms(NEW.title, 'A') || weighed_terms(NEW.comment, 'B');
    RETURN NEW;
END $$;

-- A skill is found by its name in every language.
CREATE FUNCTION keep_skill_terms() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    v_names text := (SELECT string_agg(n.value, ' ') FROM jsonb_each_text(NEW.names) n);
BEGIN
    NEW.search_terms := weighed_terms(NEW.name, 'A') || weighed_terms(v_names, 'A')
                        || weighed_terms(NEW.description, 'B');
    PERFORM keep_search_words(ARRAY[concat_ws(' ', NEW.name, v_names, NEW.description)]);
    RETURN NEW;
END $$;

-- What is derived from a row is no change of it.
CREATE OR REPLACE FUNCTION audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$
DECLARE
    v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - '{search_vector,search_terms}'::text[] END;
    v_new jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - '{search_vector,search_terms}'::text[] END;
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
CREATE OR REPLACE TRIGGER skills_audited
    AFTER INSERT OR DELETE OR UPDATE OF name, names, category_id, description, icon_url, is_active, sort_order
    ON skills FOR EACH ROW EXECUTE FUNCTION audit_row('id');

-- Whoever sets the column itself has it made: so are batches of rows filled. Skills have no column of before, and
-- are few: they are filled before the other tables are locked.
CREATE TRIGGER skills_terms BEFORE INSERT OR UPDATE OF name, names, description, search_terms ON skills
    FOR EACH ROW EXECUTE FUNCTION keep_skill_terms();
UPDATE skills SET search_terms = NULL;

CREATE TRIGGER gigs_terms BEFORE INSERT OR UPDATE OF title, description, tags, search_terms ON gigs
    FOR EACH ROW EXECUTE FUNCTION keep_listing_terms();
CREATE TRIGGER jobs_terms BEFORE INSERT OR UPDATE OF title, description, tags, search_terms ON jobs
    FOR EACH ROW EXECUTE FUNCTION keep_listing_terms();
CREATE TRIGGER freelancer_profiles_terms
    BEFORE INSERT OR UPDATE OF tagline, bio, search_terms ON freelancer_profiles
    FOR EACH ROW EXECUTE FUNCTION keep_profile_terms();
CREATE TRIGGER reviews_terms BEFORE INSERT OR UPDATE OF title, comment, search_terms ON reviews
    FOR EACH ROW EXECUTE FUNCTION keep_review_terms();

-- An empty table has nothing to fill: looked at behind the triggers, which have a later row filled.
INSERT INTO search_rebuilds (subject, fold, finished_at)
VALUES
    ('gigs', search_fold_version(), CASE WHEN NOT EXISTS (SELECT 1 FROM gigs) THEN clock_timestamp() END),
    ('jobs', search_fold_version(), CASE WHEN NOT EXISTS (SELECT 1 FROM jobs) THEN clock_timestamp() END),
    ('freelancer_profiles', search_fold_version(),
     CASE WHEN NOT EXISTS (SELECT 1 FROM freelancer_profiles) THEN clock_timestamp() END),
    ('reviews', search_fold_version(), CASE WHEN NOT EXISTS (SELECT 1 FROM reviews) THEN clock_timestamp() END);

-- Fills rows of a table that have nothing yet, above a key, at most p_limit; the key of the last one. NULL
-- where there was none but such as others are changing, and whether any is left then.
CREATE FUNCTION renew_terms(p_table text, p_key text, p_above uuid, p_limit integer)
RETURNS TABLE (renewed bigint, last_key uuid, is_left boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    -- What the table's trigger takes words of.
    v_text text := CASE p_table
        WHEN 'freelancer_profiles' THEN $sql$concat_ws(' ', t.tagline, t.bio)$sql$
        WHEN 'reviews' THEN 'NULL::text'
        ELSE $sql$concat_ws(' ', t.title, t.description, words_of(t.tags))$sql$ END;
    v_keys uuid[];
    v_texts text[];
BEGIN
    EXECUTE format($query$
        SELECT array_agg(due.key ORDER BY due.key), array_agg(due.text)
        FROM (
            SELECT t.%1$I AS key, %3$s AS text FROM %2$I t
            WHERE t.%1$I > $1 AND t.search_terms IS NULL
            ORDER BY t.%1$I
            LIMIT $2
            FOR NO KEY UPDATE SKIP LOCKED
        ) due
    $query$, p_key, p_table, v_text) INTO v_keys, v_texts USING p_above, p_limit;
    -- The triggers find them there then: a row after another they would be added in the order of rows, and two
    -- who write could wait for each other.
    PERFORM keep_search_words(v_texts);
    EXECUTE format('UPDATE %2$I t SET search_terms = NULL WHERE t.%1$I = ANY ($1)', p_key, p_table) USING v_keys;
    renewed := coalesce(cardinality(v_keys), 0);
    last_key := v_keys[renewed];
    is_left := true;
    IF renewed = 0 THEN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I t WHERE t.search_terms IS NULL)', p_table) INTO is_left;
    END IF;
    RETURN NEXT;
END $$;
