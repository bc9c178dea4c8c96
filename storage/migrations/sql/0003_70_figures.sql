-- What keeps itself: versions, figures of other people's rows, the audit, partitions; and the views.
-- What writes to other people's rows runs as the tables' owner, whom row-level security does not hold,
-- with a fixed search_path: run as the app's role it would change nothing, silently.

-- updated_at and version, unless only figures moved that nobody would call a new version.
DO $$
DECLARE
    v_table text;
    v_columns text;
BEGIN
    FOR v_table, v_columns IN
        SELECT c.table_name,
               string_agg(quote_ident(c.column_name), ', ' ORDER BY c.ordinal_position) FILTER (
                   WHERE c.is_generated = 'NEVER' AND c.column_name NOT IN (
                       'view_count', 'order_count', 'favorite_count', 'like_count', 'helpful_count',
                       'proposal_count', 'attendee_count', 'rating', 'total_reviews', 'trend_score',
                       'starting_price', 'jobs_posted', 'jobs_completed', 'updated_at', 'version'))
        FROM information_schema.columns c
        WHERE c.table_schema = current_schema()
        GROUP BY c.table_name
        HAVING bool_or(c.column_name = 'version')
           AND c.table_name NOT IN ('users', 'user_private')
           AND (SELECT NOT p.relispartition AND p.relkind <> 'v' FROM pg_class p
                WHERE p.oid = quote_ident(c.table_name)::regclass)
    LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE UPDATE OF %s ON %I FOR EACH ROW EXECUTE FUNCTION touch_row()',
            v_table || '_touch', v_columns, v_table);
    END LOOP;
END $$;

-- Who may read a proposal or a dispute is told by the row itself; what else follows from its parent.
CREATE FUNCTION proposal_of_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    SELECT j.client_id, j.currency INTO NEW.client_id, NEW.currency FROM jobs j WHERE j.id = NEW.job_id;
    RETURN NEW;
END $$;
CREATE TRIGGER proposals_of_job BEFORE INSERT ON proposals
    FOR EACH ROW EXECUTE FUNCTION proposal_of_job();

CREATE FUNCTION review_of_contract() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    SELECT CASE NEW.reviewer_id WHEN c.client_id THEN c.freelancer_id WHEN c.freelancer_id THEN c.client_id END,
           CASE NEW.reviewer_id WHEN c.client_id THEN 'client' WHEN c.freelancer_id THEN 'freelancer' END,
           CASE NEW.reviewer_id WHEN c.client_id THEN c.gig_id END
    INTO NEW.reviewee_id, NEW.reviewer_role, NEW.gig_id
    FROM contracts c WHERE c.id = NEW.contract_id;
    RETURN NEW;
END $$;
CREATE TRIGGER reviews_of_contract BEFORE INSERT ON reviews
    FOR EACH ROW EXECUTE FUNCTION review_of_contract();

CREATE FUNCTION task_of_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    SELECT j.client_id INTO NEW.client_id FROM jobs j WHERE j.id = NEW.job_id;
    RETURN NEW;
END $$;
CREATE TRIGGER tasks_of_job_row BEFORE INSERT ON tasks
    FOR EACH ROW EXECUTE FUNCTION task_of_job();

CREATE FUNCTION count_proposal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE jobs j SET proposal_count = j.proposal_count + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
    WHERE j.id = coalesce(NEW.job_id, OLD.job_id);
    RETURN NULL;
END $$;
CREATE TRIGGER proposals_counted AFTER INSERT OR DELETE ON proposals
    FOR EACH ROW EXECUTE FUNCTION count_proposal();

CREATE FUNCTION price_gig() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE gigs g SET starting_price = (SELECT min(p.price) FROM gig_packages p WHERE p.gig_id = g.id)
    WHERE g.id = coalesce(NEW.gig_id, OLD.gig_id);
    RETURN NULL;
