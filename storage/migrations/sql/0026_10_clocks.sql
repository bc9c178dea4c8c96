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
