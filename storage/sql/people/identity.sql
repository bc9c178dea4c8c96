-- name: email_is_known
-- Whether an account has this address: $2 in its one spelling, or $1 as it was typed in a row without.
-- num_nulls, so that the index of rows without is not read instead of that of email.
SELECT EXISTS (SELECT FROM user_private WHERE email_canonical = $2::text::citext)
    OR EXISTS (
        SELECT FROM user_private WHERE email = $1::text::citext AND num_nulls(email_canonical) = 1
    )

-- name: register
-- A new account with its three parts and its first login, all or nothing.
WITH person AS (
    INSERT INTO users (display_name, kind) VALUES ($3, $4)
    RETURNING *
), private AS (
    INSERT INTO user_private (user_id, email, email_canonical, login_count, last_login_at)
    SELECT id, $1::text::citext, $11::text::citext, 1, now() FROM person
    RETURNING *
), secret AS (
    INSERT INTO user_secrets (user_id, password_hash)
    SELECT id, $2 FROM person
), login AS (
    INSERT INTO sessions (
        user_id, access_hash, access_expires_at, refresh_hash, refresh_expires_at, ip, user_agent
    )
    SELECT id, $5, clock_timestamp() + $6::interval, $7, clock_timestamp() + $8::interval,
        $9::text::inet, $10
    FROM person
), placed AS (
    INSERT INTO login_networks (user_id, network, last_login_at)
    SELECT id, $12::text::cidr, clock_timestamp() FROM person WHERE $12::text IS NOT NULL
)
SELECT u.id, u.display_name, u.kind, u.staff_role, u.status, p.email::text AS email,
    p.email_canonical IS NULL AS must_change_email, p.email_verified_at, u.avatar, u.locale, u.timezone,
    u.messages_from, u.created_at, u.updated_at, u.version
FROM person u CROSS JOIN private p

-- name: credentials
-- What a login is checked against, in one row; without an account all of it is null but folded, by which its
-- limits go: the account, or the address as the database compares it. $1 is the address as typed, $2 its one
-- spelling if it has one. A row without spelling is found as it was typed, before the account that has the
-- spelling: its owner has no other way in.
SELECT coalesce(f.user_id::text, lower(coalesce($2::text, $1::text))) AS folded, f.user_id, u.status,
    s.password_hash, f.email_canonical IS NULL AS lacks_canonical,
    EXISTS (
        SELECT FROM login_networks n
        WHERE n.user_id = f.user_id AND n.network = $3::text::cidr
            AND n.last_login_at > clock_timestamp() - $4::interval
    ) AS is_familiar
FROM (SELECT) AS always
LEFT JOIN (
    SELECT p.user_id, p.email_canonical, 1 AS place
    FROM user_private p WHERE p.email = $1::text::citext AND num_nulls(p.email_canonical) = 1
    UNION ALL
    SELECT p.user_id, p.email_canonical, 2
    FROM user_private p WHERE p.email_canonical = $2::text::citext
    ORDER BY place, user_id
    LIMIT 1
) f ON true
LEFT JOIN users u ON u.id = f.user_id
LEFT JOIN user_secrets s ON s.user_id = f.user_id

-- name: open_session
-- A login, if the password is still the one that was checked; a row when it was opened. The lock
-- makes it wait for a change of the password, and see it: that ends the sessions that it finds.
WITH checked AS (
    SELECT user_id FROM user_secrets WHERE user_id = $1 AND password_hash = $2 FOR SHARE
), counted AS (
    UPDATE user_private p SET login_count = p.login_count + 1, last_login_at = clock_timestamp()
    FROM checked c
    WHERE p.user_id = c.user_id
    RETURNING p.user_id
), placed AS (
    INSERT INTO login_networks (user_id, network, last_login_at)
    SELECT user_id, $9::text::cidr, clock_timestamp() FROM counted WHERE $9::text IS NOT NULL
    ON CONFLICT (user_id, network) DO UPDATE SET last_login_at = excluded.last_login_at
)
INSERT INTO sessions (
    user_id, access_hash, access_expires_at, refresh_hash, refresh_expires_at, ip, user_agent
)
SELECT user_id, $3, clock_timestamp() + $4::interval, $5, clock_timestamp() + $6::interval,
    $7::text::inet, $8
FROM counted
RETURNING id

-- name: credentials_of
-- What a user's password is checked against.
SELECT u.id AS user_id, u.status, s.password_hash
FROM users u
JOIN user_secrets s ON s.user_id = u.id
WHERE u.id = $1

-- name: replace_hash
-- The same password hashed with the parameters of today.
UPDATE user_secrets SET password_hash = $3 WHERE user_id = $1 AND password_hash = $2

-- name: account
-- A user as that user sees it.
SELECT u.id, u.display_name, u.kind, u.staff_role, u.status, p.email::text AS email,
    p.email_canonical IS NULL AS must_change_email, p.email_verified_at, u.avatar, u.locale, u.timezone,
    u.messages_from, u.created_at, u.updated_at, u.version
FROM users u
JOIN user_private p ON p.user_id = u.id
WHERE u.id = $1
