-- Takes back what 0035 made.
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
ALTER POLICY disputes_read ON disputes USING (
    client_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
    OR freelancer_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid) OR (SELECT app_is_staff()));
DROP FUNCTION app_team_contracts();
ALTER TABLE contract_members DROP COLUMN contract_scope, DROP COLUMN contract_title;
