-- Pages by the ids and states that lists are narrowed by.
CREATE INDEX CONCURRENTLY IF NOT EXISTS gigs_of_subcategory ON gigs (subcategory_id, created_at DESC, id DESC)
    WHERE status = 'active';
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_of_platform ON jobs (platform, created_at DESC, id DESC)
    WHERE platform <> 'internal';
CREATE INDEX CONCURRENTLY IF NOT EXISTS reviews_by_status ON reviews (status, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS review_invitations_by_status ON review_invitations (status, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS contracts_by_status ON contracts (status, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS contracts_by_deadline ON contracts (deadline, id)
    WHERE status IN ('active', 'in_review');
CREATE INDEX CONCURRENTLY IF NOT EXISTS disputes_of_contract ON disputes (contract_id, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS disputes_of_raiser ON disputes (raised_by, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS status_history_of_one ON status_history (entity_id, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS tasks_by_status ON tasks (status, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS agent_runs_newest ON agent_runs (created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS ai_analyses_by_status ON ai_analyses (status, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS certifications_by_status ON certifications (status, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS course_enrollments_of_course ON course_enrollments (course_id, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS course_enrollments_by_status ON course_enrollments (status, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS shadowing_sessions_of_job ON shadowing_sessions (job_id, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS shadowing_sessions_by_status ON shadowing_sessions (status, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS community_events_by_status ON community_events (status, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS data_requests_by_status ON data_requests (status, created_at DESC, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS webhook_endpoints_by_status ON webhook_endpoints (status, created_at DESC, id DESC);
-- The gigs of which a package is delivered within few days: of few gigs it is that.
CREATE INDEX CONCURRENTLY IF NOT EXISTS gig_packages_by_days ON gig_packages (delivery_days, gig_id);
