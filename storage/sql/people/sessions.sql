-- name: by_access_hash
-- The live session of an access token; notes the activity, at most once a minute.
WITH found AS (
    SELECT s.id AS session_id, s.user_id, u.display_name, s.access_expires_at, s.last_activity_at
    FROM sessions s
    JOIN users u ON u.id = s.user_id
    WHERE s.access_hash = $1
        AND s.revoked_at IS NULL
        AND s.access_expires_at > clock_timestamp()
        AND u.status = 'active'
), touched AS (
    UPDATE sessions s SET last_activity_at = clock_timestamp()
    FROM found f
    WHERE s.id = f.session_id
        AND f.last_activity_at < clock_timestamp() - interval '1 minute'
)
SELECT session_id, user_id, display_name, access_expires_at FROM found

-- name: rotate
-- Exchanges a refresh token; see the function for the verdicts.
SELECT verdict, session_id, user_id, old_access_hash
FROM rotate_session($1, $2, $3, $4::interval, $5::interval, $6::interval)

-- name: live_of_user
-- A page of a user's live sessions, newest first, below the session $2 when it is given.
SELECT id, host(ip) AS ip, user_agent, created_at, last_activity_at, refresh_expires_at
FROM sessions
WHERE user_id = $1
    AND revoked_at IS NULL
    AND refresh_expires_at > clock_timestamp()
    AND ($2::uuid IS NULL OR id < $2)
ORDER BY id DESC
LIMIT $3

-- name: revoke
-- Ends sessions of a user, all of them when none is named; answers with those it ended.
SELECT session_id, access_hash FROM revoke_sessions($1, $2::uuid[], $3)

-- name: change_password
-- Stores another password if it is still the one that was checked, and ends all sessions; withdrawals wait for a
-- while from then on. Answers with those it ended, with one empty row when there were none, with no row when it
-- changed nothing.
WITH changed AS (
    UPDATE user_secrets SET password_hash = $3, password_changed_at = workflow_now()
    WHERE user_id = $1 AND password_hash = $2
    RETURNING user_id
)
SELECT r.session_id, r.access_hash
FROM changed c LEFT JOIN LATERAL revoke_sessions(c.user_id, NULL, 'account') r ON true

-- name: revoked_since
-- What was revoked since a moment, with room for late commits and clocks that differ.
SELECT id, access_hash FROM sessions WHERE revoked_at >= $1::timestamptz - interval '10 seconds'

-- name: prune
-- Forgets sessions that ended, and replaced tokens that would have expired, $1 and longer ago; and
-- networks that nobody logged in from for $3.
WITH ended AS (
    DELETE FROM sessions
    WHERE id IN (
        SELECT id FROM sessions
        WHERE least(refresh_expires_at, revoked_at) < clock_timestamp() - $1::interval
        LIMIT 10000
        FOR UPDATE SKIP LOCKED
    )
), replaced AS (
    DELETE FROM session_replaced_tokens
    WHERE refresh_hash IN (
        SELECT refresh_hash FROM session_replaced_tokens
        WHERE replaced_at < clock_timestamp() - $1::interval - $2::interval
        LIMIT 10000
    )
), left_behind AS (
    DELETE FROM login_networks
    WHERE (user_id, network) IN (
        SELECT user_id, network FROM login_networks
        WHERE last_login_at < clock_timestamp() - $3::interval
        LIMIT 10000
    )
)
SELECT 1
