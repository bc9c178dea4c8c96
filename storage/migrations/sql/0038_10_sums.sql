-- What people earn and spend is reckoned in one way, from the releases, and by currency: what was released, tips
-- among it, less what has come back of it. `since` is when the first of it was released.
CREATE FUNCTION earned_by(p_user uuid) RETURNS TABLE (currency text, amount numeric, since timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT r.currency, sum(r.net - r.refunded + r.refunded_fee), min(r.created_at)
    FROM releases r WHERE r.user_id = p_user GROUP BY r.currency
$$;
CREATE FUNCTION spent_by(p_user uuid) RETURNS TABLE (currency text, amount numeric, since timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT r.currency, sum(r.gross - r.refunded), min(r.created_at)
    FROM releases r WHERE r.client_id = p_user GROUP BY r.currency
$$;

CREATE OR REPLACE VIEW user_dashboard WITH (security_invoker = true) AS
SELECT u.id, u.display_name, u.kind,
       CASE WHEN u.kind IN ('client', 'both') THEN (
           SELECT jsonb_build_object(
               'active_jobs', count(*) FILTER (WHERE j.status IN ('open', 'in_progress')),
               'completed_jobs', count(*) FILTER (WHERE j.status = 'completed'),
               'spent', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                             'currency', s.currency,
                             'amount', round(s.amount, currency_decimals(s.currency))::text) ORDER BY s.currency), '[]')
                         FROM spent_by(u.id) s))
           FROM jobs j WHERE j.client_id = u.id
       ) END AS client,
       CASE WHEN u.kind IN ('freelancer', 'both') THEN (
           SELECT jsonb_build_object(
               'active_contracts', count(*) FILTER (WHERE c.status = 'active'),
               'completed_contracts', count(*) FILTER (WHERE c.status = 'completed'),
               'earned', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                              'currency', s.currency,
                              'amount', round(s.amount, currency_decimals(s.currency))::text) ORDER BY s.currency), '[]')
                          FROM earned_by(u.id) s),
               'pending_proposals', (SELECT count(*) FROM proposals p
                                     WHERE p.freelancer_id = u.id AND p.status = 'pending'))
           FROM contracts c WHERE c.freelancer_id = u.id
       ) END AS freelancer
FROM users u
WHERE u.id = (SELECT app_user()) AND u.status = 'active';

-- The figure beside a profile stays in the currency of the first release, also when all of that has come back:
-- what is given back of another is not taken from it.
CREATE OR REPLACE FUNCTION count_release() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_gross numeric := NEW.gross - NEW.refunded;
    v_net numeric := NEW.net - NEW.refunded + NEW.refunded_fee;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_gross := v_gross - OLD.gross + OLD.refunded;
        v_net := v_net - OLD.net + OLD.refunded - OLD.refunded_fee;
    END IF;
    INSERT INTO freelancer_private AS f (user_id, total_earnings, currency, updated_at)
    SELECT p.user_id, v_net, NEW.currency, NEW.updated_at FROM freelancer_profiles p
    WHERE p.user_id = NEW.user_id
    ON CONFLICT (user_id) DO UPDATE SET
        total_earnings = f.total_earnings + EXCLUDED.total_earnings, currency = EXCLUDED.currency,
        updated_at = EXCLUDED.updated_at
    WHERE EXCLUDED.total_earnings <> 0 AND (f.currency = EXCLUDED.currency OR (f.total_earnings = 0 AND NOT EXISTS (
        SELECT FROM releases r WHERE r.user_id = NEW.user_id AND r.id <> NEW.id)));
    INSERT INTO client_private AS c (user_id, total_spent, currency, updated_at)
    SELECT p.user_id, v_gross, NEW.currency, NEW.updated_at FROM client_profiles p
    WHERE p.user_id = NEW.client_id
    ON CONFLICT (user_id) DO UPDATE SET
        total_spent = c.total_spent + EXCLUDED.total_spent, currency = EXCLUDED.currency,
        updated_at = EXCLUDED.updated_at
    WHERE EXCLUDED.total_spent <> 0 AND (c.currency = EXCLUDED.currency OR (c.total_spent = 0 AND NOT EXISTS (
        SELECT FROM releases r WHERE r.client_id = NEW.client_id AND r.id <> NEW.id)));
    RETURN NULL;
END $$;
