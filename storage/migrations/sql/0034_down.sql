-- Takes back what 0034 made. What people share since then has one owner again: the one who had it first.
-- Policies follow from declarations: they are there once a server has started.
DO $$
DECLARE
    v_of record;
BEGIN
    FOR v_of IN
        SELECT p.tablename, p.policyname FROM pg_policies p
        WHERE p.schemaname = current_schema() AND p.policyname IN ('payment_methods_create', 'payout_methods_create')
    LOOP
        EXECUTE format(
            'ALTER POLICY %I ON %I WITH CHECK (user_id = (SELECT nullif(current_setting(%L, true), %L)::uuid))',
            v_of.policyname, v_of.tablename, 'app.user_id', '');
    END LOOP;
END $$;
DELETE FROM payment_methods m USING payment_methods o
WHERE o.provider = m.provider AND o.provider_token = m.provider_token AND o.id < m.id;
ALTER TABLE payment_methods DROP CONSTRAINT payment_methods_user_id_provider_provider_token_key;
ALTER TABLE payment_methods ADD CONSTRAINT payment_methods_provider_provider_token_key UNIQUE (provider, provider_token);
DELETE FROM payout_methods m USING payout_methods o
WHERE o.provider = m.provider AND o.provider_account_token = m.provider_account_token AND o.id < m.id;
ALTER TABLE payout_methods DROP CONSTRAINT payout_methods_user_id_provider_provider_account_token_key;
ALTER TABLE payout_methods ADD CONSTRAINT payout_methods_provider_provider_account_token_key
    UNIQUE (provider, provider_account_token);

CREATE OR REPLACE VIEW user_dashboard WITH (security_invoker = true) AS
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
DROP VIEW wallets;
-- What somebody has, by currency. `balance` is what can be spent; what is frozen is a part of what is pending.
CREATE VIEW wallets WITH (security_invoker = true) AS
SELECT a.user_id, a.currency,
       coalesce(sum(a.balance) FILTER (WHERE a.kind IN ('wallet_funded', 'wallet_earned')), 0)::numeric(14, 2)
           AS balance,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'pending'), 0)::numeric(14, 2) AS pending,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'withdrawing'), 0)::numeric(14, 2) AS withdrawing,
       a.user_id::text || '-' || a.currency AS id,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'wallet_funded'), 0)::numeric(14, 2) AS funded,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'wallet_earned'), 0)::numeric(14, 2) AS earned,
       coalesce((
           SELECT sum(r.net - r.refunded + r.refunded_fee) FROM releases r
           WHERE r.user_id = a.user_id AND r.currency = a.currency AND r.status = 'frozen'
       ), 0)::numeric(14, 2) AS frozen,
       -coalesce(sum(a.balance) FILTER (WHERE a.kind = 'debt'), 0)::numeric(14, 2) AS debt
FROM ledger_accounts a
WHERE a.user_id IS NOT NULL
GROUP BY a.user_id, a.currency;
GRANT SELECT, INSERT, UPDATE, DELETE ON wallets TO parley_service;
GRANT SELECT (balance, currency, pending, user_id, withdrawing) ON wallets TO parley_app, parley_readonly;

DO $$
DECLARE
    v_check record;
BEGIN
    FOR v_check IN
        SELECT c.conrelid::regclass::text AS "table", c.conname AS name FROM pg_constraint c
        WHERE c.contype = 'c' AND c.conname LIKE '%\_calendar' AND c.connamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', v_check."table", v_check.name);
    END LOOP;
END $$;
-- Whether a text is a time as JSON has it, with a zone; NULL for none.
CREATE OR REPLACE FUNCTION is_time_text(p_text text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    -- The pattern lets through days that no month has.
    PERFORM p_text::timestamptz;
    RETURN p_text ~ '^[1-9]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$';
EXCEPTION WHEN data_exception THEN
    RETURN false;
END $$;
DROP FUNCTION in_calendar(timestamptz), in_calendar(date);
