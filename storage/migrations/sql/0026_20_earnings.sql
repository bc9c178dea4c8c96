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
    UPDATE freelancer_private f SET
        total_earnings = f.total_earnings + v_net, updated_at = NEW.updated_at,
        currency = CASE WHEN f.total_earnings = 0 THEN NEW.currency ELSE f.currency END
    WHERE f.user_id = NEW.user_id AND (f.total_earnings = 0 OR f.currency = NEW.currency) AND v_net <> 0;
    UPDATE client_private c SET
        total_spent = c.total_spent + v_gross, updated_at = NEW.updated_at,
        currency = CASE WHEN c.total_spent = 0 THEN NEW.currency ELSE c.currency END
    WHERE c.user_id = NEW.client_id AND (c.total_spent = 0 OR c.currency = NEW.currency) AND v_gross <> 0;
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
