-- Teams of contracts: who is only invited does not see the contract, who was paid sees what is said about that.
ALTER TABLE contract_members
    -- What an invitation tells of the contract, as it was when it was sent.
    ADD COLUMN contract_title text,
    ADD COLUMN contract_scope text;
UPDATE contract_members m SET contract_title = c.title, contract_scope = left(c.scope_of_work, 1000)
FROM contracts c WHERE c.id = m.contract_id AND m.status = 'invited';

CREATE OR REPLACE FUNCTION app_member_contracts() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce(array_agg(m.contract_id), '{}') FROM contract_members m
    WHERE m.user_id = app_user() AND m.status = 'accepted'
$$;
-- Contracts that have paid the asking user as a member of the team: also when they have left it since.
CREATE FUNCTION app_team_contracts() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce(array_agg(DISTINCT r.contract_id), '{}') FROM releases r
    WHERE r.user_id = app_user() AND r.freelancer_id <> r.user_id AND r.contract_id IS NOT NULL
$$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY ARRAY['app_member_contracts', 'app_team_contracts'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %s, pg_temp', v_function, v_path);
    END LOOP;
END $$;
