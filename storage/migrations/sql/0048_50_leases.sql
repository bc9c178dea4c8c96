-- What workers write about the deliveries that they have leased: they renew their leases beside recording.

-- Locks deliveries in the one order in which everything locks several of them: digests first, then by person and
-- id. What is written to them belongs into a statement of its own, which begins with what is there by then. One
-- that locked and wrote would pass over rows: where another has changed them while it waited, PostgreSQL looks at
-- them again, and of a partitioned table may miss those of all partitions but one.
CREATE FUNCTION lock_deliveries(p_users uuid[], p_ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM unnest(p_users, p_ids) AS r(user_id, id)
    JOIN notification_deliveries d ON d.user_id = r.user_id AND d.id = r.id
    ORDER BY d.group_key <> 'digest', d.user_id, d.id
    FOR NO KEY UPDATE OF d;
END $$;

-- Holds leases for p_s s from now; answers the ids of those that are still their holders'.
CREATE FUNCTION renew_deliveries(p_users uuid[], p_ids uuid[], p_leases uuid[], p_s float8) RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_deliveries(p_users, p_ids);
    RETURN QUERY
    UPDATE notification_deliveries d SET next_attempt_at = clock_timestamp() + make_interval(secs => p_s)
    FROM unnest(p_users, p_ids, p_leases) AS r(user_id, id, lease)
    WHERE d.user_id = r.user_id AND d.id = r.id AND d.lease = r.lease
    RETURNING d.id;
END $$;

-- Records what became of deliveries whose lease is still held, and what digests among them carried; answers the
-- ids of those recorded. What has no reason is given back as it was; what waits without a time is due.
CREATE FUNCTION record_deliveries(
    p_users uuid[], p_ids uuid[], p_leases uuid[], p_statuses text[], p_reasons text[], p_next timestamptz[],
    p_tries integer[], p_message_ids text[], p_errors text[], p_told bigint[], p_held timestamptz[],
    p_carried uuid[], p_carriers uuid[]
) RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_deliveries(p_users, p_ids);
    RETURN QUERY
    WITH recorded AS (
        UPDATE notification_deliveries d
        SET status = r.status, reason = coalesce(r.reason, d.reason), lease = NULL,
            next_attempt_at = coalesce(r.next_at, CASE r.status WHEN 'deferred' THEN clock_timestamp() END),
            attempts = d.attempts + r.tries, message_id = coalesce(r.message_id, d.message_id),
            error = CASE WHEN r.reason IS NULL THEN d.error ELSE r.error END, told = r.told,
            held_since = coalesce(d.held_since, r.held_since),
            sent_at = CASE WHEN r.status = 'sent' THEN clock_timestamp() END,
            tried_since = coalesce(d.tried_since, CASE
                WHEN r.tries > 0 OR r.reason = 'failed' THEN clock_timestamp() END), updated_at = clock_timestamp()
        FROM unnest(
            p_users, p_ids, p_leases, p_statuses, p_reasons, p_next, p_tries, p_message_ids, p_errors, p_told, p_held
        ) AS r(user_id, id, lease, status, reason, next_at, tries, message_id, error, told, held_since)
        WHERE d.user_id = r.user_id AND d.id = r.id AND d.lease = r.lease
        RETURNING d.user_id, d.id
    ), carried AS (
        INSERT INTO notification_delivery_items (user_id, notification_id, delivery_id)
        SELECT c.user_id, i.notification_id, c.id
        FROM unnest(p_carried, p_carriers) AS i(notification_id, delivery_id)
        JOIN recorded c ON c.id = i.delivery_id
    )
    SELECT c.id FROM recorded c;
END $$;

-- Records that deliveries wait for digests, each for the one whose window ends at its time, which is queued unless
-- it is there; answers the ids of those recorded. If that digest is on its way already, the delivery is judged again,
-- for the next.
CREATE FUNCTION record_digested(p_users uuid[], p_ids uuid[], p_leases uuid[], p_ends timestamptz[])
RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notification_deliveries AS d (
        user_id, channel, endpoint, group_key, edition, category, rank, next_attempt_at)
    SELECT DISTINCT r.user_id, 'email', 'email', 'digest', extract(epoch FROM r.ends_at)::bigint,
           'digest', 2, r.ends_at
    FROM unnest(p_users, p_ends) AS r(user_id, ends_at)
    ORDER BY r.user_id, 5
    -- Locked whatever its state: no worker takes it before this is there.
    ON CONFLICT ON CONSTRAINT deliveries_once DO UPDATE SET updated_at = d.updated_at;
    PERFORM lock_deliveries(p_users, p_ids);
    RETURN QUERY
    WITH result AS (
        SELECT r.user_id, r.id, r.lease, g.status IN ('pending', 'deferred') AS is_queued
        FROM unnest(p_users, p_ids, p_leases, p_ends) AS r(user_id, id, lease, ends_at)
        JOIN notification_deliveries g ON g.user_id = r.user_id AND g.channel = 'email' AND g.endpoint = 'email'
            AND g.group_key = 'digest' AND g.edition = extract(epoch FROM r.ends_at)::bigint
    )
    UPDATE notification_deliveries d
    SET status = CASE WHEN r.is_queued THEN 'cancelled' ELSE 'deferred' END, reason = 'digest',
        next_attempt_at = CASE WHEN NOT r.is_queued THEN clock_timestamp() + interval '1 second' END,
        lease = NULL, error = NULL, updated_at = clock_timestamp()
    FROM result r
    WHERE d.user_id = r.user_id AND d.id = r.id AND d.lease = r.lease
    RETURNING d.id;
END $$;
