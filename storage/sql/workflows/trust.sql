-- What the machines of trust ask.

-- name: staff
-- Everybody who is staff.
SELECT u.id FROM users u WHERE u.staff_role IS NOT NULL AND u.status = 'active'
