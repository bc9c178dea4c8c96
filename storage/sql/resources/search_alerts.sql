-- Saved searches that are to be looked at again, because something has appeared since.

-- name: until
-- Up to when everything that appeared can be seen: what is published now may not be committed yet.
SELECT workflow_now() - make_interval(secs => $1::float8)

-- name: due
-- At most $3 saved searches whose time has come by $1, and of whose kind ($4) the newest ($5) appeared after they were
-- looked at last, those who wait for longest first; since when each looks, not longer ago than $2. Locked.
SELECT s.id, s.user_id, s.search_type, s.search_params, greatest(coalesce(s.alerted_at, s.created_at), $2::timestamptz) AS since
FROM saved_searches s
JOIN unnest($4::text[], $5::timestamptz[]) AS n (kind, newest) ON n.kind = s.search_type
JOIN users u ON u.id = s.user_id AND u.status = 'active'
WHERE s.alert_enabled AND coalesce(s.alerted_at, s.created_at) < n.newest
  AND (s.alert_frequency = 'immediate'
       OR s.alert_frequency = 'daily' AND coalesce(s.alerted_at, s.created_at) <= $1::timestamptz - interval '1 day'
       OR s.alert_frequency = 'weekly' AND coalesce(s.alerted_at, s.created_at) <= $1::timestamptz - interval '7 days')
ORDER BY s.alerted_at NULLS FIRST, s.id
LIMIT $3
FOR NO KEY UPDATE OF s SKIP LOCKED

-- name: looked
-- They ($1) have been looked at for what appeared until a time ($2).
UPDATE saved_searches s SET alerted_at = $2 WHERE s.id = ANY ($1::uuid[])
