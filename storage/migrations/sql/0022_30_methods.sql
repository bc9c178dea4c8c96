-- Payment and payout methods are made by their owners. Their provider is the local one unless another is named.
ALTER TABLE payment_methods ALTER COLUMN provider SET DEFAULT 'local';
ALTER TABLE payout_methods ALTER COLUMN provider SET DEFAULT 'local';

-- A method that becomes the default takes the place of the one before.
CREATE FUNCTION replace_default_method() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('UPDATE %I SET is_default = false WHERE user_id = $1 AND is_default AND id <> $2', TG_TABLE_NAME)
        USING NEW.user_id, NEW.id;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_methods_default BEFORE INSERT OR UPDATE OF is_default ON payment_methods
    FOR EACH ROW WHEN (NEW.is_default) EXECUTE FUNCTION replace_default_method();
CREATE TRIGGER payout_methods_default BEFORE INSERT OR UPDATE OF is_default ON payout_methods
    FOR EACH ROW WHEN (NEW.is_default) EXECUTE FUNCTION replace_default_method();

-- How old a payout method is, is judged by the clock of workflows, which whoever makes one does not read.
CREATE FUNCTION stamp_by_workflow_clock() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    NEW.created_at := workflow_now();
    RETURN NEW;
END $$;
CREATE TRIGGER payout_methods_made BEFORE INSERT ON payout_methods
    FOR EACH ROW EXECUTE FUNCTION stamp_by_workflow_clock();
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION stamp_by_workflow_clock() SET search_path = %s, pg_temp', v_path);
END $$;
