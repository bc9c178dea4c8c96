-- Takes back what the step made. Browsers stay, without the keys that nothing of before reads.
DROP FUNCTION register_push_device(uuid, uuid, text, text, bytea, bytea, timestamptz, text, integer);
DROP TRIGGER sessions_end_push_devices ON sessions;
DROP FUNCTION end_push_devices();
ALTER TABLE push_devices
    DROP COLUMN session_id,
    DROP COLUMN p256dh,
    DROP COLUMN auth,
    DROP COLUMN expires_at,
    DROP COLUMN stale_at,
    DROP COLUMN last_used_at;
GRANT INSERT (locale, platform, token, user_id) ON push_devices TO parley_app;
CREATE POLICY push_devices_create ON push_devices FOR INSERT TO parley_app
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
