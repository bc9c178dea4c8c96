-- name: notify
-- Creates notifications, or raises the counts of the groups they belong to.
SELECT notify_users($1::jsonb)

-- name: read
-- Marks as read, by ids or up to a time; with $4 puts away. Answers how many changed.
SELECT read_notifications($1, $2::uuid[], $3, $4) AS changed
