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
-- Triggers that follow from declarations name columns that go; from here on they name the others.
DO $$
DECLARE
    v_trigger record;
BEGIN
    FOR v_trigger IN
        SELECT DISTINCT t.tgname, pg_get_triggerdef(t.oid) AS said
        FROM pg_trigger t JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)
        WHERE t.tgrelid = 'contracts'::regclass AND a.attname IN ('idle_since', 'dispute_ended_at', 'timers_left')
    LOOP
        EXECUTE format('DROP TRIGGER %I ON contracts', v_trigger.tgname);
        EXECUTE regexp_replace(
            regexp_replace(v_trigger.said, ', (idle_since|dispute_ended_at|timers_left)\M', '', 'g'), ' (idle_since|dispute_ended_at|timers_left), ', ' ', 'g'
        );
    END LOOP;
END $$;
ALTER TABLE contracts DROP COLUMN idle_since, DROP COLUMN dispute_ended_at, DROP COLUMN timers_left;
