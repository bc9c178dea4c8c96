-- name: email_is_known
-- Whether an account has this address, in any case of its letters.
SELECT EXISTS (SELECT FROM user_private WHERE email = $1::text::citext)

-- name: register
-- A new account with its three parts and its first login, all or nothing.
WITH person AS (
    INSERT INTO users (display_name, kind) VALUES ($3, $4)
    RETURNING *
), private AS (
    INSERT INTO user_private (user_id, email, login_count, last_login_at)
    SELECT id, $1::text::citext, 1, now() FROM person
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
)
SELECT u.id, u.display_name, u.kind, u.staff_role, u.status, p.email::text AS email,
    p.email_verified_at, u.avatar, u.locale, u.timezone, u.messages_from,
    u.created_at, u.updated_at, u.version
FROM person u CROSS JOIN private p

-- name: credentials
-- What a login is checked against.
SELECT u.id AS user_id, u.status, s.password_hash
FROM user_private p
JOIN users u ON u.id = p.user_id
JOIN user_secrets s ON s.user_id = p.user_id
WHERE p.email = $1::text::citext

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
    p.email_verified_at, u.avatar, u.locale, u.timezone, u.messages_from,
    u.created_at, u.updated_at, u.version
FROM users u
JOIN user_private p ON p.user_id = u.id
WHERE u.id = $1
