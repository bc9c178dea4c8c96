-- Grants by column and policies by row, derived from the declarations in handlers/resources.

DROP POLICY daily_stats_read ON daily_stats;

-- skill-edges
ALTER TABLE skill_edges ENABLE ROW LEVEL SECURITY;
GRANT SELECT (from_skill_id, id, kind, to_skill_id, weight) ON skill_edges TO parley_app;
GRANT SELECT (from_skill_id, id, kind, to_skill_id, weight) ON skill_edges TO parley_readonly;
CREATE POLICY skill_edges_read ON skill_edges FOR SELECT TO parley_app
    USING (true);
CREATE POLICY skill_edges_service ON skill_edges FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY skill_edges_readonly ON skill_edges FOR SELECT TO parley_readonly
    USING (true);

-- status-history
ALTER TABLE status_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT (action, actor_id, created_at, entity_id, entity_type, from_status, id, note, to_status) ON status_history TO parley_app;
GRANT SELECT (action, actor_id, created_at, entity_id, entity_type, from_status, id, note, to_status) ON status_history TO parley_readonly;
CREATE POLICY status_history_read ON status_history FOR SELECT TO parley_app
    USING ((CASE entity_type WHEN 'contract' THEN EXISTS (SELECT FROM contracts p WHERE p.id = entity_id) WHEN 'milestone' THEN EXISTS (SELECT FROM milestones p WHERE p.id = entity_id) WHEN 'proposal' THEN EXISTS (SELECT FROM proposals p WHERE p.id = entity_id) WHEN 'dispute' THEN EXISTS (SELECT FROM disputes p WHERE p.id = entity_id) ELSE false END) OR ((SELECT app_is_staff())));
CREATE POLICY status_history_service ON status_history FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY status_history_readonly ON status_history FOR SELECT TO parley_readonly
    USING (true);

-- task-dependencies
ALTER TABLE task_dependencies ENABLE ROW LEVEL SECURITY;
GRANT SELECT (depends_on_id, id, task_id) ON task_dependencies TO parley_app;
GRANT SELECT (depends_on_id, id, task_id) ON task_dependencies TO parley_readonly;
CREATE POLICY task_dependencies_read ON task_dependencies FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM tasks p WHERE p.id = task_id));
CREATE POLICY task_dependencies_service ON task_dependencies FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY task_dependencies_readonly ON task_dependencies FOR SELECT TO parley_readonly
    USING (true);

-- agents
ALTER TABLE agents ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, description, id, is_active, kind, name) ON agents TO parley_app;
GRANT SELECT (created_at, description, id, is_active, kind, name) ON agents TO parley_readonly;
CREATE POLICY agents_read ON agents FOR SELECT TO parley_app
    USING ((is_active) OR ((SELECT app_is_staff())));
CREATE POLICY agents_service ON agents FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY agents_readonly ON agents FOR SELECT TO parley_readonly
    USING (true);

-- agent-runs
ALTER TABLE agent_runs ENABLE ROW LEVEL SECURITY;
GRANT SELECT (agent_id, cost, created_at, error_message, execution_time_seconds, id, quality_score, retry_required, task_id, tokens_used, user_feedback_score) ON agent_runs TO parley_app;
GRANT SELECT (agent_id, cost, created_at, error_message, execution_time_seconds, id, quality_score, retry_required, task_id, tokens_used, user_feedback_score) ON agent_runs TO parley_readonly;
CREATE POLICY agent_runs_read ON agent_runs FOR SELECT TO parley_app
    USING (EXISTS (SELECT FROM tasks p WHERE p.id = task_id));
CREATE POLICY agent_runs_service ON agent_runs FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY agent_runs_readonly ON agent_runs FOR SELECT TO parley_readonly
    USING (true);

