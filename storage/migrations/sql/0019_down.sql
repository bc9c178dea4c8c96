-- Takes back what 0019 made.
DROP TRIGGER disputes_answer_files_named ON disputes;
DROP TRIGGER disputes_answer_files_released ON disputes;
CREATE OR REPLACE FUNCTION is_file_in_rows(p_file uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM jobs r WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM proposals r WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM portfolio_items r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM deliverables r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM contract_answers r WHERE r.file_ids @> ARRAY[p_file] AND r.file_ids <> '{}')
        OR EXISTS (SELECT FROM disputes r
                   WHERE r.evidence_file_ids @> ARRAY[p_file] AND r.evidence_file_ids <> '{}')
        OR EXISTS (SELECT FROM support_tickets r
                   WHERE r.attachment_ids @> ARRAY[p_file] AND r.attachment_ids <> '{}')
        OR EXISTS (SELECT FROM identity_verifications r
                   WHERE r.document_file_ids @> ARRAY[p_file] AND r.document_file_ids <> '{}')
        OR EXISTS (SELECT FROM data_requests r WHERE r.result_file_id = p_file)
$$;
DROP FUNCTION close_ledger_days(timestamptz), ledger_open(jsonb, uuid[], uuid[], timestamptz);

DROP TABLE split_items, dispute_offers, contract_amendments, chargebacks, release_lots, ledger_daily, ledger_lots;
DROP VIEW wallets;

ALTER TABLE refunds DROP COLUMN release_id;
ALTER TABLE withdrawals DROP COLUMN request_key;
UPDATE escrows SET total_amount = total_amount - charged_back WHERE charged_back > 0;
ALTER TABLE escrows DROP CONSTRAINT escrows_adds_up;
ALTER TABLE escrows DROP COLUMN charged_back;
ALTER TABLE escrows ADD CONSTRAINT escrows_adds_up
    CHECK (total_amount = held_amount + released_amount + refunded_amount);
DROP TABLE releases, deposit_returns;

DROP TRIGGER journal_lines_fineness ON journal_lines;
ALTER TABLE journal_lines DROP COLUMN deposit_id, DROP COLUMN milestone_id;
DROP TABLE deposits;
DROP INDEX journals_by_day;
DROP FUNCTION guard_line_fineness();

-- A user's wallets become one, with the lines of both, and what is owed is written off.
ALTER TABLE ledger_accounts
    DROP CONSTRAINT ledger_accounts_kind_check,
    DROP CONSTRAINT ledger_accounts_owner,
    DROP CONSTRAINT ledger_accounts_sign;
INSERT INTO ledger_accounts (kind, user_id, currency)
SELECT 'wallet', a.user_id, a.currency FROM ledger_accounts a
WHERE a.kind IN ('wallet_funded', 'wallet_earned', 'debt')
GROUP BY a.user_id, a.currency;
ALTER TABLE journal_lines DISABLE TRIGGER USER;
UPDATE journal_lines l SET account_id = w.id
FROM ledger_accounts a JOIN ledger_accounts w
    ON w.kind = 'wallet' AND w.user_id = a.user_id AND w.currency = a.currency
WHERE a.id = l.account_id AND a.kind IN ('wallet_funded', 'wallet_earned', 'debt');
ALTER TABLE journal_lines ENABLE TRIGGER USER;
UPDATE ledger_accounts w SET balance = (
    SELECT coalesce(sum(a.balance), 0) FROM ledger_accounts a
    WHERE a.user_id = w.user_id AND a.currency = w.currency AND a.kind IN ('wallet_funded', 'wallet_earned'))
WHERE w.kind = 'wallet';
DELETE FROM ledger_accounts WHERE kind IN ('wallet_funded', 'wallet_earned', 'debt');
UPDATE ledger_accounts a SET balance = greatest(
    (SELECT coalesce(sum(l.amount), 0) FROM journal_lines l WHERE l.account_id = a.id),
    CASE a.kind WHEN 'fee' THEN 0 END)
WHERE a.kind IN ('fee', 'cash', 'cost', 'adjustment');
ALTER TABLE ledger_accounts
    ADD CONSTRAINT ledger_accounts_kind_check CHECK (
        kind IN ('wallet', 'pending', 'withdrawing', 'escrow', 'fee', 'cash', 'cost', 'adjustment')),
    ADD CONSTRAINT ledger_accounts_owner CHECK (
        (kind IN ('wallet', 'pending', 'withdrawing')) = (user_id IS NOT NULL)
        AND (kind = 'escrow') = (contract_id IS NOT NULL)),
    ADD CONSTRAINT ledger_accounts_not_negative CHECK (
        balance >= 0 OR kind IN ('cash', 'cost', 'adjustment'));
CREATE VIEW wallets WITH (security_invoker = true) AS
SELECT a.user_id, a.currency,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'wallet'), 0)::numeric(14, 2) AS balance,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'pending'), 0)::numeric(14, 2) AS pending,
       coalesce(sum(a.balance) FILTER (WHERE a.kind = 'withdrawing'), 0)::numeric(14, 2) AS withdrawing,
       a.user_id::text || '-' || a.currency AS id
FROM ledger_accounts a
WHERE a.user_id IS NOT NULL
GROUP BY a.user_id, a.currency;
GRANT SELECT (user_id, currency, balance, pending, withdrawing) ON wallets TO parley_app, parley_readonly;
GRANT SELECT, INSERT, UPDATE, DELETE ON wallets TO parley_service;

DROP TRIGGER disputes_answer_files_owned ON disputes;
ALTER TABLE disputes
    DROP COLUMN raiser_client_amount, DROP COLUMN raiser_freelancer_amount, DROP COLUMN raiser_goes_on,
    DROP COLUMN answer, DROP COLUMN answer_file_ids, DROP COLUMN answer_client_amount,
    DROP COLUMN answer_freelancer_amount, DROP COLUMN answer_goes_on, DROP COLUMN answered_at,
    DROP COLUMN answer_due_at, DROP COLUMN escalated_at, DROP COLUMN goes_on, DROP COLUMN outcome;
ALTER TABLE milestones
    DROP COLUMN released, DROP COLUMN refunded, DROP COLUMN sent_back_at, DROP COLUMN auto_approve_at;
ALTER TABLE proposals DROP COLUMN rejected_by;
DROP INDEX contracts_one_live_of_proposal, contracts_of_proposal;
ALTER TABLE contracts ADD CONSTRAINT contracts_proposal_id_key UNIQUE (proposal_id);
ALTER TABLE contracts DROP COLUMN fee_base_released, DROP COLUMN fee_base_taken;
DROP TRIGGER contract_members_hold_all ON contract_members;
DROP FUNCTION members_must_hold_all();
-- Triggers that follow from declarations, of which none was of the table before.
DO $$
DECLARE
    v_trigger name;
BEGIN
    FOR v_trigger IN
        SELECT DISTINCT t.tgname
        FROM pg_trigger t JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)
        WHERE t.tgrelid = 'contract_members'::regclass
          AND a.attname IN ('status', 'answered_at', 'updated_at', 'version')
    LOOP
        EXECUTE format('DROP TRIGGER %I ON contract_members', v_trigger);
    END LOOP;
END $$;
ALTER TABLE contract_members
    DROP COLUMN status, DROP COLUMN answered_at, DROP COLUMN updated_at, DROP COLUMN version;
