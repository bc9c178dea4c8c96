-- Takes back what 0038 made. The figures stay as they are.
DROP TRIGGER client_profiles_spent ON client_profiles;
DROP TRIGGER freelancer_profiles_earned ON freelancer_profiles;
DROP TRIGGER client_profiles_figures ON client_profiles;
DROP TRIGGER freelancer_profiles_figures ON freelancer_profiles;
DROP TRIGGER contracts_figures ON contracts;
DROP FUNCTION spent_before(), earned_before(), figures_before(), wait_for_figures(uuid), keep_freelancer_figures();
DROP FUNCTION freelancer_figures(uuid, real);
CREATE OR REPLACE FUNCTION count_release() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_gross numeric := NEW.gross - NEW.refunded;
    v_net numeric := NEW.gross - NEW.fee - NEW.refunded + NEW.refunded_fee;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_gross := v_gross - OLD.gross + OLD.refunded;
        v_net := v_net - OLD.gross + OLD.fee + OLD.refunded - OLD.refunded_fee;
    END IF;
    INSERT INTO freelancer_private AS f (user_id, total_earnings, currency, updated_at)
    SELECT p.user_id, v_net, NEW.currency, NEW.updated_at FROM freelancer_profiles p
    WHERE p.user_id = NEW.user_id AND v_net <> 0
    ON CONFLICT (user_id) DO UPDATE SET
        total_earnings = f.total_earnings + EXCLUDED.total_earnings, currency = EXCLUDED.currency,
        updated_at = EXCLUDED.updated_at
    WHERE f.total_earnings = 0 OR f.currency = EXCLUDED.currency;
    INSERT INTO client_private AS c (user_id, total_spent, currency, updated_at)
    SELECT p.user_id, v_gross, NEW.currency, NEW.updated_at FROM client_profiles p
    WHERE p.user_id = NEW.client_id AND v_gross <> 0
    ON CONFLICT (user_id) DO UPDATE SET
        total_spent = c.total_spent + EXCLUDED.total_spent, currency = EXCLUDED.currency,
        updated_at = EXCLUDED.updated_at
    WHERE c.total_spent = 0 OR c.currency = EXCLUDED.currency;
    RETURN NULL;
END $$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION count_release() SET search_path = %s, pg_temp', v_path);
END $$;

CREATE OR REPLACE VIEW user_dashboard WITH (security_invoker = true) AS
SELECT u.id, u.display_name, u.kind,
       CASE WHEN u.kind IN ('client', 'both') THEN (
           SELECT jsonb_build_object(
               'active_jobs', count(*) FILTER (WHERE j.status IN ('open', 'in_progress')),
               'completed_jobs', count(*) FILTER (WHERE j.status = 'completed'),
               'total_spent', (SELECT coalesce(sum(c.total_amount), 0)::numeric(20, 2)::text FROM contracts c
                               WHERE c.client_id = u.id AND c.status = 'completed'))
           FROM jobs j WHERE j.client_id = u.id
       ) END AS client,
       CASE WHEN u.kind IN ('freelancer', 'both') THEN (
           SELECT jsonb_build_object(
               'active_contracts', count(*) FILTER (WHERE c.status = 'active'),
               'completed_contracts', count(*) FILTER (WHERE c.status = 'completed'),
               'total_earned', coalesce(sum(c.payout) FILTER (WHERE c.status = 'completed'), 0)::numeric(20, 2)::text,
               'pending_proposals', (SELECT count(*) FROM proposals p
                                     WHERE p.freelancer_id = u.id AND p.status = 'pending'))
           FROM contracts c WHERE c.freelancer_id = u.id
       ) END AS freelancer
FROM users u
WHERE u.id = (SELECT app_user()) AND u.status = 'active';
DROP FUNCTION earned_by(uuid), spent_by(uuid);
