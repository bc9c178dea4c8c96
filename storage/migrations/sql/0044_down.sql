-- Takes back what 0044 made. Quiet hours stay where they are the same on every day, an hourly digest becomes a daily
-- one, and what could not be turned off stays on.
DROP FUNCTION set_notification_wishes(uuid, jsonb), notification_wishes(uuid[]);
DROP TRIGGER notification_preferences_stamped ON notification_preferences;
DROP TRIGGER notification_settings_stamped ON notification_settings;
DROP TRIGGER notification_settings_quiet ON notification_settings;
DROP FUNCTION stamp_change(), keep_quiet_hours();
DROP TABLE quiet_hours;
UPDATE notification_settings SET digest = 'daily' WHERE digest = 'hourly';
ALTER TABLE notification_settings
    DROP CONSTRAINT notification_settings_quiet_until_day,
    DROP CONSTRAINT notification_settings_quiet_from_day,
    DROP CONSTRAINT notification_settings_quiet_until_other,
    DROP COLUMN show_text,
    DROP COLUMN snooze_until,
    DROP COLUMN digest_weekday,
    DROP COLUMN digest_hour,
    DROP CONSTRAINT notification_settings_digest_known,
    ADD CONSTRAINT notification_settings_digest_known CHECK (digest IN ('off', 'daily', 'weekly'));
DELETE FROM notification_preferences WHERE category = 'security';
ALTER TABLE notification_preferences
    DROP CONSTRAINT notification_preferences_is_enabled_always,
    DROP CONSTRAINT notification_preferences_category_known,
    ADD CONSTRAINT notification_preferences_category_known CHECK (category IN (
        'message', 'job', 'proposal', 'contract', 'payment', 'review', 'marketing'));
