-- The figures of a freelancer, of the contracts that have ended: all that were funded. Work was in time if it was
-- handed in by its milestone's due time, else by the end of the contract's last day in UTC. Reputation is one figure
-- of three, from 0 to 100: half is success, a quarter each punctuality and stars; who has none of these is taken for
-- what success says. No row where nothing has ended.
CREATE FUNCTION freelancer_figures(p_user uuid, p_rating real)
RETURNS TABLE (jobs_completed integer, success_rate real, on_time_rate real, reputation real)
LANGUAGE sql STABLE AS $$
    WITH ended AS (
        SELECT c.id, c.status, c.deadline FROM contracts c
        WHERE c.freelancer_id = p_user AND c.status IN ('completed', 'refunded', 'cancelled', 'terminated')
          AND (c.status = 'completed' OR EXISTS (
              SELECT FROM milestones m WHERE m.contract_id = c.id AND m.funded_at IS NOT NULL))
    ), paid AS (
        SELECT m.submitted_at,
               coalesce(m.due_date, (e.deadline + 1)::timestamp AT TIME ZONE 'UTC') AS due
        FROM ended e JOIN milestones m ON m.contract_id = e.id WHERE m.status = 'paid'
    ), rates AS (
        SELECT e.completed, 100.0 * e.completed / e.number AS success, 100.0 * p.in_time / nullif(p.number, 0) AS on_time
        FROM (SELECT count(*) AS number, count(*) FILTER (WHERE ended.status = 'completed') AS completed FROM ended) e,
             (SELECT count(*) AS number, count(*) FILTER (WHERE paid.submitted_at <= paid.due) AS in_time
              FROM paid WHERE paid.due IS NOT NULL) p
        WHERE e.number > 0
    )
    SELECT r.completed::integer, r.success::real, r.on_time::real,
           round(r.success / 2 + coalesce(r.on_time, r.success) / 4
                 + coalesce(100 * nullif(p_rating, 0)::numeric / 5, r.success) / 4, 1)::real
    FROM rates r
$$;

-- They follow the ends of contracts, whichever transition makes them: at the commit, when the milestones are what
-- they are then.
CREATE FUNCTION keep_freelancer_figures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    -- One at a time: of two contracts that end beside each other, neither would count both.
    PERFORM FROM freelancer_profiles p WHERE p.user_id = NEW.freelancer_id FOR NO KEY UPDATE;
    UPDATE freelancer_profiles p SET
        jobs_completed = f.jobs_completed, success_rate = f.success_rate, on_time_rate = f.on_time_rate,
        reputation = f.reputation
    FROM freelancer_profiles o CROSS JOIN LATERAL freelancer_figures(o.user_id, o.rating) f
    WHERE p.user_id = NEW.freelancer_id AND o.user_id = p.user_id
      AND (p.jobs_completed, p.success_rate, p.on_time_rate, p.reputation)
          IS DISTINCT FROM (f.jobs_completed, f.success_rate, f.on_time_rate, f.reputation);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER contracts_figures AFTER UPDATE OF status ON contracts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status <> OLD.status AND NEW.status IN ('completed', 'refunded', 'cancelled', 'terminated'))
    EXECUTE FUNCTION keep_freelancer_figures();

-- A profile that is made later has the figures of what was before; from then on they follow as they do for others.
-- What ends, is paid or is reviewed in this moment is waited for, and what comes after waits for the profile.
CREATE FUNCTION wait_for_figures(p_user uuid) RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT FROM contracts c
    WHERE c.id = ANY (ARRAY(
        SELECT o.id FROM contracts o WHERE o.freelancer_id = p_user OR o.client_id = p_user
        UNION SELECT m.contract_id FROM contract_members m WHERE m.user_id = p_user))
    ORDER BY c.id FOR SHARE;
    SELECT FROM user_ratings u WHERE u.user_id = p_user FOR SHARE;
$$;
CREATE FUNCTION figures_before() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_rating record;
    v_figures record;
