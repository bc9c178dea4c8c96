-- People by their names.

-- The words of a name, each after a space; a letter of a script that puts none between words is one.
CREATE FUNCTION name_words(p_name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ' ' || regexp_replace(translate(search_text(p_name), '()[]{},;"!?|*+%$^`~', '                   '),
                                 '([' || fold_pairs() || '])', ' \1', 'g')
$$;

-- What people are found by. A change of the fold makes it anew: by emptying it and filling it again.
CREATE TABLE people_names (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    words text NOT NULL
);
CREATE INDEX people_names_words ON people_names USING gin (words gin_trgm_ops);
GRANT SELECT, INSERT, UPDATE, DELETE ON people_names TO parley_service;

CREATE FUNCTION keep_name_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO people_names AS n (user_id, words) VALUES (NEW.id, name_words(NEW.display_name))
    ON CONFLICT (user_id) DO UPDATE SET words = EXCLUDED.words;
    RETURN NULL;
END $$;
CREATE TRIGGER users_named AFTER INSERT OR UPDATE OF display_name ON users
    FOR EACH ROW EXECUTE FUNCTION keep_name_words();

-- People that were there before are filled in while servers run.
INSERT INTO backfills (name, done_at)
SELECT 'names', CASE WHEN NOT EXISTS (SELECT FROM users) THEN clock_timestamp() END;

CREATE FUNCTION backfill_names(p_limit integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_at backfills;
    v_users uuid[];
BEGIN
    SELECT b.* INTO v_at FROM backfills b WHERE b.name = 'names' FOR UPDATE SKIP LOCKED;
    IF v_at.name IS NULL THEN
        RETURN NULL;
    END IF;
    -- Locked, so that a name that is changed now is written after this one; who waits, waits for a part.
    v_users := ARRAY(
        SELECT u.id FROM users u WHERE u.id > v_at.user_id ORDER BY u.id LIMIT p_limit FOR NO KEY UPDATE);
    IF v_users = '{}' THEN
        UPDATE backfills b SET done_at = clock_timestamp() WHERE b.name = 'names';
        RETURN 0;
    END IF;
    INSERT INTO people_names (user_id, words)
    SELECT u.id, name_words(u.display_name) FROM users u WHERE u.id = ANY (v_users) ORDER BY u.id
    ON CONFLICT (user_id) DO NOTHING;
    UPDATE backfills b SET user_id = v_users[cardinality(v_users)] WHERE b.name = 'names';
    RETURN cardinality(v_users);
END $$;

-- Active people in whose name each word of the query begins a word: those of just this name, then whom the asker
-- has a conversation or contract with, then the others. Who has blocked the other finds nobody, and is not found.
-- Who takes no messages of strangers is found by acquaintances only. Of very many names some are looked at.
CREATE FUNCTION find_people(p_user uuid, p_query text, p_limit integer)
RETURNS TABLE (user_id uuid, display_name text, kind text, avatar text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_whole text := name_words(p_query);
    v_words text[] := ARRAY(
        SELECT '% ' || w || '%' FROM regexp_split_to_table(v_whole, '\s+') w WHERE w <> '' GROUP BY w
        -- The longest finds the fewest rows of the index; the others are compared with those.
        ORDER BY length(w) DESC);
    v_ids uuid[];
BEGIN
    IF v_words = '{}' THEN
        RETURN;
    END IF;
    v_ids := ARRAY(SELECT n.user_id FROM people_names n WHERE n.words = v_whole LIMIT 200)
        || ARRAY(
            SELECT n.user_id FROM people_names n
            WHERE n.words LIKE v_words[1] AND n.words LIKE ALL (v_words) LIMIT 1000);
    IF cardinality(v_ids) >= 1000 THEN
        -- There are more, among whom those may be whom the asker talks to: they go before all others.
        v_ids := v_ids || ARRAY(
            SELECT o.user_id FROM conversation_participants me
            JOIN conversations c ON c.id = me.conversation_id AND c.fanout = 'user'
            JOIN conversation_participants o ON o.conversation_id = me.conversation_id AND o.left_at IS NULL
            JOIN people_names n ON n.user_id = o.user_id
            WHERE me.user_id = p_user AND me.left_at IS NULL AND n.words LIKE ALL (v_words) LIMIT 1000);
    END IF;
    RETURN QUERY
    WITH known AS (SELECT a.user_id FROM acquaintances(p_user, v_ids) a)
    SELECT u.id, u.display_name, u.kind, u.avatar
    FROM users u JOIN people_names n ON n.user_id = u.id LEFT JOIN known k ON k.user_id = u.id
    WHERE u.id = ANY (v_ids) AND u.id <> p_user AND u.status = 'active'
      AND (u.messages_from = 'everyone' OR k.user_id IS NOT NULL)
      AND NOT EXISTS (
          SELECT FROM user_blocks b
          WHERE (b.blocker_id = p_user AND b.blocked_id = u.id)
             OR (b.blocker_id = u.id AND b.blocked_id = p_user))
    ORDER BY n.words <> v_whole, k.user_id IS NULL, NOT starts_with(n.words, v_whole),
             lower(u.display_name), u.id
    LIMIT p_limit;
END $$;
