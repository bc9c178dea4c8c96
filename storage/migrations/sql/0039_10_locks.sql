-- A draft of a payout batch that nobody submits lets go of what it has gathered, so that its owners can have it back.
INSERT INTO platform_settings (key, value, description, is_public, value_type, minimum, maximum) VALUES
    ('payout_draft_hours', '24', 'A payout batch that is not submitted by then is given up', false, 'integer', 1, 720);
INSERT INTO timers (machine, entity_id, action, state, start, seconds, setting)
SELECT 'payout_batch', b.id, 'cancel', 'draft', b.created_at, 86400, 'payout_draft_hours'
FROM payout_batches b WHERE b.status = 'draft';

-- Deleting a row locks it, and its triggers lock what executions lock before it. Each of these takes that lock first, by
-- the key of the row that is to go; true in any case.
CREATE FUNCTION lock_user_of_payout_method(p_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM user_private p WHERE p.user_id = (SELECT m.user_id FROM payout_methods m WHERE m.id = p_id)
    FOR NO KEY UPDATE;
    RETURN true;
END $$;
CREATE FUNCTION lock_gig_of_package(p_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM gigs g WHERE g.id = (SELECT p.gig_id FROM gig_packages p WHERE p.id = p_id) FOR NO KEY UPDATE;
    RETURN true;
END $$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY ARRAY['lock_user_of_payout_method', 'lock_gig_of_package'] LOOP
        EXECUTE format('ALTER FUNCTION %I(uuid) SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;
