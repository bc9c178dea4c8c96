-- A push device belongs to the login that registered it, and a browser's has the keys of its subscription.
-- A browser without keys can be sent nothing: it registers anew. Telephones stay, of no login, until they do.
DELETE FROM push_devices WHERE platform = 'web';

ALTER TABLE push_devices
    ADD COLUMN session_id uuid REFERENCES sessions (id) ON DELETE CASCADE,
    ADD COLUMN p256dh bytea CHECK (octet_length(p256dh) = 65),
    ADD COLUMN auth bytea CHECK (octet_length(auth) = 16),
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN stale_at timestamptz,
    ADD COLUMN last_used_at timestamptz,
    ADD CONSTRAINT push_devices_keys_check
        CHECK ((platform = 'web') = (p256dh IS NOT NULL) AND (platform = 'web') = (auth IS NOT NULL));
CREATE INDEX push_devices_of_session ON push_devices (session_id);

-- A function registers devices now, of whose login and keys columns say nothing.
DROP POLICY push_devices_create ON push_devices;
REVOKE INSERT (locale, platform, token, user_id) ON push_devices FROM parley_app;

-- Whatever ends a login (leaving, a revocation, another password, a refresh token used twice) ends its devices.
CREATE FUNCTION end_push_devices() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM push_devices d WHERE d.session_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER sessions_end_push_devices AFTER UPDATE OF revoked_at ON sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION end_push_devices();

-- Registers a device for a login, at most p_most a person. The verdict is 'ok' for a new one and 'repeat' where the
-- person has it already; 'ended' where the login has; 'device_taken' where another login has it with other keys,
-- or another person without any; 'too_many_devices'; 'busy' where another person has just been faster.
CREATE FUNCTION register_push_device(
    p_user uuid, p_session uuid, p_platform text, p_token text, p_p256dh bytea, p_auth bytea,
    p_expires_at timestamptz, p_locale text, p_most integer
) RETURNS TABLE (verdict text, device_id uuid)
LANGUAGE plpgsql AS $$
DECLARE
    v_there push_devices%ROWTYPE;
    v_id uuid;
BEGIN
    -- An end of the login waits for this, and then takes the device with it.
    PERFORM FROM sessions s WHERE s.id = p_session AND s.user_id = p_user AND s.revoked_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'ended', NULL::uuid;
        RETURN;
    END IF;
    -- One at a time for each person: the statements below see what an earlier one has kept.
    PERFORM FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
    SELECT * INTO v_there FROM push_devices d WHERE d.token = p_token FOR UPDATE;
    IF v_there.id IS NOT NULL AND v_there.session_id IS DISTINCT FROM p_session
        AND ((v_there.p256dh, v_there.auth) IS DISTINCT FROM (p_p256dh, p_auth)
            -- A token alone proves nothing: whoever knows another person's does not get it.
            OR (p_p256dh IS NULL AND v_there.user_id <> p_user))
    THEN
        RETURN QUERY SELECT 'device_taken', NULL::uuid;
        RETURN;
    END IF;
    IF v_there.user_id = p_user THEN
        UPDATE push_devices d SET
            session_id = p_session, platform = p_platform, p256dh = p_p256dh, auth = p_auth,
            expires_at = p_expires_at, locale = p_locale, stale_at = NULL, last_seen_at = clock_timestamp()
        WHERE d.id = v_there.id;
        RETURN QUERY SELECT 'repeat', v_there.id;
        RETURN;
    END IF;
    DELETE FROM push_devices d WHERE d.user_id = p_user AND (
        d.expires_at <= clock_timestamp()
        OR EXISTS (
            SELECT FROM sessions s WHERE s.id = d.session_id AND s.refresh_expires_at <= clock_timestamp()));
    IF (SELECT count(*) FROM push_devices d WHERE d.user_id = p_user) >= p_most THEN
        RETURN QUERY SELECT 'too_many_devices', NULL::uuid;
        RETURN;
    END IF;
    -- Another id than the other person's: what is under way to that one does not follow.
    DELETE FROM push_devices d WHERE d.id = v_there.id;
    INSERT INTO push_devices (user_id, session_id, platform, token, p256dh, auth, expires_at, locale)
    VALUES (p_user, p_session, p_platform, p_token, p_p256dh, p_auth, p_expires_at, p_locale)
    ON CONFLICT (token) DO NOTHING
    RETURNING id INTO v_id;
    RETURN QUERY SELECT CASE WHEN v_id IS NULL THEN 'busy' ELSE 'ok' END, v_id;
END $$;
