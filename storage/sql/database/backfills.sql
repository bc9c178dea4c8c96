-- Rows that a release adds something to, filled in parts while servers run.

-- name: open
-- What is not done yet.
SELECT b.name FROM backfills b WHERE b.done_at IS NULL ORDER BY b.name

-- name: archived
-- Members with an archived conversation get the message up to which it is archived.
SELECT backfill_archived($1)

-- name: replies
-- The counts of threads leave out the replies that were deleted before.
SELECT backfill_replies($1)

-- name: login_networks
-- A login from where its account has logged in lately need not wait while others guess its password.
SELECT backfill_login_networks($1)

-- name: names
-- People that were there before are found by their names.
SELECT backfill_names($1)

-- name: role_ratings
-- The ratings of profiles count the reviews of their role only.
SELECT backfill_role_ratings($1)