END $$;
CREATE TRIGGER gig_packages_price AFTER INSERT OR DELETE OR UPDATE OF price ON gig_packages
    FOR EACH ROW EXECUTE FUNCTION price_gig();

-- Trends decay by half every three days, and no row is rewritten for it. The score is the logarithm to
-- base 2 of the sum of what happened, each weighed by 2^(its age in half-lives), counted forward from
-- a fixed day (forward decay: Cormode et al., 2009): old scores stay and are overtaken. The weights: a
-- view 1, a favourite 5, an order 20.
CREATE FUNCTION trend_after(p_score double precision, p_weight double precision, p_at timestamptz)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT greatest(p_score, n.x) + log(2, (1 + 2 ^ (-least(abs(p_score - n.x), 60)))::numeric)
    FROM (
        SELECT extract(epoch FROM p_at - timestamptz '2026-01-01 00:00:00+00')::double precision
               / (3 * 86400) + ln(p_weight) / ln(2::double precision) AS x
    ) n
$$;

CREATE FUNCTION count_favorite() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.favorited_type = 'gig' THEN
        UPDATE gigs g SET favorite_count = g.favorite_count + 1,
                          trend_score = trend_after(g.trend_score, 5, now())
        WHERE g.id = NEW.favorited_id;
    ELSIF TG_OP = 'DELETE' AND OLD.favorited_type = 'gig' THEN
        UPDATE gigs g SET favorite_count = g.favorite_count - 1 WHERE g.id = OLD.favorited_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER favorites_counted AFTER INSERT OR DELETE ON favorites
    FOR EACH ROW EXECUTE FUNCTION count_favorite();

CREATE FUNCTION count_vote() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE reviews r SET helpful_count = (
        SELECT count(*) FROM review_votes v WHERE v.review_id = r.id AND v.is_helpful)
    WHERE r.id = coalesce(NEW.review_id, OLD.review_id);
    RETURN NULL;
END $$;
CREATE TRIGGER review_votes_counted AFTER INSERT OR UPDATE OR DELETE ON review_votes
    FOR EACH ROW EXECUTE FUNCTION count_vote();

-- The average of a person's published reviews, to two places, and how many they are.
CREATE FUNCTION calculate_user_rating(p_user uuid)
RETURNS TABLE (average_rating numeric(3, 2), total_reviews integer)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(avg(r.overall_rating), 0)::numeric(3, 2), count(*)::integer
    FROM reviews r WHERE r.reviewee_id = p_user AND r.status = 'published'
$$;

CREATE FUNCTION keep_ratings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_user uuid := coalesce(NEW.reviewee_id, OLD.reviewee_id);
    v_gig uuid := coalesce(NEW.gig_id, OLD.gig_id);
BEGIN
    INSERT INTO user_ratings AS u (user_id, average_rating, total_reviews, communication_rating,
                                   quality_rating, professionalism_rating, value_rating)
    SELECT v_user, c.average_rating, c.total_reviews, d.*
    FROM calculate_user_rating(v_user) c, (
        SELECT avg(r.communication_rating)::real, avg(r.quality_rating)::real,
               avg(r.professionalism_rating)::real, avg(r.value_rating)::real
        FROM reviews r WHERE r.reviewee_id = v_user AND r.status = 'published'
    ) d
    ON CONFLICT (user_id) DO UPDATE SET
        average_rating = EXCLUDED.average_rating, total_reviews = EXCLUDED.total_reviews,
        communication_rating = EXCLUDED.communication_rating,
        quality_rating = EXCLUDED.quality_rating,
        professionalism_rating = EXCLUDED.professionalism_rating,
        value_rating = EXCLUDED.value_rating, updated_at = now();
    UPDATE freelancer_profiles p SET rating = u.average_rating, total_reviews = u.total_reviews
    FROM user_ratings u WHERE p.user_id = v_user AND u.user_id = v_user;
    UPDATE client_profiles p SET rating = u.average_rating, total_reviews = u.total_reviews
    FROM user_ratings u WHERE p.user_id = v_user AND u.user_id = v_user;
    UPDATE gigs g SET rating = coalesce(r.average, 0), total_reviews = r.total
    FROM (
        SELECT avg(r.overall_rating)::real AS average, count(*)::integer AS total
        FROM reviews r WHERE r.gig_id = v_gig AND r.status = 'published'
    ) r
    WHERE g.id = v_gig;
    RETURN NULL;
