-- What effects of contracts ask for besides rows.

-- name: figures
-- Locks the profile of a freelancer ($1), and counts their contracts besides one ($2) that have ended: how many in
-- all, how many completed; milestones with a due time that were handed in and paid, and how many of them in time.
WITH profile AS (
    SELECT p.user_id, p.rating FROM freelancer_profiles p WHERE p.user_id = $1 FOR NO KEY UPDATE
)
SELECT p.rating, e.ended, e.completed, m.handed_in, m.in_time
FROM profile p
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.status = 'completed' OR EXISTS (
               SELECT FROM milestones m WHERE m.contract_id = c.id AND m.funded_at IS NOT NULL)) AS ended,
           count(*) FILTER (WHERE c.status = 'completed') AS completed
    FROM contracts c
    WHERE c.freelancer_id = p.user_id AND c.id <> $2
      AND c.status IN ('completed', 'refunded', 'cancelled', 'terminated')
) e
CROSS JOIN LATERAL (
    SELECT count(*) AS handed_in, count(*) FILTER (WHERE m.submitted_at <= m.due_date) AS in_time
    FROM contracts c JOIN milestones m ON m.contract_id = c.id
    WHERE c.freelancer_id = p.user_id AND c.id <> $2 AND m.status = 'paid' AND m.due_date IS NOT NULL
) m

-- name: invitable
-- The user $2, if they are active and no staff, neither has blocked the other, and they are not $1 themselves.
SELECT u.id FROM users u
WHERE u.id = $2 AND u.id <> $1 AND u.status = 'active' AND u.staff_role IS NULL AND NOT EXISTS (
    SELECT FROM user_blocks b
    WHERE (b.blocker_id = $1 AND b.blocked_id = $2) OR (b.blocker_id = $2 AND b.blocked_id = $1))
