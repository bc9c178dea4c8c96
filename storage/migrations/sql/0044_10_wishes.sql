-- How people want to be told. Categories and channels as protocol/notifications/categories.py has them: of security
-- and money one is told in-app and by e-mail, whatever was set before.
UPDATE notification_preferences SET is_enabled = true
WHERE category = 'payment' AND channel IN ('in_app', 'email') AND NOT is_enabled;
ALTER TABLE notification_preferences
    DROP CONSTRAINT notification_preferences_category_known,
    ADD CONSTRAINT notification_preferences_category_known CHECK (category IN (
        'message', 'job', 'proposal', 'contract', 'payment', 'review', 'marketing', 'security')),
    ADD CONSTRAINT notification_preferences_is_enabled_always
        CHECK (is_enabled OR category NOT IN ('security', 'payment') OR channel NOT IN ('in_app', 'email'));

-- Hours that are none were never kept to: they would have been all day, or no time at all.
UPDATE notification_settings SET quiet_from = NULL, quiet_until = NULL
WHERE quiet_from = quiet_until OR '24:00' IN (quiet_from, quiet_until);
ALTER TABLE notification_settings
    DROP CONSTRAINT notification_settings_digest_known,
    ADD CONSTRAINT notification_settings_digest_known CHECK (digest IN ('off', 'hourly', 'daily', 'weekly')),
    ADD COLUMN digest_hour integer NOT NULL DEFAULT 9
        CONSTRAINT notification_settings_digest_hour_known CHECK (digest_hour BETWEEN 0 AND 23),
    -- 0 is Monday.
    ADD COLUMN digest_weekday integer NOT NULL DEFAULT 0
        CONSTRAINT notification_settings_digest_weekday_known CHECK (digest_weekday BETWEEN 0 AND 6),
    ADD COLUMN snooze_until timestamptz
        CONSTRAINT notification_settings_snooze_until_calendar CHECK (in_calendar(snooze_until)),
    ADD COLUMN show_text boolean NOT NULL DEFAULT true,
    ADD CONSTRAINT notification_settings_quiet_until_other CHECK (quiet_from <> quiet_until),
    ADD CONSTRAINT notification_settings_quiet_from_day CHECK (quiet_from < '24:00'),
    ADD CONSTRAINT notification_settings_quiet_until_day CHECK (quiet_until < '24:00');

-- Quiet on a weekday, 0 for Monday, until the next day where `until` is earlier, by the clock of the person's zone.
CREATE TABLE quiet_hours (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    weekday integer NOT NULL CONSTRAINT quiet_hours_weekday_known CHECK (weekday BETWEEN 0 AND 6),
    "from" time NOT NULL CONSTRAINT quiet_hours_from_day CHECK ("from" < '24:00'),
    until time NOT NULL CONSTRAINT quiet_hours_until_day CHECK (until < '24:00'),
    PRIMARY KEY (user_id, weekday, "from"),
    CONSTRAINT quiet_hours_until_other CHECK ("from" <> until)
);
INSERT INTO quiet_hours (user_id, weekday, "from", until)
SELECT s.user_id, d.weekday, s.quiet_from, s.quiet_until
FROM notification_settings s, generate_series(0, 6) AS d(weekday)
WHERE s.quiet_from IS NOT NULL;

-- The settings name hours that are the same on every day, and are set by those who know no others.
CREATE FUNCTION keep_quiet_hours() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM quiet_hours q WHERE q.user_id = NEW.user_id;
    INSERT INTO quiet_hours (user_id, weekday, "from", until)
    SELECT NEW.user_id, d.weekday, NEW.quiet_from, NEW.quiet_until FROM generate_series(0, 6) AS d(weekday)
    WHERE NEW.quiet_from IS NOT NULL;
    RETURN NULL;
END $$;
DO $$
DECLARE
    v_path text := (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s);
BEGIN
    EXECUTE format('ALTER FUNCTION keep_quiet_hours() SET search_path = %s, pg_temp', v_path);
END $$;
CREATE TRIGGER notification_settings_quiet AFTER INSERT OR UPDATE OF quiet_from, quiet_until ON notification_settings
    FOR EACH ROW EXECUTE FUNCTION keep_quiet_hours();

CREATE FUNCTION stamp_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER notification_settings_stamped BEFORE UPDATE ON notification_settings
    FOR EACH ROW EXECUTE FUNCTION stamp_change();
CREATE TRIGGER notification_preferences_stamped BEFORE UPDATE ON notification_preferences
    FOR EACH ROW EXECUTE FUNCTION stamp_change();
