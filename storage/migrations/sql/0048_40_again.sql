-- What waits for a person's quiet hours, snooze or digest is judged again once they set another time for it.
CREATE FUNCTION judge_again() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_user uuid := CASE WHEN TG_TABLE_NAME = 'users' THEN (to_jsonb(NEW) ->> 'id')::uuid
                        WHEN TG_OP = 'DELETE' THEN (to_jsonb(OLD) ->> 'user_id')::uuid
                        ELSE (to_jsonb(NEW) ->> 'user_id')::uuid END;
BEGIN
    -- In the order in which workers lock them too.
    PERFORM FROM notification_deliveries d
    WHERE d.user_id = v_user AND d.status IN ('pending', 'deferred')
    ORDER BY d.group_key <> 'digest', d.id
    FOR NO KEY UPDATE;
    UPDATE notification_deliveries d SET next_attempt_at = clock_timestamp()
    WHERE d.user_id = v_user AND (
        d.status = 'deferred' AND d.reason IN ('quiet_until', 'snoozed_until', 'digest')
        OR d.status IN ('pending', 'deferred') AND d.group_key = 'digest');
    RETURN NULL;
END $$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION judge_again() SET search_path = %s, pg_temp', v_path);
END $$;
CREATE TRIGGER users_judged_again AFTER UPDATE OF timezone ON users
    FOR EACH ROW WHEN (OLD.timezone <> NEW.timezone) EXECUTE FUNCTION judge_again();
CREATE TRIGGER notification_settings_judged_again AFTER INSERT OR UPDATE ON notification_settings
    FOR EACH ROW EXECUTE FUNCTION judge_again();
CREATE TRIGGER quiet_hours_judged_again AFTER INSERT OR UPDATE OR DELETE ON quiet_hours
    FOR EACH ROW EXECUTE FUNCTION judge_again();
