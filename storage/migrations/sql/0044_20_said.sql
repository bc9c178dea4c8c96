-- What is wanted is read and set by these two.

-- What people want, a row each. `chosen` are the pairs that they have set, as {"message:push": true}: of others the
-- default holds. `quiet_hours` are [{"weekday", "from", "until"}] in order.
CREATE FUNCTION notification_wishes(p_users uuid[]) RETURNS TABLE (
    user_id uuid, chosen jsonb, quiet_hours jsonb, digest text, digest_hour integer, digest_weekday integer,
    snooze_until timestamptz, show_text boolean, zone text, locale text
)
LANGUAGE sql STABLE AS $$
    SELECT u.id, coalesce(c.chosen, '{}'), coalesce(q.hours, '[]'), coalesce(s.digest, 'off'),
           coalesce(s.digest_hour, 9), coalesce(s.digest_weekday, 0), s.snooze_until, coalesce(s.show_text, true),
           u.timezone, u.locale
    FROM users u
    LEFT JOIN notification_settings s ON s.user_id = u.id
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(p.category || ':' || p.channel, p.is_enabled) AS chosen
        FROM notification_preferences p WHERE p.user_id = u.id
    ) c ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('weekday', h.weekday, 'from', h."from", 'until', h.until)
                         ORDER BY h.weekday, h."from") AS hours
        FROM quiet_hours h WHERE h.user_id = u.id
    ) q ON true
    WHERE u.id = ANY (p_users)
$$;

-- Sets what `p_said` has, all of it or nothing: {preferences, quiet_hours, digest, snooze_until, show_text}, of which
-- what is absent stays. Calls of one person take turns: by the row of settings, or by their first pair in common.
CREATE FUNCTION set_notification_wishes(p_user uuid, p_said jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_every record;
BEGIN
    IF p_said ?| ARRAY['quiet_hours', 'digest', 'snooze_until', 'show_text'] THEN
        INSERT INTO notification_settings (user_id) VALUES (p_user) ON CONFLICT DO NOTHING;
        UPDATE notification_settings s SET
            digest = coalesce(p_said #>> '{digest,every}', s.digest),
            digest_hour = coalesce((p_said #>> '{digest,hour}')::integer, s.digest_hour),
            digest_weekday = coalesce((p_said #>> '{digest,weekday}')::integer, s.digest_weekday),
            snooze_until = CASE WHEN p_said ? 'snooze_until' THEN (p_said ->> 'snooze_until')::timestamptz
                                ELSE s.snooze_until END,
            show_text = coalesce((p_said ->> 'show_text')::boolean, s.show_text)
        WHERE s.user_id = p_user;
    END IF;
    IF p_said ? 'quiet_hours' THEN
        -- One pair of hours for all seven days, if it is so.
        SELECT min(h."from") AS "from", min(h.until) AS until INTO v_every
        FROM jsonb_to_recordset(p_said -> 'quiet_hours') AS h(weekday integer, "from" time, until time)
        HAVING count(*) = 7 AND count(DISTINCT h.weekday) = 7
           AND count(DISTINCT h."from") = 1 AND count(DISTINCT h.until) = 1;
        UPDATE notification_settings s SET quiet_from = v_every."from", quiet_until = v_every.until
        WHERE s.user_id = p_user;
        -- The trigger has written hours of every day, or taken all away.
        INSERT INTO quiet_hours (user_id, weekday, "from", until)
        SELECT p_user, h.weekday, h."from", h.until
        FROM jsonb_to_recordset(p_said -> 'quiet_hours') AS h(weekday integer, "from" time, until time)
        WHERE v_every."from" IS NULL;
    END IF;
    INSERT INTO notification_preferences AS p (user_id, category, channel, is_enabled)
    SELECT p_user, w.category, w.channel, w.is_enabled
    FROM jsonb_to_recordset(p_said -> 'preferences') AS w(category text, channel text, is_enabled boolean)
    ORDER BY w.category, w.channel
    ON CONFLICT (user_id, category, channel) DO UPDATE SET is_enabled = EXCLUDED.is_enabled;
END $$;
