-- Takes back what 0004 made.

DROP TRIGGER users_copied ON users;
DROP TRIGGER freelancer_profiles_copied ON freelancer_profiles;
DROP TRIGGER client_profiles_copied ON client_profiles;
DROP TRIGGER categories_copied ON categories;
DROP TRIGGER skills_copied ON skills;
DROP TRIGGER gigs_copied ON gigs;
DROP TRIGGER jobs_copied ON jobs;
DROP TRIGGER contracts_copied ON contracts;
DROP FUNCTION tell_copies();
DELETE FROM outbox WHERE consumer = 'copies';
ALTER TABLE outbox DROP CONSTRAINT outbox_consumer_known;
ALTER TABLE outbox ADD CONSTRAINT outbox_consumer_known
    CHECK (consumer IN ('realtime', 'search', 'notifications'));

DO $$
DECLARE
    v record;
BEGIN
    FOR v IN
        SELECT p.tablename, p.policyname FROM pg_policies p
        WHERE p.schemaname = current_schema() AND p.tablename IN (
            'skill_edges', 'status_history', 'task_dependencies', 'agents', 'agent_runs',
            'ai_analyses', 'journals', 'journal_lines', 'files', 'meetings',
            'templates', 'reports', 'notification_preferences', 'notification_deliveries')
    LOOP
        EXECUTE format('DROP POLICY %I ON %I', v.policyname, v.tablename);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', v.tablename);
    END LOOP;
    FOR v IN
        SELECT DISTINCT g.table_name, g.column_name, g.grantee
        FROM information_schema.column_privileges g
        WHERE g.table_schema = current_schema() AND g.grantee IN ('parley_app', 'parley_readonly')
          AND g.table_name IN (
            'skill_edges', 'status_history', 'task_dependencies', 'agents', 'agent_runs',
            'ai_analyses', 'journals', 'journal_lines', 'files', 'meetings',
            'templates', 'reports', 'notification_preferences', 'notification_deliveries')
    LOOP
        EXECUTE format('REVOKE ALL (%I) ON %I FROM %I', v.column_name, v.table_name, v.grantee);
    END LOOP;
END $$;
REVOKE ALL ON notification_preferences, meetings FROM parley_app;

CREATE OR REPLACE VIEW job_stats WITH (security_invoker = true) AS
SELECT j.id, j.title, j.status, j.budget_max, j.client_id,
       count(p.id)::integer AS total_proposals,
       avg(p.amount)::numeric(14, 2) AS average_amount,
       min(p.amount) AS min_amount,
       max(p.amount) AS max_amount,
       j.created_at,
       (extract(epoch FROM now() - j.created_at) / 3600)::numeric(14, 2) AS hours_since_posted
FROM jobs j
LEFT JOIN proposals p ON p.job_id = j.id
WHERE j.client_id = (SELECT app_user()) OR (SELECT app_is_staff())
GROUP BY j.id;

DROP VIEW gig_stats, order_stats, payment_stats, messaging_stats, review_stats;
CREATE VIEW gig_stats WITH (security_invoker = true) AS
SELECT d.day, d.subject_id AS gig_id, d.name, d.value FROM daily_stats d WHERE d.area = 'gigs';
CREATE VIEW order_stats WITH (security_invoker = true) AS
SELECT d.day, d.subject_id AS user_id, d.name, d.value FROM daily_stats d WHERE d.area = 'orders';
CREATE VIEW payment_stats WITH (security_invoker = true) AS
SELECT d.day, d.subject_id AS user_id, d.name, d.value FROM daily_stats d WHERE d.area = 'payments';
CREATE VIEW messaging_stats WITH (security_invoker = true) AS
SELECT d.day, d.subject_id AS user_id, d.name, d.value FROM daily_stats d WHERE d.area = 'messaging';
CREATE VIEW review_stats WITH (security_invoker = true) AS
SELECT d.day, d.subject_id AS user_id, d.name, d.value FROM daily_stats d WHERE d.area = 'reviews';

DROP POLICY freelancer_profiles_create ON freelancer_profiles;
CREATE POLICY freelancer_profiles_create ON freelancer_profiles FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
DROP POLICY client_profiles_create ON client_profiles;
CREATE POLICY client_profiles_create ON client_profiles FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
DROP POLICY jobs_create ON jobs;
CREATE POLICY jobs_create ON jobs FOR INSERT TO parley_app
    WITH CHECK ((client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)) AND (platform = 'internal' AND EXISTS (SELECT FROM users p WHERE p.id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) AND p.status = 'active')));

DROP POLICY daily_stats_read ON daily_stats;
CREATE POLICY daily_stats_read ON daily_stats FOR SELECT TO parley_app
    USING ((SELECT app_is_staff()));
REVOKE SELECT (id) ON daily_stats FROM parley_app, parley_readonly;

DROP INDEX
    gig_packages_newest, gig_extras_newest, gig_requirements_newest, gig_requirements_ordered,
    gig_faqs_newest, gig_faqs_ordered, job_skills_newest, user_skills_newest,
    user_categories_newest, educations_newest, work_experiences_newest, community_events_newest,
    portfolio_items_ordered, meetings_of_creator, reports_of_reporter,
    jobs_by_least, freelancer_profiles_by_rate;
DROP FUNCTION app_conversations();
ALTER TABLE notification_preferences
    DROP CONSTRAINT notification_preferences_category_known,
    DROP CONSTRAINT notification_preferences_channel_known,
    DROP COLUMN id;
ALTER TABLE skill_edges DROP COLUMN id;
ALTER TABLE task_dependencies DROP COLUMN id;
ALTER TABLE journal_lines DROP COLUMN id;
ALTER TABLE daily_stats DROP COLUMN id;
