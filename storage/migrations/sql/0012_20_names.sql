-- Which columns name files, and what happens when one is named or no longer named.

-- Whether a row of the marketplace names the file. All columns that hold ids of files stand here and in
-- is_file_named, and have the triggers below.
CREATE FUNCTION is_file_in_rows(p_file uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM jobs r WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM proposals r WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM portfolio_items r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM deliverables r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM contract_answers r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM disputes r
                   WHERE r.evidence_file_ids @> ARRAY[p_file] AND r.evidence_file_ids <> '{}')
        OR EXISTS (SELECT FROM support_tickets r
                   WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM identity_verifications r
                   WHERE r.document_file_ids @> ARRAY[p_file] AND r.document_file_ids <> '{}')
        OR EXISTS (SELECT FROM data_requests r WHERE r.result_file_id = p_file)
$$;

-- Whether anything names the file.
CREATE FUNCTION is_file_named(p_file uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM message_attachments a WHERE a.file_id = p_file) OR is_file_in_rows(p_file)
$$;

-- Whether something that somebody can see names the file: a conversation that all have left shows nothing.
CREATE FUNCTION is_file_shown(p_file uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM message_attachments a
        JOIN conversation_participants p ON p.conversation_id = a.conversation_id AND p.left_at IS NULL
        WHERE a.file_id = p_file
    ) OR is_file_in_rows(p_file)
$$;

-- The ids in a row's column, which holds one id or an array of them; the second argument is its name.
CREATE FUNCTION file_ids_in(p_row anyelement, p_column text) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_ids uuid[];
BEGIN
    EXECUTE format('SELECT array(SELECT i FROM unnest(ARRAY[($1).%I]) i WHERE i IS NOT NULL)', p_column)
    INTO v_ids USING p_row;
    RETURN v_ids;
END $$;

-- Before a row names further files. They are locked against being removed until it is there; one that has just
-- been removed is refused like a foreign key. (message_attachments has a foreign key.)
CREATE FUNCTION name_files() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_ids uuid[] := file_ids_in(NEW, TG_ARGV[0]);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_ids := array(SELECT i FROM unnest(v_ids) i WHERE i <> ALL (file_ids_in(OLD, TG_ARGV[0])));
    END IF;
    IF v_ids = '{}' THEN
        RETURN NEW;
    END IF;
    PERFORM FROM files f WHERE f.id = ANY (v_ids) ORDER BY f.id FOR KEY SHARE;
    IF EXISTS (SELECT FROM file_removals r WHERE r.file_id = ANY (v_ids)) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a file has just been removed',
            CONSTRAINT = TG_TABLE_NAME || '_' || TG_ARGV[0] || '_fkey';
    END IF;
    RETURN NEW;
END $$;

-- After a row has ceased to name files: their time begins, and their links end unless others name them.
CREATE FUNCTION release_files() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_ids uuid[] := file_ids_in(OLD, TG_ARGV[0]);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_ids := array(SELECT i FROM unnest(v_ids) i WHERE i <> ALL (file_ids_in(NEW, TG_ARGV[0])));
    END IF;
    IF v_ids <> '{}' THEN
        PERFORM FROM files f WHERE f.id = ANY (v_ids) ORDER BY f.id FOR NO KEY UPDATE;
        UPDATE files f SET unnamed_since = clock_timestamp() WHERE f.id = ANY (v_ids);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER message_attachments_released AFTER DELETE ON message_attachments
    FOR EACH ROW EXECUTE FUNCTION release_files('file_id');
DO $$
DECLARE
    v_table text;
    v_column text;
BEGIN
    FOR v_table, v_column IN VALUES
        ('contract_answers', 'file_ids'), ('data_requests', 'result_file_id'), ('deliverables', 'file_ids'),
        ('disputes', 'evidence_file_ids'), ('identity_verifications', 'document_file_ids'),
        ('jobs', 'attachment_ids'), ('portfolio_items', 'file_ids'), ('proposals', 'attachment_ids'),
        ('support_tickets', 'attachment_ids')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE INSERT OR UPDATE OF %I ON %I FOR EACH ROW EXECUTE FUNCTION name_files(%L)',
            v_table || '_files_named', v_column, v_table, v_column);
        EXECUTE format(
            'CREATE TRIGGER %I AFTER DELETE OR UPDATE OF %I ON %I FOR EACH ROW EXECUTE FUNCTION release_files(%L)',
            v_table || '_files_released', v_column, v_table, v_column);
    END LOOP;
END $$;

-- Removes a file that nothing names, for its owner: `ok`, `not_found` or `in_use`.
CREATE FUNCTION remove_file(p_file uuid, p_owner uuid) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    -- Waits for whoever is naming it; what names it is then seen, since each statement sees anew.
    PERFORM FROM files f WHERE f.id = p_file AND f.owner_id = p_owner AND f.state = 'ready' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    IF is_file_named(p_file) THEN
        RETURN 'in_use';
    END IF;
    DELETE FROM files f WHERE f.id = p_file;
    INSERT INTO file_removals (file_id) VALUES (p_file);
    RETURN 'ok';
END $$;

-- Looks at files that nothing was known to name for that long: those that something names are left until it
-- ceases to, the others are removed. Returns how many were looked at and removed, p_most at the most. One
-- transaction at a time removes what several people have, here and of uploads: it locks their rows of
-- file_usage in no order, and two would wait for each other. Another is told that there is nothing to look at.
CREATE FUNCTION sweep_files(p_unnamed interval, p_most integer, OUT looked_at integer, OUT removed integer)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_ids uuid[];
BEGIN
    looked_at := 0;
    removed := 0;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('parley.sweep_files', 0)) THEN
        RETURN;
    END IF;
    SELECT array_agg(l.id) INTO v_ids FROM (
        SELECT f.id FROM files f
        WHERE f.unnamed_since < clock_timestamp() - p_unnamed
          AND f.created_at < clock_timestamp() - p_unnamed
        ORDER BY f.unnamed_since LIMIT p_most
        FOR UPDATE SKIP LOCKED
    ) l;
    looked_at := coalesce(cardinality(v_ids), 0);
    UPDATE files f SET unnamed_since = NULL WHERE f.id = ANY (v_ids) AND is_file_named(f.id);
    WITH gone AS (
        DELETE FROM files f WHERE f.id = ANY (v_ids) AND f.unnamed_since IS NOT NULL RETURNING f.id
    ), noted AS (
        INSERT INTO file_removals (file_id) SELECT g.id FROM gone g
    )
    SELECT count(*) INTO removed FROM gone;
END $$;