-- ai-analyses
ALTER TABLE ai_analyses ENABLE ROW LEVEL SECURITY;
GRANT SELECT (created_at, error, id, job_id, kind, provider, result, status, updated_at, user_id, version) ON ai_analyses TO parley_app;
GRANT SELECT (created_at, error, id, job_id, kind, provider, result, status, updated_at, user_id, version) ON ai_analyses TO parley_readonly;
CREATE POLICY ai_analyses_read ON ai_analyses FOR SELECT TO parley_app
    USING ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) OR EXISTS (SELECT FROM jobs p WHERE p.id = job_id AND p.client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
CREATE POLICY ai_analyses_service ON ai_analyses FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY ai_analyses_readonly ON ai_analyses FOR SELECT TO parley_readonly
    USING (true);

-- journals
ALTER TABLE journals ENABLE ROW LEVEL SECURITY;
GRANT SELECT (contract_id, created_at, description, id, kind, milestone_id, reverses_id) ON journals TO parley_app;
GRANT SELECT (contract_id, created_at, description, id, kind, milestone_id, reverses_id) ON journals TO parley_readonly;
CREATE POLICY journals_read ON journals FOR SELECT TO parley_app
    USING ((EXISTS (SELECT FROM journal_lines l WHERE l.journal_id = journals.id)) OR ((SELECT app_is_staff())));
CREATE POLICY journals_service ON journals FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY journals_readonly ON journals FOR SELECT TO parley_readonly
    USING (true);

-- journal-lines
ALTER TABLE journal_lines ENABLE ROW LEVEL SECURITY;
GRANT SELECT (account_id, amount, currency, id, journal_id, line) ON journal_lines TO parley_app;
GRANT SELECT (account_id, amount, currency, id, journal_id, line) ON journal_lines TO parley_readonly;
CREATE POLICY journal_lines_read ON journal_lines FOR SELECT TO parley_app
    USING ((EXISTS (SELECT FROM ledger_accounts p WHERE p.id = account_id AND p.user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))) OR ((SELECT app_is_staff())));
CREATE POLICY journal_lines_service ON journal_lines FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY journal_lines_readonly ON journal_lines FOR SELECT TO parley_readonly
    USING (true);

