-- Where an account has logged in from: a login from there need not wait while others guess its password.

-- network is a /24 of IPv4 or a /64 of IPv6 (protocol/addresses.py).
CREATE TABLE login_networks (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    network cidr NOT NULL,
    last_login_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, network)
);
CREATE INDEX login_networks_by_age ON login_networks (last_login_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON login_networks TO parley_service;

INSERT INTO backfills (name, done_at)
SELECT 'login_networks', CASE WHEN NOT EXISTS (SELECT FROM sessions) THEN now() END;

-- The networks of the sessions of the last 30 days, of the next p_limit people. Returns how many there were, NULL
-- when another process is at it.
CREATE FUNCTION backfill_login_networks(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_at backfills;
    v_users uuid[];
BEGIN
    SELECT b.* INTO v_at FROM backfills b WHERE b.name = 'login_networks' FOR UPDATE SKIP LOCKED;
    IF v_at.name IS NULL THEN
        RETURN NULL;
    END IF;
    v_users := ARRAY(
        SELECT DISTINCT s.user_id FROM sessions s
        WHERE s.user_id > v_at.user_id
        ORDER BY s.user_id
        LIMIT p_limit
    );
    IF v_users = '{}' THEN
        UPDATE backfills b SET done_at = clock_timestamp() WHERE b.name = 'login_networks';
        RETURN 0;
    END IF;
    INSERT INTO login_networks AS n (user_id, network, last_login_at)
    SELECT s.user_id, network(set_masklen(s.ip, CASE family(s.ip) WHEN 4 THEN 24 ELSE 64 END)) AS network,
           max(s.created_at)
    FROM sessions s
    WHERE s.user_id = ANY (v_users) AND s.ip IS NOT NULL AND s.created_at > now() - interval '30 days'
    GROUP BY 1, 2
    -- In one order, and a login of meanwhile is the newer one.
    ORDER BY 1, 2
    ON CONFLICT (user_id, network) DO UPDATE
    SET last_login_at = greatest(n.last_login_at, excluded.last_login_at);
    UPDATE backfills b SET user_id = v_users[cardinality(v_users)] WHERE b.name = 'login_networks';
    RETURN cardinality(v_users);
END $$;