END $$;
CREATE TRIGGER reviews_rate AFTER INSERT OR DELETE OR UPDATE OF status, overall_rating ON reviews
    FOR EACH ROW EXECUTE FUNCTION keep_ratings();

-- Counted in memory, told here in groups: view_events get a row each, the rows their figures.
CREATE FUNCTION count_views(
    p_types text[], p_ids uuid[], p_viewers uuid[], p_ips inet[], p_agents text[],
    p_referrers text[], p_at timestamptz[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO view_events (entity_type, entity_id, viewer_id, ip, user_agent, referrer, viewed_at)
    SELECT * FROM unnest(p_types, p_ids, p_viewers, p_ips, p_agents, p_referrers, p_at);
    UPDATE gigs g SET view_count = g.view_count + v.n,
                      trend_score = trend_after(g.trend_score, v.n, v.newest)
    FROM (
        SELECT i.id, count(*) AS n, max(i.at) AS newest FROM unnest(p_types, p_ids, p_at) i(type, id, at)
        WHERE i.type = 'gig' GROUP BY i.id ORDER BY i.id
    ) v WHERE g.id = v.id;
    UPDATE jobs j SET view_count = j.view_count + v.n
    FROM (
        SELECT i.id, count(*) AS n FROM unnest(p_types, p_ids) i(type, id)
        WHERE i.type = 'job' GROUP BY i.id ORDER BY i.id
    ) v WHERE j.id = v.id;
    UPDATE freelancer_profiles p SET view_count = p.view_count + v.n
    FROM (
        SELECT i.id, count(*) AS n FROM unnest(p_types, p_ids) i(type, id)
        WHERE i.type = 'freelancer' GROUP BY i.id ORDER BY i.id
    ) v WHERE p.user_id = v.id;
    UPDATE portfolio_items p SET view_count = p.view_count + v.n
    FROM (
        SELECT i.id, count(*) AS n FROM unnest(p_types, p_ids) i(type, id)
        WHERE i.type = 'portfolio_item' GROUP BY i.id ORDER BY i.id
    ) v WHERE p.id = v.id;
END $$;

-- Open jobs by how many of the skills they want the person has; those already offered for are left out.
CREATE FUNCTION get_project_recommendations(p_freelancer uuid, p_limit integer DEFAULT 10)
RETURNS TABLE (job_id uuid, match_score real, title text, budget_max numeric(14, 2))
LANGUAGE sql STABLE AS $$
    SELECT j.id, m.score, j.title, j.budget_max
    FROM (
        SELECT w.job_id, (count(*) FILTER (WHERE has.skill_id IS NOT NULL)::real / count(*))::real AS score
        FROM job_skills w
        LEFT JOIN user_skills has ON has.skill_id = w.skill_id AND has.user_id = p_freelancer
        WHERE w.job_id IN (
            SELECT s.job_id FROM job_skills s
            JOIN user_skills u ON u.skill_id = s.skill_id AND u.user_id = p_freelancer)
        GROUP BY w.job_id
    ) m
    JOIN jobs j ON j.id = m.job_id
    WHERE j.status = 'open' AND m.score > 0.2 AND j.client_id <> p_freelancer
      AND NOT EXISTS (
          SELECT FROM proposals p WHERE p.job_id = j.id AND p.freelancer_id = p_freelancer)
    ORDER BY m.score DESC, j.budget_max DESC NULLS LAST, j.id
    LIMIT p_limit
$$;

-- Who changed what. The arguments name what is masked; who, is the request's user, if it was one.
CREATE FUNCTION audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - 'search_vector' END;
    v_new jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - 'search_vector' END;
    v_masked text;
BEGIN
    FOREACH v_masked IN ARRAY coalesce(TG_ARGV[1:], '{}') LOOP
        v_old := CASE WHEN v_old ->> v_masked IS NOT NULL
                 THEN jsonb_set(v_old, ARRAY[v_masked], '"***"') ELSE v_old END;
        v_new := CASE WHEN v_new ->> v_masked IS NOT NULL
                 THEN jsonb_set(v_new, ARRAY[v_masked], '"***"') ELSE v_new END;
    END LOOP;
    INSERT INTO audit_log (actor_id, action, entity_type, entity_id, old_values, new_values)
    SELECT app_user(), lower(TG_OP), TG_TABLE_NAME, coalesce(v_new, v_old) ->> TG_ARGV[0],
           CASE TG_OP WHEN 'UPDATE' THEN (
               SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(v_old) o
               WHERE o.value IS DISTINCT FROM v_new -> o.key) ELSE v_old END,
           CASE TG_OP WHEN 'UPDATE' THEN (
               SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(v_new) n
               WHERE n.value IS DISTINCT FROM v_old -> n.key) ELSE v_new END;
    RETURN NULL;
END $$;

DO $$
DECLARE
    v record;
BEGIN
    FOR v IN SELECT * FROM (VALUES
        ('users', 'id', '{display_name,avatar}'::text[], 'display_name, kind, staff_role, status'),
        ('user_private', 'user_id', '{email,first_name,last_name,phone_encrypted,phone_index,wechat_id_encrypted,wechat_id_index,github_username,provider_ids,preferences,profile_data}', 'email, first_name, last_name, phone_encrypted, wechat_id_encrypted, deleted_at'),
        ('gigs', 'id', '{}', 'title, description, category_id, status, is_featured'),
        ('jobs', 'id', '{external_client_name}', 'title, description, budget_min, budget_max, status, is_featured'),
        ('proposals', 'id', '{}', NULL),
        ('contracts', 'id', '{}', NULL),
        ('milestones', 'id', '{}', NULL),
        ('contract_cancellations', 'id', '{}', NULL),
        ('payment_methods', 'id', '{provider_token,last_four}', NULL),
        ('payout_methods', 'id', '{provider_account_token,account_name,last_four}', NULL),
        ('escrows', 'id', '{}', NULL),
        ('refunds', 'id', '{reason}', NULL),
        ('withdrawals', 'id', '{}', NULL),
        ('disputes', 'id', '{description,resolution}', NULL),
        ('reviews', 'id', '{}', 'overall_rating, title, comment, response_text, status'),
        ('identity_verifications', 'id', '{document_file_ids}', NULL),
        ('fee_structure', 'id', '{}', NULL),
        ('platform_settings', 'key', '{}', NULL),
        ('categories', 'id', '{}', NULL),
        ('skills', 'id', '{}', NULL)
    ) AS t(tab, key, masked, columns) LOOP
        EXECUTE format(
            'CREATE TRIGGER %I AFTER INSERT OR DELETE OR UPDATE %s ON %I
             FOR EACH ROW EXECUTE FUNCTION audit_row(%s)',
            v.tab || '_audited', CASE WHEN v.columns IS NOT NULL THEN 'OF ' || v.columns ELSE '' END, v.tab,
            (SELECT string_agg(quote_literal(a), ', ') FROM unnest(v.key || v.masked) a));
    END LOOP;
END $$;

-- Months of what is partitioned by month, by the same daily task that makes those of messages.
CREATE FUNCTION ensure_month(p_table text, p_month timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_from timestamptz := date_trunc('month', p_month AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    v_to timestamptz := (date_trunc('month', p_month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
    v_name text := p_table || '_' || to_char(v_from AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(v_name) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                       v_name, p_table, v_from, v_to);
    END IF;
END $$;

ALTER FUNCTION maintain_partitions() RENAME TO maintain_message_partitions;
CREATE FUNCTION maintain_partitions() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_ahead integer := maintain_message_partitions();
BEGIN
    PERFORM ensure_month(t, now() + make_interval(months => n))
    FROM unnest(ARRAY['audit_log', 'transactions', 'view_events']) t, generate_series(0, 3) AS n;
    RETURN v_ahead;
END $$;

SELECT maintain_partitions();

-- The views run with the rights of who asks: they count what that person may see.
CREATE VIEW wallets WITH (security_invoker = true) AS
SELECT a.user_id, a.currency,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'wallet'), 0)::numeric(14, 2) AS balance,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'pending'), 0)::numeric(14, 2) AS pending,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'withdrawing'), 0)::numeric(14, 2) AS withdrawing
FROM ledger_accounts a
WHERE a.user_id IS NOT NULL
GROUP BY a.user_id, a.currency;

