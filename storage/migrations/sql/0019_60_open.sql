-- The accounts that a transaction books on: those that are missing are made, those of users and contracts locked
-- in the order of their ids, and all that a posting decides on is read, each in a statement of its own, so that it
-- sees what was committed while the locks were waited for. The caller has locked contracts and users before.
-- The platform's accounts keep no balance and are not locked.
CREATE FUNCTION ledger_open(p_accounts jsonb, p_contracts uuid[], p_releases uuid[], p_now timestamptz)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_accounts uuid[];
    v_found jsonb;
BEGIN
    INSERT INTO ledger_accounts (kind, user_id, contract_id, currency, created_at)
    SELECT w.kind, CASE WHEN w.kind <> 'escrow' THEN w.owner END, CASE WHEN w.kind = 'escrow' THEN w.owner END,
           w.currency, p_now
    FROM jsonb_to_recordset(p_accounts) AS w (kind text, owner uuid, currency text)
    ORDER BY w.kind, w.owner, w.currency
    ON CONFLICT DO NOTHING;

    v_accounts := ARRAY(
        SELECT a.id FROM jsonb_to_recordset(p_accounts) AS w (kind text, owner uuid, currency text)
        JOIN ledger_accounts a ON a.kind = w.kind AND a.currency = w.currency
            AND coalesce(a.user_id, a.contract_id, '00000000-0000-0000-0000-000000000000')
              = coalesce(w.owner, '00000000-0000-0000-0000-000000000000'));
    PERFORM FROM ledger_accounts a
    WHERE a.id = ANY (v_accounts) AND a.kind NOT IN ('fee', 'cash', 'cost', 'adjustment')
    ORDER BY a.id FOR NO KEY UPDATE;

    SELECT jsonb_build_object(
        'accounts', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', a.id, 'kind', a.kind, 'owner', coalesce(a.user_id, a.contract_id),
                'currency', a.currency, 'balance', a.balance::text))
            FROM ledger_accounts a WHERE a.id = ANY (v_accounts)), '[]'),
        'lots', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', l.id, 'account_id', l.account_id, 'deposit_id', l.deposit_id,
                'milestone_id', l.milestone_id, 'amount', l.amount::text))
            FROM ledger_lots l WHERE l.account_id = ANY (v_accounts)), '[]'),
        'escrows', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', e.id, 'contract_id', e.contract_id,
                'currency', e.currency, 'released', e.released_amount::text, 'refunded', e.refunded_amount::text,
                'charged_back', e.charged_back::text))
            FROM escrows e WHERE e.contract_id = ANY (p_contracts)), '[]'),
        'milestones', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', m.id, 'released', m.released::text, 'refunded', m.refunded::text))
            FROM milestones m WHERE m.contract_id = ANY (p_contracts)), '[]'),
        'releases', coalesce((
            SELECT jsonb_agg(to_jsonb(r) || jsonb_build_object(
                'gross', r.gross::text, 'fee', r.fee::text, 'refunded', r.refunded::text,
                'refunded_fee', r.refunded_fee::text))
            FROM releases r WHERE r.id = ANY (p_releases)), '[]'),
        'release_lots', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', l.id, 'release_id', l.release_id, 'deposit_id', l.deposit_id,
                'amount', l.amount::text, 'returned', l.returned::text))
            FROM release_lots l WHERE l.release_id = ANY (p_releases)), '[]')
    ) INTO v_found;
    RETURN v_found;
END $$;

-- The sums of the platform's accounts of each day that is over, by the lines: the days since the last that was
-- summed, and the two before it, whose last journals may have been committed afterwards.
CREATE FUNCTION close_ledger_days(p_now timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_today date := (p_now AT TIME ZONE 'UTC')::date;
    v_from date := coalesce(
        (SELECT max(d.day) - 2 FROM ledger_daily d),
        (SELECT min(j.created_at AT TIME ZONE 'UTC')::date FROM journals j), v_today);
    v_days integer;
BEGIN
    INSERT INTO ledger_daily AS d (day, kind, currency, amount)
    SELECT (j.created_at AT TIME ZONE 'UTC')::date AS day, a.kind, l.currency, sum(l.amount)
    FROM journals j JOIN journal_lines l ON l.journal_id = j.id JOIN ledger_accounts a ON a.id = l.account_id
    WHERE j.created_at >= v_from::timestamp AT TIME ZONE 'UTC' AND j.created_at < v_today::timestamp AT TIME ZONE 'UTC'
      AND a.kind IN ('fee', 'cash', 'cost', 'adjustment')
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (day, kind, currency) DO UPDATE SET amount = EXCLUDED.amount WHERE d.amount <> EXCLUDED.amount;
    GET DIAGNOSTICS v_days = ROW_COUNT;
    RETURN v_days;
END $$;

DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'deposits', 'deposit_returns', 'ledger_lots', 'ledger_daily', 'releases', 'release_lots', 'chargebacks',
        'contract_amendments', 'dispute_offers', 'split_items'
    ] LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO parley_service', v_table);
    END LOOP;
    FOREACH v_table IN ARRAY ARRAY['deposits', 'deposit_returns', 'chargebacks', 'contract_amendments'] LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR DELETE OR UPDATE ON %I
                        FOR EACH ROW EXECUTE FUNCTION audit_row(''id'')', v_table || '_audited', v_table);
    END LOOP;
END $$;
