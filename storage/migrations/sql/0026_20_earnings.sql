-- What people earn and spend follows the releases, whichever transition makes or refunds them. One figure is in one
-- currency: that of the first release; others are not added to it.
ALTER TABLE freelancer_private ADD COLUMN currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$');
ALTER TABLE client_private ADD COLUMN currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$');

CREATE FUNCTION count_release() RETURNS trigger
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
CREATE TRIGGER releases_counted AFTER INSERT OR UPDATE OF refunded ON releases
    FOR EACH ROW EXECUTE FUNCTION count_release();

DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION count_release() SET search_path = %s, pg_temp', v_path);
END $$;
