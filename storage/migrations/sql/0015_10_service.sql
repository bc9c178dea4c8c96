-- What a server needs whose login owns nothing and acts as parley_service.

-- Whether the schema is that of its program.
GRANT SELECT ON alembic_version TO parley_service;

-- What the guard of a status lets through is declared, and not the server's to change.
REVOKE INSERT, UPDATE, DELETE ON status_transitions FROM parley_service;

-- Keys by filters whose operators are not leakproof. Under a policy, even one that lets all through, the
-- planner would guess how many rows such a filter leaves; a view is planned with its owner's rights.
CREATE VIEW freelancer_profiles_unveiled AS
SELECT user_id, years_of_experience, experience_level, hourly_rate, currency, availability, country,
       is_verified, verification_level, jobs_completed, rating, is_featured, certification_level,
       created_at
FROM freelancer_profiles;

CREATE VIEW gigs_unveiled AS
SELECT id, freelancer_id, slug, category_id, subcategory_id, video_type, tags, currency, starting_price,
       order_count, rating, is_featured, status, created_at, trend_score
FROM gigs;

CREATE VIEW jobs_unveiled AS
SELECT id, client_id, platform, category_id, job_type, video_type, budget_type, budget_min, budget_max,
       currency, deadline, complexity, experience_level, tags, is_featured, status, created_at
FROM jobs;

CREATE VIEW certifications_unveiled AS
SELECT id, user_id, level, industry_tracks, status, created_at
FROM certifications;

REVOKE ALL ON freelancer_profiles_unveiled, gigs_unveiled, jobs_unveiled, certifications_unveiled
    FROM parley_service;
GRANT SELECT ON freelancer_profiles_unveiled, gigs_unveiled, jobs_unveiled, certifications_unveiled
    TO parley_service;

-- Functions with their owner's rights: a table is looked up among the caller's temporary ones first,
-- unless the path says that they come last. Anybody could be staff by a temporary table of users.
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function regprocedure;
BEGIN
    FOR v_function IN
        SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND p.prosecdef
              AND NOT EXISTS (SELECT FROM pg_depend d
                              WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;
