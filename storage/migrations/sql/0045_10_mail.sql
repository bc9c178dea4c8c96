-- Addresses that take no mail, or failed to for now. Which they are nobody can tell who has not the servers' secret:
-- the key is the HMAC of the address. A row of an address that takes mail again has no reason.
CREATE TABLE mail_suppressions (
    address_key bytea PRIMARY KEY,
    reason text
        CONSTRAINT mail_suppressions_reason_known CHECK (reason IN ('hard', 'soft', 'complaint')),
    code text,
    since timestamptz,
    until timestamptz,
    soft_at timestamptz[] NOT NULL DEFAULT '{}',
    soft_events bytea[] NOT NULL DEFAULT '{}',
    released_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT mail_suppressions_key_whole CHECK (octet_length(address_key) = 32),
    CONSTRAINT mail_suppressions_since_whole CHECK ((reason IS NULL) = (since IS NULL)),
    CONSTRAINT mail_suppressions_soft_until CHECK ((until IS NOT NULL) = (reason IS NOT DISTINCT FROM 'soft')),
    CONSTRAINT mail_suppressions_soft_whole CHECK (cardinality(soft_at) = cardinality(soft_events))
);
CREATE INDEX mail_suppressions_updated ON mail_suppressions (updated_at);

-- Notes what became of mails to addresses: 'hard' and 'complaint' suppress at once, and for good; of 'soft' so many
-- (p_soft) different events within a time (p_window) do, for a time (p_lasts); 'sent' takes back the soft event of the
-- same mail. What was before an address was released counts no more. How many addresses take no mail any more by it.
CREATE FUNCTION note_mail_outcomes(
    p_keys bytea[], p_kinds text[], p_events bytea[], p_codes text[], p_at timestamptz[],
    p_soft integer, p_window interval, p_lasts interval
) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    o record;
    s mail_suppressions;
    v_now timestamptz := clock_timestamp();
    v_suppressed integer := 0;
BEGIN
    -- In one order of keys: of two calls about the same addresses one waits.
    FOR o IN
        SELECT u.key, u.kind, u.event, u.code, least(u.at, v_now) AS at
        FROM unnest(p_keys, p_kinds, p_events, p_codes, p_at) AS u (key, kind, event, code, at)
        ORDER BY u.key, u.at, u.event
    LOOP
        IF o.kind = 'sent' THEN
            UPDATE mail_suppressions m SET
                soft_at = m.soft_at[:p.place - 1] || m.soft_at[p.place + 1:],
                soft_events = m.soft_events[:p.place - 1] || m.soft_events[p.place + 1:], updated_at = v_now
            FROM (SELECT array_position(f.soft_events, o.event) AS place
                  FROM mail_suppressions f WHERE f.address_key = o.key) p
            WHERE m.address_key = o.key AND p.place IS NOT NULL;
            CONTINUE;
        END IF;
        INSERT INTO mail_suppressions (address_key) VALUES (o.key) ON CONFLICT DO NOTHING;
        SELECT m.* INTO s FROM mail_suppressions m WHERE m.address_key = o.key FOR NO KEY UPDATE;
        CONTINUE WHEN s.released_at >= o.at OR s.reason = 'hard' OR s.reason = o.kind AND o.kind = 'complaint';
        IF o.kind = 'soft' THEN
            CONTINUE WHEN o.event = ANY (s.soft_events) OR o.at <= v_now - p_window;
            SELECT coalesce(array_agg(f.at ORDER BY f.at), '{}'), coalesce(array_agg(f.event ORDER BY f.at), '{}')
            INTO s.soft_at, s.soft_events
            FROM (
                SELECT * FROM unnest(s.soft_at || o.at, s.soft_events || o.event) AS e (at, event)
                WHERE e.at > v_now - p_window
                ORDER BY e.at DESC LIMIT greatest(p_soft, 20)
            ) f;
            IF cardinality(s.soft_at) >= p_soft AND (s.reason IS NULL OR s.until <= v_now) THEN
                s.reason := 'soft';
                s.since := o.at;
                s.until := o.at + p_lasts;
                s.code := o.code;
                v_suppressed := v_suppressed + 1;
            END IF;
        ELSE
            IF s.reason IS NULL OR s.until <= v_now THEN
                v_suppressed := v_suppressed + 1;
            END IF;
            s.reason := o.kind;
            s.since := o.at;
            s.until := NULL;
            s.code := o.code;
        END IF;
        UPDATE mail_suppressions m SET
            reason = s.reason, since = s.since, until = s.until, code = s.code, soft_at = s.soft_at,
            soft_events = s.soft_events, updated_at = v_now
        WHERE m.address_key = o.key;
    END LOOP;
    RETURN v_suppressed;
END $$;
