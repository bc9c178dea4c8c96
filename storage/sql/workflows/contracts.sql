-- What effects of contracts ask for besides rows.

-- name: invitable
-- The user $2, if they are active and no staff, neither has blocked the other, and they are not $1 themselves.
SELECT u.id FROM users u
WHERE u.id = $2 AND u.id <> $1 AND u.status = 'active' AND u.staff_role IS NULL AND NOT EXISTS (
    SELECT FROM user_blocks b
    WHERE (b.blocker_id = $1 AND b.blocked_id = $2) OR (b.blocker_id = $2 AND b.blocked_id = $1))
