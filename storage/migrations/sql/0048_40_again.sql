-- What waits for people's quiet hours, snooze or digest is judged again once they set another time for it.
CREATE FUNCTION judge_again(p_users uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    -- In the order in which workers lock them too.
    PERFORM FROM notification_deliveries d
    WHERE d.user_id = ANY (p_users) AND d.status IN ('pending', 'deferred')
    ORDER BY d.group_key <> 'digest', d.user_id, d.id
    FOR NO KEY UPDATE;
    UPDATE notification_deliveries d SET next_attempt_at = clock_timestamp()
    WHERE d.user_id = ANY (p_users) AND (
        d.status = 'deferred' AND d.reason IN ('quiet_until', 'snoozed_until', 'digest')
        OR d.status IN ('pending', 'deferred') AND d.group_key = 'digest');
END $$;

CREATE FUNCTION judge_user_again() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM judge_again(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

-- Once a statement, however many rows of a person it has changed: the hours of a week are many.
CREATE FUNCTION judge_changed_again() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v_users uuid[] := ARRAY(SELECT DISTINCT c.user_id FROM changed c);
BEGIN
    IF v_users <> '{}' THEN
        PERFORM judge_again(v_users);
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION judge_user_again() SET search_path = %s, pg_temp', v_path);
    EXECUTE format('ALTER FUNCTION judge_changed_again() SET search_path = %s, pg_temp', v_path);
END $$;
CREATE TRIGGER users_judged_again AFTER UPDATE OF timezone ON users
    FOR EACH ROW WHEN (OLD.timezone <> NEW.timezone) EXECUTE FUNCTION judge_user_again();
CREATE TRIGGER notification_settings_made_judged_again AFTER INSERT ON notification_settings
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION judge_changed_again();
CREATE TRIGGER notification_settings_judged_again AFTER UPDATE ON notification_settings
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION judge_changed_again();
CREATE TRIGGER quiet_hours_made_judged_again AFTER INSERT ON quiet_hours
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION judge_changed_again();
CREATE TRIGGER quiet_hours_judged_again AFTER UPDATE ON quiet_hours
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION judge_changed_again();
CREATE TRIGGER quiet_hours_gone_judged_again AFTER DELETE ON quiet_hours
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION judge_changed_again();