CREATE VIEW job_stats WITH (security_invoker = true) AS
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

CREATE VIEW user_dashboard WITH (security_invoker = true) AS
SELECT u.id, u.display_name, u.kind,
       CASE WHEN u.kind IN ('client', 'both') THEN (
           SELECT jsonb_build_object(
               'active_jobs', count(*) FILTER (WHERE j.status IN ('open', 'in_progress')),
               'completed_jobs', count(*) FILTER (WHERE j.status = 'completed'),
               'total_spent', (SELECT coalesce(sum(c.total_amount), 0)::numeric(14, 2)::text FROM contracts c
                               WHERE c.client_id = u.id AND c.status = 'completed'))
           FROM jobs j WHERE j.client_id = u.id
       ) END AS client,
       CASE WHEN u.kind IN ('freelancer', 'both') THEN (
           SELECT jsonb_build_object(
               'active_contracts', count(*) FILTER (WHERE c.status = 'active'),
               'completed_contracts', count(*) FILTER (WHERE c.status = 'completed'),
               'total_earned', coalesce(sum(c.payout) FILTER (WHERE c.status = 'completed'), 0)::numeric(14, 2)::text,
               'pending_proposals', (SELECT count(*) FROM proposals p
                                     WHERE p.freelancer_id = u.id AND p.status = 'pending'))
           FROM contracts c WHERE c.freelancer_id = u.id
       ) END AS freelancer
