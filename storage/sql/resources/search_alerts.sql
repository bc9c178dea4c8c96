-- Saved searches that are to be looked at again, because something has appeared since.

-- name: until
-- Up to when everything that appeared can be seen: what is published now may not be committed yet.
SELECT workflow_now() - make_interval(secs => $1::float8)

-- name: due
-- At most $3 saved searches whose time has come by $1, and of whose kind ($4) the newest ($5) appeared after they were
-- looked at last, those who wait for longest first; since when each looks, not longer ago than $2. Locked. The first of
-- each kind and frequency are read in the order of an index, however many are due.
WITH first AS MATERIALIZED (
    SELECT f.id, f.looked_at
    FROM unnest($4::text[], $5::timestamptz[]) AS n (kind, newest)
    CROSS JOIN (VALUES ('immediate', interval '0'), ('daily', interval '1 day'), ('weekly', interval '7 days'))
        AS e (every, pause)
    CROSS JOIN LATERAL (
        SELECT s.id, coalesce(s.alerted_at, s.created_at) AS looked_at
        FROM saved_searches s
        WHERE s.alert_enabled AND s.search_type = n.kind AND s.alert_frequency = e.every
          AND coalesce(s.alerted_at, s.created_at) < n.newest
          AND coalesce(s.alerted_at, s.created_at) <= $1::timestamptz - e.pause
          AND EXISTS (SELECT FROM users u WHERE u.id = s.user_id AND u.status = 'active' OFFSET 0)
        ORDER BY coalesce(s.alerted_at, s.created_at), s.id
        LIMIT $3
    ) f
    ORDER BY f.looked_at, f.id
    LIMIT $3
)
SELECT s.id, s.user_id, s.search_type, s.search_params, greatest(f.looked_at, $2::timestamptz) AS since
FROM first f
JOIN saved_searches s ON s.id = f.id
WHERE s.alert_enabled AND coalesce(s.alerted_at, s.created_at) = f.looked_at
ORDER BY f.looked_at, f.id
FOR NO KEY UPDATE OF s SKIP LOCKED

-- name: looked
-- They ($1) have been looked at for what appeared until a time ($2).
UPDATE saved_searches s SET alerted_at = $2 WHERE s.id = ANY ($1::uuid[])
