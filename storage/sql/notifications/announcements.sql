-- Announcements, and whom they are told to.

-- name: is_admin
-- Whether a user ($1) may announce.
SELECT EXISTS (SELECT FROM users u WHERE u.id = $1 AND u.staff_role = 'admin' AND u.status = 'active')

-- name: count
-- How many people a filter ($1) means now.
SELECT count(*) FROM announced_to(
    $1::text::jsonb, clock_timestamp(), '00000000-0000-0000-0000-000000000000', NULL)

-- name: make
-- A new one, which a process begins with at once.
WITH asked AS (
    UPDATE schedules s SET next_at = clock_timestamp() WHERE s.name = 'announcements'
)
INSERT INTO announcements (created_by, category, priority, title, content, link, filter, recipients)
SELECT $1, $2, $3, $4::text::jsonb, $5::text::jsonb, $6, $7::text::jsonb, count(*)
FROM announced_to($7::text::jsonb, clock_timestamp(), '00000000-0000-0000-0000-000000000000', NULL)
RETURNING *

-- name: get
-- One by its id.
SELECT a.* FROM announcements a WHERE a.id = $1

-- name: cancel
-- Nobody else is told, once those who are being told are.
UPDATE announcements a SET status = 'cancelled', ended_at = clock_timestamp()
WHERE a.id = $1 AND a.status = 'running'
RETURNING a.*

-- name: running
-- The oldest that is not at its end, locked until the transaction ends.
SELECT a.* FROM announcements a WHERE a.status = 'running'
ORDER BY a.created_at, a.id LIMIT 1
FOR UPDATE

-- name: next
-- At most $4 of the next people ($1: after whom) whom a filter ($2) means, of those who were there at a time ($3); until
-- whom ($5 at most) people have been looked at, NULL if there was nobody.
WITH near AS MATERIALIZED (
    SELECT u.id FROM users u WHERE u.id > $1 ORDER BY u.id LIMIT $5::integer
), meant AS MATERIALIZED (
    SELECT a.id FROM announced_to($2::text::jsonb, $3::timestamptz, $1, $5::integer) AS a (id) ORDER BY a.id LIMIT $4
)
SELECT coalesce((SELECT array_agg(m.id ORDER BY m.id) FROM meant m), '{}') AS ids,
       CASE WHEN (SELECT count(*) FROM meant) = $4 THEN (SELECT max(m.id::text) FROM meant m)
            ELSE (SELECT max(n.id::text) FROM near n) END::uuid AS until

-- name: told
-- Some more ($2) have been told, and all until one of them ($3); without that one it is at its end.
UPDATE announcements a SET
    told = a.told + $2, last_user_id = coalesce($3::uuid, a.last_user_id),
    status = CASE WHEN $3::uuid IS NULL THEN 'done' ELSE 'running' END,
    ended_at = CASE WHEN $3::uuid IS NULL THEN clock_timestamp() END
WHERE a.id = $1