FROM users u
WHERE u.id = (SELECT app_user()) AND u.status = 'active';

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

-- Contracts and jobs that the asking user takes part in without being named by the row. Asked once a
-- statement; as the owner, because a policy that read the other table's policy would go in circles.
CREATE FUNCTION app_member_contracts() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce(array_agg(m.contract_id), '{}') FROM contract_members m WHERE m.user_id = app_user()
$$;

CREATE FUNCTION app_offered_jobs() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce(array_agg(p.job_id), '{}') FROM proposals p WHERE p.freelancer_id = app_user()
$$;

-- The database's own guard: a status begins and changes as status_transitions has it, whoever asks.
-- The rows are made from the machines' declarations (0003_80); '' is what a row begins from.
CREATE TABLE status_transitions (
    table_name text NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL,
    PRIMARY KEY (table_name, from_status, to_status)
);

CREATE FUNCTION guard_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_from text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.status ELSE '' END;
BEGIN
    IF v_from <> NEW.status AND NOT EXISTS (
        SELECT FROM status_transitions s
        WHERE s.table_name = TG_ARGV[0] AND s.from_status = v_from AND s.to_status = NEW.status
    ) THEN
        RAISE EXCEPTION '%: % does not become %', TG_ARGV[0], v_from, NEW.status USING
            ERRCODE = 'check_violation', CONSTRAINT = 'status_transition';
    END IF;
    RETURN NEW;
END $$;