-- files
ALTER TABLE files ENABLE ROW LEVEL SECURITY;
GRANT SELECT (bytes, created_at, height, id, mime, name, owner_id, state, width) ON files TO parley_app;
GRANT SELECT (bytes, created_at, height, id, mime, owner_id, state, width) ON files TO parley_readonly;
CREATE POLICY files_read ON files FOR SELECT TO parley_app
    USING (owner_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY files_service ON files FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY files_readonly ON files FOR SELECT TO parley_readonly
    USING (true);

-- meetings
ALTER TABLE meetings ENABLE ROW LEVEL SECURITY;
GRANT SELECT (conversation_id, created_at, created_by, ends_at, id, join_url, starts_at, status, title, updated_at, version) ON meetings TO parley_app;
GRANT SELECT (conversation_id, created_at, created_by, ends_at, id, starts_at, status, updated_at, version) ON meetings TO parley_readonly;
GRANT INSERT (conversation_id, created_by, ends_at, join_url, starts_at, title) ON meetings TO parley_app;
GRANT UPDATE (ends_at, join_url, starts_at, title) ON meetings TO parley_app;
CREATE POLICY meetings_read ON meetings FOR SELECT TO parley_app
    USING ((created_by = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR (conversation_id = ANY ((SELECT app_conversations())::uuid[])));
CREATE POLICY meetings_create ON meetings FOR INSERT TO parley_app
    WITH CHECK ((created_by = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (conversation_id = ANY ((SELECT app_conversations())::uuid[])));
CREATE POLICY meetings_change ON meetings FOR UPDATE TO parley_app
    USING ((created_by = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (status = 'scheduled'))
    WITH CHECK (created_by = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY meetings_service ON meetings FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY meetings_readonly ON meetings FOR SELECT TO parley_readonly
    USING (true);

-- templates
ALTER TABLE templates ENABLE ROW LEVEL SECURITY;
GRANT SELECT (content, created_at, id, kind, title, user_id) ON templates TO parley_app;
GRANT SELECT (created_at, id, kind, user_id) ON templates TO parley_readonly;
CREATE POLICY templates_read ON templates FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY templates_service ON templates FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY templates_readonly ON templates FOR SELECT TO parley_readonly
    USING (true);

-- reports
ALTER TABLE reports ENABLE ROW LEVEL SECURITY;
GRANT SELECT (conversation_id, created_at, id, reason, reporter_id, status, subject_id, subject_type, text) ON reports TO parley_app;
GRANT SELECT (conversation_id, created_at, id, reason, reporter_id, status, subject_id, subject_type) ON reports TO parley_readonly;
CREATE POLICY reports_read ON reports FOR SELECT TO parley_app
    USING ((reporter_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) OR ((SELECT app_is_staff())));
CREATE POLICY reports_service ON reports FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY reports_readonly ON reports FOR SELECT TO parley_readonly
    USING (true);

-- notification-preferences
ALTER TABLE notification_preferences ENABLE ROW LEVEL SECURITY;
GRANT SELECT (category, channel, id, is_enabled, updated_at, user_id) ON notification_preferences TO parley_app;
GRANT SELECT (category, channel, id, is_enabled, updated_at, user_id) ON notification_preferences TO parley_readonly;
GRANT INSERT (category, channel, is_enabled, user_id) ON notification_preferences TO parley_app;
GRANT UPDATE (is_enabled) ON notification_preferences TO parley_app;
GRANT DELETE ON notification_preferences TO parley_app;
CREATE POLICY notification_preferences_read ON notification_preferences FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY notification_preferences_create ON notification_preferences FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY notification_preferences_change ON notification_preferences FOR UPDATE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY notification_preferences_delete ON notification_preferences FOR DELETE TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY notification_preferences_service ON notification_preferences FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY notification_preferences_readonly ON notification_preferences FOR SELECT TO parley_readonly
    USING (true);

-- notification-deliveries
ALTER TABLE notification_deliveries ENABLE ROW LEVEL SECURITY;
GRANT SELECT (attempts, channel, created_at, id, next_attempt_at, notification_id, status, user_id) ON notification_deliveries TO parley_app;
GRANT SELECT (attempts, channel, created_at, id, next_attempt_at, notification_id, status, user_id) ON notification_deliveries TO parley_readonly;
CREATE POLICY notification_deliveries_read ON notification_deliveries FOR SELECT TO parley_app
    USING (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
CREATE POLICY notification_deliveries_service ON notification_deliveries FOR ALL TO parley_service
    USING (true)
    WITH CHECK (true);
CREATE POLICY notification_deliveries_readonly ON notification_deliveries FOR SELECT TO parley_readonly
    USING (true);

-- daily-stats
GRANT SELECT (area, day, id, name, subject_id, value) ON daily_stats TO parley_app;
GRANT SELECT (area, day, id, name, subject_id, value) ON daily_stats TO parley_readonly;
CREATE POLICY daily_stats_read ON daily_stats FOR SELECT TO parley_app
    USING ((subject_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) OR (area = 'gigs' AND EXISTS (SELECT FROM gigs p WHERE p.id = subject_id AND p.freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)))) OR ((SELECT app_is_staff())));

-- gig-stats
GRANT SELECT (day, gig_id, id, name, value) ON gig_stats TO parley_app;
GRANT SELECT (day, gig_id, id, name, value) ON gig_stats TO parley_readonly;

-- order-stats
GRANT SELECT (day, id, name, user_id, value) ON order_stats TO parley_app;
GRANT SELECT (day, id, name, user_id, value) ON order_stats TO parley_readonly;

-- payment-stats
GRANT SELECT (day, id, name, user_id, value) ON payment_stats TO parley_app;
GRANT SELECT (day, id, name, user_id, value) ON payment_stats TO parley_readonly;

-- messaging-stats
GRANT SELECT (day, id, name, user_id, value) ON messaging_stats TO parley_app;
GRANT SELECT (day, id, name, user_id, value) ON messaging_stats TO parley_readonly;

-- review-stats
GRANT SELECT (day, id, name, user_id, value) ON review_stats TO parley_app;
GRANT SELECT (day, id, name, user_id, value) ON review_stats TO parley_readonly;

-- Profiles and jobs are made by who is of that kind.
DROP POLICY freelancer_profiles_create ON freelancer_profiles;
CREATE POLICY freelancer_profiles_create ON freelancer_profiles FOR INSERT TO parley_app
    WITH CHECK ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (EXISTS (SELECT FROM users p WHERE p.id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.kind <> 'client' AND p.status = 'active')));
DROP POLICY client_profiles_create ON client_profiles;
CREATE POLICY client_profiles_create ON client_profiles FOR INSERT TO parley_app
    WITH CHECK ((user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (EXISTS (SELECT FROM users p WHERE p.id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.kind <> 'freelancer' AND p.status = 'active')));
DROP POLICY jobs_create ON jobs;
CREATE POLICY jobs_create ON jobs FOR INSERT TO parley_app
    WITH CHECK ((client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (platform = 'internal' AND EXISTS (SELECT FROM users p WHERE p.id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.kind <> 'freelancer' AND p.status = 'active')));

CREATE TRIGGER users_copied AFTER DELETE OR UPDATE OF avatar, display_name, kind, locale, staff_role, status, timezone ON users
    FOR EACH ROW EXECUTE FUNCTION tell_copies('id');
CREATE TRIGGER freelancer_profiles_copied AFTER INSERT OR DELETE OR UPDATE OF availability, bio, certification_level, city, country, cover_image_url, currency, experience_level, github_analysis, hourly_rate, instagram_handle, is_featured, is_verified, jobs_completed, languages, on_time_rate, portfolio_video_url, profile_image_url, rating, reputation, response_time_hours, success_rate, tagline, tiktok_handle, total_reviews, verification_level, verified_at, website_url, years_of_experience, youtube_channel ON freelancer_profiles
    FOR EACH ROW EXECUTE FUNCTION tell_copies('user_id');
CREATE TRIGGER client_profiles_copied AFTER INSERT OR DELETE OR UPDATE OF company_logo_url, company_name, company_size, country, description, industry, is_verified, jobs_posted, payment_verified, rating, total_reviews, verified_at, website_url ON client_profiles
    FOR EACH ROW EXECUTE FUNCTION tell_copies('user_id');
CREATE TRIGGER categories_copied AFTER INSERT OR DELETE OR UPDATE OF description, icon_url, is_active, name, names, parent_id, slug, sort_order ON categories
    FOR EACH ROW EXECUTE FUNCTION tell_copies('id');
CREATE TRIGGER skills_copied AFTER INSERT OR DELETE OR UPDATE OF category_id, description, icon_url, is_active, name, names, sort_order ON skills
    FOR EACH ROW EXECUTE FUNCTION tell_copies('id');
CREATE TRIGGER gigs_copied AFTER INSERT OR DELETE OR UPDATE OF category_id, currency, description, favorite_count, freelancer_id, is_featured, media, order_count, published_at, rating, requirements_note, slug, starting_price, status, subcategory_id, tags, thumbnail_url, title, total_reviews, video_type ON gigs
    FOR EACH ROW EXECUTE FUNCTION tell_copies('id');
CREATE TRIGGER jobs_copied AFTER INSERT OR DELETE OR UPDATE OF attachment_ids, budget_estimate, budget_max, budget_min, budget_type, category_id, client_approved_at, client_id, closed_at, completed_at, complexity, currency, deadline, deliverables, description, estimated_duration_days, estimated_hours, experience_level, is_featured, job_type, platform, platform_preference, proposal_count, published_at, qa_score, requirements, revision_count, senior_developer_id, status, tags, title, user_approved_at, video_duration_preference, video_type, work_breakdown ON jobs
    FOR EACH ROW EXECUTE FUNCTION tell_copies('id');
CREATE TRIGGER contracts_copied AFTER INSERT OR DELETE OR UPDATE OF accepted_at, cancelled_at, client_id, completed_at, conversation_id, currency, deadline, deliverable_description, description, estimated_hours, freelancer_id, gig_id, gig_package_id, job_id, payout, platform_fee, proposal_id, revisions_allowed, revisions_used, scope_of_work, start_date, started_at, status, submitted_at, terms, title, total_amount ON contracts
    FOR EACH ROW EXECUTE FUNCTION tell_copies('id');
