-- What was missing to show every table over REST: keys for rows that had none of one column, the words
-- of preferences, whose meetings one sees, and what tells of changes of rows that are kept as copies.

ALTER TABLE notification_preferences
    ADD COLUMN id uuid NOT NULL DEFAULT uuid7() UNIQUE,
    ADD CONSTRAINT notification_preferences_category_known CHECK (category IN (
        'message', 'job', 'proposal', 'contract', 'payment', 'review', 'marketing')),
    ADD CONSTRAINT notification_preferences_channel_known
        CHECK (channel IN ('email', 'push', 'in_app'));
ALTER TABLE skill_edges ADD COLUMN id uuid NOT NULL DEFAULT uuid7() UNIQUE;
ALTER TABLE task_dependencies ADD COLUMN id uuid NOT NULL DEFAULT uuid7() UNIQUE;
ALTER TABLE journal_lines ADD COLUMN id uuid NOT NULL DEFAULT uuid7() UNIQUE;
ALTER TABLE daily_stats ADD COLUMN id uuid NOT NULL DEFAULT uuid7() UNIQUE;

CREATE OR REPLACE VIEW gig_stats WITH (security_invoker = true) AS
SELECT d.day, d.subject_id AS gig_id, d.name, d.value, d.id FROM daily_stats d
WHERE d.area = 'gigs';
CREATE OR REPLACE VIEW order_stats WITH (security_invoker = true) AS
SELECT d.day, d.subject_id AS user_id, d.name, d.value, d.id FROM daily_stats d
WHERE d.area = 'orders';
CREATE OR REPLACE VIEW payment_stats WITH (security_invoker = true) AS
SELECT d.day, d.subject_id AS user_id, d.name, d.value, d.id FROM daily_stats d
WHERE d.area = 'payments';
CREATE OR REPLACE VIEW messaging_stats WITH (security_invoker = true) AS
SELECT d.day, d.subject_id AS user_id, d.name, d.value, d.id FROM daily_stats d
WHERE d.area = 'messaging';
CREATE OR REPLACE VIEW review_stats WITH (security_invoker = true) AS
SELECT d.day, d.subject_id AS user_id, d.name, d.value, d.id FROM daily_stats d
WHERE d.area = 'reviews';

-- Two branches, so that one's own jobs come from an index, and the others are not looked at but by staff.
CREATE OR REPLACE VIEW job_stats WITH (security_invoker = true) AS
SELECT j.id, j.title, j.status, j.budget_max, j.client_id, p.total_proposals, p.average_amount,
       p.min_amount, p.max_amount, j.created_at,
       (extract(epoch FROM now() - j.created_at) / 3600)::numeric(14, 2) AS hours_since_posted
FROM (
    SELECT o.id, o.title, o.status, o.budget_max, o.client_id, o.created_at FROM jobs o
    WHERE o.client_id = (SELECT app_user())
    UNION ALL
    SELECT o.id, o.title, o.status, o.budget_max, o.client_id, o.created_at FROM jobs o
    WHERE (SELECT app_is_staff()) AND o.client_id <> (SELECT app_user())
) j
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS total_proposals, avg(a.amount)::numeric(14, 2) AS average_amount,
           min(a.amount) AS min_amount, max(a.amount) AS max_amount
    FROM proposals a WHERE a.job_id = j.id
) p;

CREATE FUNCTION app_conversations() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce(array_agg(p.conversation_id), '{}') FROM conversation_participants p
    WHERE p.user_id = app_user() AND p.left_at IS NULL
$$;

-- Lists that ask for nobody's rows are cut from these in the order of their default sort.
CREATE INDEX gig_packages_newest ON gig_packages (created_at DESC, id DESC);
CREATE INDEX gig_extras_newest ON gig_extras (created_at DESC, id DESC);
CREATE INDEX gig_requirements_newest ON gig_requirements (created_at DESC, id DESC);
CREATE INDEX gig_requirements_ordered ON gig_requirements (display_order, id);
CREATE INDEX gig_faqs_newest ON gig_faqs (created_at DESC, id DESC);
CREATE INDEX gig_faqs_ordered ON gig_faqs (display_order, id);
CREATE INDEX job_skills_newest ON job_skills (created_at DESC, id DESC);
CREATE INDEX user_skills_newest ON user_skills (created_at DESC, id DESC);
CREATE INDEX user_categories_newest ON user_categories (created_at DESC, id DESC);
CREATE INDEX educations_newest ON educations (created_at DESC, id DESC);
CREATE INDEX work_experiences_newest ON work_experiences (created_at DESC, id DESC);
CREATE INDEX community_events_newest ON community_events (created_at DESC, id DESC);
CREATE INDEX portfolio_items_ordered ON portfolio_items (display_order, id);
CREATE INDEX meetings_of_creator ON meetings (created_by, created_at DESC, id DESC);
CREATE INDEX reports_of_reporter ON reports (reporter_id, created_at DESC, id DESC);

-- Filters by money that the service answers.
CREATE INDEX jobs_by_least ON jobs (budget_min, id) WHERE status = 'open';
CREATE INDEX freelancer_profiles_by_rate ON freelancer_profiles (hourly_rate, user_id);

-- Copies of rows and lists are in Redis; who keeps them is told by the outbox, of whatever changes a row.
ALTER TABLE outbox DROP CONSTRAINT outbox_consumer_known;
ALTER TABLE outbox ADD CONSTRAINT outbox_consumer_known
    CHECK (consumer IN ('realtime', 'search', 'notifications', 'copies'));

CREATE FUNCTION tell_copies() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_row record := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    v_key uuid;
BEGIN
    IF TG_ARGV[0] = 'user_id' THEN
        v_key := v_row.user_id;
    ELSE
        v_key := v_row.id;
    END IF;
    INSERT INTO outbox (consumer, kind, data)
    VALUES ('copies', TG_TABLE_NAME, jsonb_build_object('key', v_key));
    RETURN NULL;
END $$;

