-- Before the foundation there is nothing, so undoing it takes away all that this schema holds but
-- Alembic's own table. Roles stay: they belong to the whole server and other databases may use them.

-- Each list of names is complete before the first of them goes: a drop takes others along, and what
-- is gone has no name any more.

DO $$
DECLARE
    v_drop text;
BEGIN
    FOREACH v_drop IN ARRAY ARRAY(
        SELECT format('DROP %s IF EXISTS %s CASCADE',
                CASE c.relkind
                    WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                    WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE'
                END, c.oid::regclass)
        FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace
            AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
            AND NOT c.relispartition
            AND c.relname <> 'alembic_version'
            AND NOT EXISTS (
                -- An extension's own, and sequences that go with their table. A partitioned table
                -- depends on itself by its key, which says nothing.
                SELECT FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                    AND d.refobjid <> c.oid AND d.deptype IN ('e', 'a', 'i'))
    ) LOOP
        EXECUTE v_drop;
    END LOOP;

    FOREACH v_drop IN ARRAY ARRAY(
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
        FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        UNION ALL
        SELECT format('DROP TYPE IF EXISTS %s CASCADE', t.oid::regtype)
        FROM pg_type t
        WHERE t.typnamespace = current_schema()::regnamespace
            AND t.typtype IN ('c', 'd', 'e')
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype IN ('e', 'i'))
    ) LOOP
        EXECUTE v_drop;
    END LOOP;

    FOREACH v_drop IN ARRAY ARRAY(
        SELECT format('DROP TEXT SEARCH CONFIGURATION IF EXISTS %I CASCADE', t.cfgname)
        FROM pg_ts_config t WHERE t.cfgnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT format('DROP TEXT SEARCH DICTIONARY IF EXISTS %I CASCADE', t.dictname)
        FROM pg_ts_dict t WHERE t.dictnamespace = current_schema()::regnamespace
    ) LOOP
        EXECUTE v_drop;
    END LOOP;

    FOREACH v_drop IN ARRAY ARRAY(
        SELECT format('DROP EXTENSION IF EXISTS %I CASCADE', e.extname)
        FROM pg_extension e
        WHERE e.extnamespace = current_schema()::regnamespace
    ) LOOP
        EXECUTE v_drop;
    END LOOP;
END $$;
