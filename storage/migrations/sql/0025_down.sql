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
ALTER TABLE jobs DROP COLUMN milestone_plan;
