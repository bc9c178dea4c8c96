-- Takes back what 0025 added.
DROP TRIGGER gig_counters_ordered ON gig_counters;
DROP TRIGGER client_profiles_jobs_posted ON client_profiles;
DROP TRIGGER jobs_deadline_moved ON jobs;
DROP TRIGGER jobs_budget_type_fixed ON jobs;
DROP TRIGGER proposals_plan_fits ON proposals;
DROP FUNCTION trend_by_order(), jobs_posted_before(), move_job_deadline(), guard_job_budget_type(), guard_proposal_plan();
DROP FUNCTION milestone_plan_fault(jsonb, numeric, text), is_time_text(text);
DROP FUNCTION proposal_total(proposals);
DELETE FROM timers t WHERE t.machine = 'job';
ALTER TABLE proposals DROP COLUMN revisions;
-- Triggers that follow from declarations name columns that go; from here on they name the others.
DO $$
DECLARE
    v_trigger record;
BEGIN
    FOR v_trigger IN
        SELECT DISTINCT t.tgname, pg_get_triggerdef(t.oid) AS said
        FROM pg_trigger t JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)
        WHERE t.tgrelid = 'jobs'::regclass AND a.attname IN ('milestone_plan')
    LOOP
        EXECUTE format('DROP TRIGGER %I ON jobs', v_trigger.tgname);
        EXECUTE regexp_replace(
            regexp_replace(v_trigger.said, ', (milestone_plan)\M', '', 'g'), ' (milestone_plan), ', ' ', 'g'
        );
    END LOOP;
END $$;
ALTER TABLE jobs DROP COLUMN milestone_plan;
