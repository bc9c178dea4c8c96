-- As 0015 has it of all functions with their owner's rights.
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY ARRAY['keep_name_words', 'hide_person', 'keep_ratings'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;
