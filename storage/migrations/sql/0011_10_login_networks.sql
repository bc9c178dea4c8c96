-- Where an account has logged in from: a login from there need not wait while others guess its password.

-- network is a /24 of IPv4 or a /64 of IPv6 (protocol/addresses.py).
CREATE TABLE login_networks (
    user_id uuid NOT NULL,
    network cidr NOT NULL,
    last_login_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, network)
);

-- Reads sessions and locks nobody out; the tables that others write come after it.
INSERT INTO login_networks (user_id, network, last_login_at)
SELECT s.user_id, network(set_masklen(s.ip, CASE family(s.ip) WHEN 4 THEN 24 ELSE 64 END)), max(s.created_at)
FROM sessions s
WHERE s.ip IS NOT NULL AND s.created_at > now() - interval '30 days'
GROUP BY 1, 2;

CREATE INDEX login_networks_by_age ON login_networks (last_login_at);
ALTER TABLE login_networks ADD CONSTRAINT login_networks_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
GRANT SELECT, INSERT, UPDATE, DELETE ON login_networks TO parley_service;
