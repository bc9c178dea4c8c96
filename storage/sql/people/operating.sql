-- name: found
-- The account of an id ($1), or of an address as it was typed ($2) or in its one spelling ($3).
SELECT u.id, u.display_name, u.kind, u.staff_role, u.status, p.email::text AS email, p.email_verified_at,
    u.created_at, p.last_login_at,
    (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND s.revoked_at IS NULL
        AND s.refresh_expires_at > now()) AS logins
FROM users u
JOIN user_private p ON p.user_id = u.id
WHERE u.id = $1
    OR (p.email = $2::text::citext AND num_nulls(p.email_canonical) = 1)
    OR p.email_canonical = $3::text::citext
ORDER BY num_nulls(p.email_canonical) DESC, u.id
LIMIT 1

-- name: promote
-- Gives an active account a role of staff, or takes it away with null; a row when there was one to change.
UPDATE users SET staff_role = $2 WHERE id = $1 AND (status = 'active' OR $2::text IS NULL)
RETURNING id

-- name: verify_address
-- Takes the address for the person's own. Since when it is.
UPDATE user_private SET email_verified_at = coalesce(email_verified_at, now()) WHERE user_id = $1
RETURNING email_verified_at

-- name: activate
-- An account that waited for its address to be verified may be used now.
UPDATE users SET status = 'active' WHERE id = $1 AND status = 'pending_verification'
