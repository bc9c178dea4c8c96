-- The roles that requests and programs take on. They belong to the whole server: other databases may
-- have made them, at this very moment, and a managed server may have them from its owner.
--   parley_app       a REST request, held to grants by column and policies by row
--   parley_service   workflows, writers and text search: every row, but the tables' owner it is not
--   parley_readonly  analysis: what is declared and not personal

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['parley_app', 'parley_service', 'parley_readonly'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = v_role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database's migration was faster
            END;
        END IF;
        -- What connects must be able to become it. Two that grant at once: one finds it done.
        FOR n IN 1 .. 5 LOOP
            EXIT WHEN pg_has_role(current_user, v_role, 'MEMBER');
            BEGIN
                EXECUTE format('GRANT %I TO CURRENT_USER', v_role);
            EXCEPTION WHEN unique_violation OR internal_error THEN
                NULL;
            END;
        END LOOP;
    END LOOP;
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', current_schema());
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO parley_app, parley_service, parley_readonly',
                   current_schema());
    -- Tables and partitions of later are the service's too.
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I
                    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO parley_service', current_schema());
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I
                    GRANT USAGE, SELECT ON SEQUENCES TO parley_service', current_schema());
END $$;

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- pgvector is wanted for matching alone. Where it is not there, or not this login's to make, it is made later,
-- with the table that needs it (storage/sql/database/installation.sql; docs/decisions/0033-optional-pgvector.md).
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions a
               JOIN pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version
               WHERE a.name = 'vector'
                     AND ((SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
                          OR ((NOT v.superuser OR v.trusted)
                              AND has_database_privilege(current_database(), 'CREATE')))) THEN
        CREATE EXTENSION IF NOT EXISTS vector;
    END IF;
END $$;

-- Who asks, as the policies see it; the transaction of a request says so with `app.user_id`. Staff is
-- looked up as the tables' owner, once a statement, so that nobody is staff by saying so.
CREATE FUNCTION app_user() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('app.user_id', true), '')::uuid
$$;

CREATE FUNCTION app_is_staff() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT EXISTS (
        SELECT FROM users u
        WHERE u.id = app_user() AND u.staff_role IS NOT NULL AND u.status = 'active')
$$;

CREATE FUNCTION app_is_admin() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT EXISTS (
        SELECT FROM users u
        WHERE u.id = app_user() AND u.staff_role = 'admin' AND u.status = 'active')
$$;

-- What a search finds a listing by: words with their place and weight, and pairs of letters of scripts
-- without spaces, likewise. Restored from a dump it must find the functions it calls.
CREATE FUNCTION weighed_tokens(p_text text, p_weight "char") RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
    v_plain text := search_plain(coalesce(p_text, ''));
    v_words text := search_words(v_plain);
    v_tokens tsvector := to_tsvector('message_words', v_words);
BEGIN
    IF v_words <> v_plain THEN
        v_tokens := v_tokens || coalesce((
            SELECT string_agg(format('''%s'':%s', substr(r.run, n, 2), least(r.at + n, 16000)), ' ')
            FROM search_runs(v_plain) WITH ORDINALITY AS r(run, at),
                 generate_series(1, length(r.run)) AS n
        ), '')::tsvector;
    END IF;
    RETURN setweight(v_tokens, p_weight);
END $$;

-- array_to_string is only stable, for what arrays of other types may hold.
CREATE FUNCTION words_of(p_words text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT array_to_string(p_words, ' ') $$;
