-- The rights of servers whose login is the owner's.

DO $$
DECLARE
    v_function regprocedure;
BEGIN
    FOR v_function IN
        SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND p.prosecdef
              AND NOT EXISTS (SELECT FROM pg_depend d
                              WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path FROM CURRENT', v_function);
    END LOOP;
END $$;

DROP VIEW freelancer_profiles_unveiled, gigs_unveiled, jobs_unveiled, certifications_unveiled;
GRANT INSERT, UPDATE, DELETE ON status_transitions TO parley_service;
REVOKE SELECT ON alembic_version FROM parley_service;
