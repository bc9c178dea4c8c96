-- What contracts, milestones and releases keep of their clocks.
ALTER TABLE contracts
    -- Since when nothing is held while a milestone waits for money: activation, or when the escrow became empty.
    ADD COLUMN idle_since timestamptz,
    -- When its last dispute ended: times that guards wait for begin anew.
    ADD COLUMN dispute_ended_at timestamptz,
    ADD COLUMN timers_left jsonb;
-- From when a funded milestone is waited for: its due time, or later its funding.
ALTER TABLE milestones ADD COLUMN awaited_since timestamptz;
ALTER TABLE releases
    -- A split has divided what it was released of, or has let it stand: no other split does.
    ADD COLUMN is_decided boolean NOT NULL DEFAULT false;

-- Who was invited sees what they are asked to; who declined or left does not see what comes after.
CREATE OR REPLACE FUNCTION app_member_contracts() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce(array_agg(m.contract_id), '{}') FROM contract_members m
    WHERE m.user_id = app_user() AND m.status IN ('invited', 'accepted')
$$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION app_member_contracts() SET search_path = %s, pg_temp', v_path);
END $$;

-- What a split of a contract divides: the money that is held for each milestone, and what is left of each release
-- that has not cleared and that no split has decided.
CREATE FUNCTION contract_there(p_contract uuid) RETURNS TABLE (item uuid, amount numeric)
LANGUAGE sql STABLE AS $$
    SELECT m.id, m.amount FROM milestones m
    WHERE m.contract_id = p_contract AND m.status IN ('in_progress', 'submitted')
    UNION ALL
    SELECT r.id, r.gross - r.refunded FROM releases r
    WHERE r.contract_id = p_contract AND r.status IN ('pending', 'frozen') AND NOT r.is_decided
      AND r.gross > r.refunded
$$;
-- Whether a bank asks back a deposit that pays for what is held or has not cleared.
CREATE FUNCTION contract_charged_back(p_contract uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM chargebacks b
        WHERE b.status = 'opened' AND (
            EXISTS (SELECT FROM ledger_lots l JOIN milestones m ON m.id = l.milestone_id
                    WHERE l.deposit_id = b.deposit_id AND m.contract_id = p_contract)
            OR EXISTS (SELECT FROM release_lots l JOIN releases r ON r.id = l.release_id
                       WHERE l.deposit_id = b.deposit_id AND r.contract_id = p_contract
                         AND r.status IN ('pending', 'frozen'))))
$$;
