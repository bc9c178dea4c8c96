-- Amounts that are finer than their currency are refused, whoever writes them: nobody could pay one. As guards of
-- other rows do, these name the column and say why in words for people (0016).

-- As protocol/money/currency.py has them; one that is not taken is refused before it comes here.
CREATE FUNCTION currency_decimals(p_currency text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_currency IN ('JPY', 'KRW') THEN 0 ELSE 2 END
$$;

-- The arguments are the columns of amounts. After the row, so that who may not write it is told that.
CREATE FUNCTION guard_amounts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_column text;
    v_amount numeric;
BEGIN
    FOREACH v_column IN ARRAY TG_ARGV LOOP
        EXECUTE format('SELECT ($1).%I', v_column) INTO v_amount USING NEW;
        IF v_amount <> round(v_amount, currency_decimals(NEW.currency)) THEN
            RAISE check_violation USING
                MESSAGE = format('must have at most the decimals of its currency: %s has no decimals', NEW.currency),
                COLUMN = v_column, CONSTRAINT = TG_TABLE_NAME || '_amounts', TABLE = TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_amounts AFTER INSERT OR UPDATE OF budget_min, budget_max, budget_estimate, currency ON jobs
    FOR EACH ROW WHEN (currency_decimals(NEW.currency) = 0)
    EXECUTE FUNCTION guard_amounts('budget_min', 'budget_max', 'budget_estimate');
CREATE TRIGGER proposals_amounts AFTER INSERT OR UPDATE OF amount, currency ON proposals
    FOR EACH ROW WHEN (currency_decimals(NEW.currency) = 0) EXECUTE FUNCTION guard_amounts('amount');
CREATE TRIGGER freelancer_profiles_amounts AFTER INSERT OR UPDATE OF hourly_rate, currency ON freelancer_profiles
    FOR EACH ROW WHEN (currency_decimals(NEW.currency) = 0) EXECUTE FUNCTION guard_amounts('hourly_rate');
CREATE TRIGGER fee_structure_amounts
    AFTER INSERT OR UPDATE OF min_amount, max_amount, fixed_fee, currency ON fee_structure
    FOR EACH ROW WHEN (currency_decimals(NEW.currency) = 0)
    EXECUTE FUNCTION guard_amounts('min_amount', 'max_amount', 'fixed_fee');

-- A whole price is one of every currency. The gig is locked, so that its currency stays until the price is there;
-- not shared: the price of a package is noted in the same row, and two of one gig would wait for each other.
CREATE FUNCTION guard_gig_price() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_currency text;
BEGIN
    SELECT g.currency INTO v_currency FROM gigs g WHERE g.id = NEW.gig_id FOR NO KEY UPDATE;
    IF NEW.price <> round(NEW.price, currency_decimals(v_currency)) THEN
        RAISE check_violation USING
            MESSAGE = format('must have at most the decimals of its currency: %s has no decimals', v_currency),
            COLUMN = 'price', CONSTRAINT = TG_TABLE_NAME || '_amounts', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER gig_packages_amounts AFTER INSERT OR UPDATE OF price, gig_id ON gig_packages
    FOR EACH ROW WHEN (NEW.price <> round(NEW.price)) EXECUTE FUNCTION guard_gig_price();
CREATE TRIGGER gig_extras_amounts AFTER INSERT OR UPDATE OF price, gig_id ON gig_extras
    FOR EACH ROW WHEN (NEW.price <> round(NEW.price)) EXECUTE FUNCTION guard_gig_price();

CREATE FUNCTION guard_gig_currency() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gig_packages p WHERE p.gig_id = NEW.id AND p.price <> round(p.price)
        UNION ALL
        SELECT FROM gig_extras e WHERE e.gig_id = NEW.id AND e.price <> round(e.price)
    ) THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('a package or an extra has a price with decimals, and %s has none', NEW.currency),
            COLUMN = 'currency', CONSTRAINT = 'gigs_prices_finer', TABLE = 'gigs';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER gigs_prices_finer AFTER UPDATE OF currency ON gigs
    FOR EACH ROW WHEN (OLD.currency IS DISTINCT FROM NEW.currency AND currency_decimals(NEW.currency) = 0)
    EXECUTE FUNCTION guard_gig_currency();

-- As 0015 has it of all functions with their owner's rights.
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY ARRAY['guard_amounts', 'guard_gig_price', 'guard_gig_currency'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;
