-- Takes back what 0026 made.
DROP TRIGGER releases_counted ON releases;
DROP FUNCTION count_release();
ALTER TABLE freelancer_private DROP COLUMN currency;
ALTER TABLE client_private DROP COLUMN currency;
DROP FUNCTION contract_there(uuid), contract_charged_back(uuid);
CREATE OR REPLACE FUNCTION app_member_contracts() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce(array_agg(m.contract_id), '{}') FROM contract_members m WHERE m.user_id = app_user()
$$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION app_member_contracts() SET search_path = %s, pg_temp', v_path);
END $$;
DELETE FROM timers t WHERE t.machine IN ('contract', 'milestone', 'amendment');
ALTER TABLE releases DROP COLUMN is_decided;
ALTER TABLE milestones DROP COLUMN awaited_since;
ALTER TABLE contracts DROP COLUMN idle_since, DROP COLUMN dispute_ended_at, DROP COLUMN timers_left;