BEGIN
    PERFORM wait_for_figures(NEW.user_id);
    SELECT c.* INTO v_rating FROM calculate_role_rating(NEW.user_id, TG_ARGV[0]) c;
    IF v_rating.total_reviews > 0 THEN
        NEW.rating := v_rating.average_rating;
        NEW.total_reviews := v_rating.total_reviews;
    END IF;
    IF TG_ARGV[0] = 'client' THEN
        SELECT f.* INTO v_figures FROM freelancer_figures(NEW.user_id, NEW.rating) f;
        IF FOUND THEN
            NEW.jobs_completed := v_figures.jobs_completed;
            NEW.success_rate := v_figures.success_rate;
            NEW.on_time_rate := v_figures.on_time_rate;
            NEW.reputation := v_figures.reputation;
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER freelancer_profiles_figures BEFORE INSERT ON freelancer_profiles
    FOR EACH ROW EXECUTE FUNCTION figures_before('client');
CREATE TRIGGER client_profiles_figures BEFORE INSERT ON client_profiles
    FOR EACH ROW EXECUTE FUNCTION figures_before('freelancer');

CREATE FUNCTION earned_before() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO freelancer_private (user_id, total_earnings, currency)
    SELECT NEW.user_id, e.amount, e.currency FROM earned_by(NEW.user_id) e ORDER BY e.since, e.currency LIMIT 1;
    RETURN NULL;
END $$;
CREATE TRIGGER freelancer_profiles_earned AFTER INSERT ON freelancer_profiles
    FOR EACH ROW EXECUTE FUNCTION earned_before();
CREATE FUNCTION spent_before() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO client_private (user_id, total_spent, currency)
    SELECT NEW.user_id, s.amount, s.currency FROM spent_by(NEW.user_id) s ORDER BY s.since, s.currency LIMIT 1;
    RETURN NULL;
END $$;
CREATE TRIGGER client_profiles_spent AFTER INSERT ON client_profiles
    FOR EACH ROW EXECUTE FUNCTION spent_before();

-- What profiles of before lack. What is ended or paid meanwhile waits, or it would be counted twice or not at all.
LOCK TABLE contracts, milestones, releases IN SHARE MODE;
UPDATE freelancer_profiles p SET
    jobs_completed = f.jobs_completed, success_rate = f.success_rate, on_time_rate = f.on_time_rate,
    reputation = f.reputation
FROM freelancer_profiles o CROSS JOIN LATERAL freelancer_figures(o.user_id, o.rating) f
WHERE o.user_id = p.user_id
  AND (p.jobs_completed, p.success_rate, p.on_time_rate, p.reputation)
      IS DISTINCT FROM (f.jobs_completed, f.success_rate, f.on_time_rate, f.reputation);
INSERT INTO freelancer_private AS f (user_id, total_earnings, currency)
SELECT p.user_id, e.amount, e.currency FROM freelancer_profiles p CROSS JOIN LATERAL (
    SELECT e.currency, e.amount FROM earned_by(p.user_id) e ORDER BY e.since, e.currency LIMIT 1
) e
ON CONFLICT (user_id) DO UPDATE SET
    total_earnings = EXCLUDED.total_earnings, currency = EXCLUDED.currency, updated_at = EXCLUDED.updated_at
WHERE (f.total_earnings, f.currency) IS DISTINCT FROM (EXCLUDED.total_earnings, EXCLUDED.currency);
INSERT INTO client_private AS c (user_id, total_spent, currency)
SELECT p.user_id, s.amount, s.currency FROM client_profiles p CROSS JOIN LATERAL (
    SELECT s.currency, s.amount FROM spent_by(p.user_id) s ORDER BY s.since, s.currency LIMIT 1
) s
ON CONFLICT (user_id) DO UPDATE SET
    total_spent = EXCLUDED.total_spent, currency = EXCLUDED.currency, updated_at = EXCLUDED.updated_at
WHERE (c.total_spent, c.currency) IS DISTINCT FROM (EXCLUDED.total_spent, EXCLUDED.currency);

-- As 0015 has it of all functions with their owner's rights.
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY ARRAY[
        'count_release', 'keep_freelancer_figures', 'figures_before', 'earned_before', 'spent_before'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;
