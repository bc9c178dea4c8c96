-- Batches can be given up, and fail. Nothing has filled the table yet.
ALTER TABLE payout_batches DROP CONSTRAINT payout_batches_status_check;
ALTER TABLE payout_batches ADD CONSTRAINT payout_batches_status_check
    CHECK (status IN ('draft', 'submitted', 'settled', 'partially_failed', 'failed', 'cancelled'));

-- Since when a return of a deposit waits to be tried once more.
ALTER TABLE deposit_returns ADD COLUMN tried_at timestamptz;

INSERT INTO platform_settings (key, value, description, is_public, value_type, minimum, maximum) VALUES
    ('withdrawal_automatic_amount', '0',
     'Withdrawals up to so many whole units of their currency need no approval', false, 'integer', 0, 1000000000),
    ('deposit_return_retry_hours', '6', 'A return of a deposit that failed is tried once more', false,
     'integer', 1, 720);

-- A payout method that is taken away takes its withdrawals with it: each is cancelled by a timer that is due at
-- once, so that its money goes back by an execution like any other. One that is being paid out stays.
CREATE FUNCTION cancel_withdrawals_of_method() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    v_now timestamptz := workflow_now();
BEGIN
    -- As executions lock the affairs of a user: what is read afterwards stands.
    PERFORM FROM user_private p WHERE p.user_id = OLD.user_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM withdrawals w WHERE w.payout_method_id = OLD.id AND w.payout_batch_id IS NOT NULL
          AND w.status IN ('approved', 'processing')
    ) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a withdrawal is being paid out to it', COLUMN = 'id',
            CONSTRAINT = 'withdrawals_payout_method_id_fkey', TABLE = 'withdrawals';
    END IF;
    DELETE FROM timers t USING withdrawals w
    WHERE w.payout_method_id = OLD.id AND w.status IN ('requested', 'approved')
      AND t.machine = 'withdrawal' AND t.entity_id = w.id;
    INSERT INTO timers (machine, entity_id, action, state, start, seconds, moves_money)
    SELECT 'withdrawal', w.id, 'cancel', w.status, v_now, 0, true FROM withdrawals w
    WHERE w.payout_method_id = OLD.id AND w.status IN ('requested', 'approved');
    RETURN OLD;
END $$;
CREATE TRIGGER payout_methods_gone BEFORE DELETE ON payout_methods
    FOR EACH ROW EXECUTE FUNCTION cancel_withdrawals_of_method();
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION cancel_withdrawals_of_method() SET search_path = %s, pg_temp', v_path);
END $$;

-- The clock of workflows may stand in the past, as while sample people are made.
SELECT ensure_month('transactions', now() - make_interval(months => n)) FROM generate_series(1, 2) AS n;
